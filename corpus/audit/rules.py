"""Doubts about mentions that are there: other labels or links than like ones, borders, blanks."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from corpus.audit.doubts import Doubt, doubt_of, surface_of
from corpus.audit.habits import Border, Common, Habits, borders_of, common_of, targets_of
from corpus.model import NIL, Document, Layer, Mention

_RARE = 5  # mentions of a label in the whole corpus
_OPENERS = {")": "(", "]": "[", "}": "{", "»": "«"}
_QUOTES = re.compile('["“”„]')  # of which a language may open and close with the same
_LOOSE = set(",;:!?…–—") | {"..."}


def doubts_about(document: Document, layer: Layer, habits: Habits) -> Iterator[Doubt]:
    """What is doubtful about each mention of the layer."""
    linked = _linked_here(document, layer)
    for mention in layer.mentions:
        surface = surface_of(document.text, mention.start, mention.end)
        yield from _label_variant(document, mention, habits.labels[surface])
        yield from _link_variant(document, mention, habits.targets.get(surface), linked[surface])
        yield from _broken_span(document, mention)
        yield from _boundary(document, mention, habits)


def _linked_here(document: Document, layer: Layer) -> dict[str, Common]:
    found: dict[str, Counter[str]] = {}
    for mention in layer.mentions:
        surface = surface_of(document.text, mention.start, mention.end)
        found.setdefault(surface, Counter()).update(targets_of(mention))
    return {surface: common_of(counts) for surface, counts in found.items()}


def _label_variant(document: Document, mention: Mention, labels: Common) -> Iterator[Doubt]:
    best, most = labels.most(mention.label)
    if not most or most < labels.counts[mention.label]:
        return  # this one is the rule
    reason = f"labelled {mention.label} here, {best} in {_of(most, labels.total)}"
    score = most / (labels.total + 1)
    yield doubt_of(document, mention, kind="label-variant", score=score, reason=reason)


def _link_variant(
    document: Document, mention: Mention, everywhere: Common | None, here: Common
) -> Iterator[Doubt]:
    if everywhere is None:
        return
    targets = targets_of(mention)
    if not targets:
        near = here if here.total else everywhere
        best, most = near.first
        place = "in this document" if here.total else "in the corpus"
        reason = f"not linked, {best} in {_of(most, near.total)} linked {place}"
        score = most / (near.total + (not here.total)) * (0.95 if here.total else 0.9)
        yield doubt_of(document, mention, kind="unlinked-twin", score=score, reason=reason)
        return
    own = targets[0]
    best, most = everywhere.most(own)
    if not most or most < everywhere.counts[own]:
        return
    score = most / (everywhere.total + 1)
    if here.counts[best]:  # one name for two things in one text is rare
        score = 0.5 + score / 2
    what = "judged to be absent" if own == NIL else f"linked to {own}"
    reason = f"{what} here, to {best} in {_of(most, everywhere.total)}"
    yield doubt_of(document, mention, kind="link-variant", score=score, reason=reason)


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}"


def _broken_span(document: Document, mention: Mention) -> Iterator[Doubt]:
    text, span = document.text, document.text[mention.start : mention.end]
    for score, reason in _breaks(text, span, mention):
        yield doubt_of(document, mention, kind="broken-span", score=score, reason=reason)


def _breaks(text: str, span: str, mention: Mention) -> Iterator[tuple[float, str]]:
    if span != span.strip():
        yield 1.0, "begins or ends with a blank"
    if "\n" in span.strip():
        yield 0.9, "goes over the end of a line"
    if "  " in span.strip():
        yield 0.7, "has two blanks in a row inside"
    bare = span.strip()
    if not any(char.isalnum() for char in bare):
        yield 0.95, "has no letter and no digit"
        return
    for closer, opener in _OPENERS.items():
        if bare.count(closer) != bare.count(opener):
            yield 0.85, f"has {opener} or {closer} without the other"
    if len(_QUOTES.findall(bare)) % 2:
        yield 0.85, "has one quotation mark without the other"
    if bare[0] in _LOOSE or bare[-1] in _LOOSE or bare[0] == ".":
        yield 0.8, "begins or ends with punctuation"
    if _cuts(text, mention.start) or _cuts(text, mention.end):
        yield 0.75, "begins or ends inside a word"


def _cuts(text: str, at: int) -> bool:
    """Whether a border stands between two letters of one word, in scripts that have words."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return all(map(str.isalnum, (before, after))) and "Lo" not in map(
        unicodedata.category, (before, after)
    )


def _boundary(document: Document, mention: Mention, habits: Habits) -> Iterator[Doubt]:
    """A mention that takes in, or leaves out, what nearly all others of its label do not."""
    for what, is_inside in borders_of(document.text, mention):
        border = habits.borders.get((mention.label, what), Border())
        like, unlike = border.inside, border.outside
        if not is_inside:
            like, unlike = unlike, like
        if unlike <= like:
            continue
        verb, habit = ("inside", "left out") if is_inside else ("left out", "inside")
        whole = like + unlike
        reason = f"{what} {verb} here, {habit} in {_of(unlike, whole)} {mention.label}"
        yield doubt_of(
            document, mention, kind="boundary", score=unlike / (whole + 1), reason=reason
        )


def doubts_about_labels(habits: Habits) -> Iterator[tuple[str, float, str]]:
    """(label, score, reason) of labels that hardly any mention has, or that look like another."""
    for label, number in sorted(habits.of_label.items()):
        twin = next((o for o in sorted(habits.of_label) if o != label and _alike(o, label)), "")
        if twin and number <= habits.of_label[twin]:
            reason = f"{label} has {number:,} mentions, and {twin} has {habits.of_label[twin]:,}"
            yield label, 0.9, reason
        elif number < _RARE and number < habits.mentions / 100:
            yield label, 0.5, f"{label} has {number:,} of {habits.mentions:,} mentions"


def _alike(one: str, other: str) -> bool:
    return one.casefold().strip("_- ") == other.casefold().strip("_- ")
