"""The link task as examples to read: one decision each, for every mention it stands for. Pure.

What an annotator sees in a single-class text classification project:

    Attending a meeting in Stockholm of the ⟦OSCE⟧, Lavrov accused Nato of …

    1   Organization for Security and Co-operation in Europe · ORG · Q81299
        intergovernmental organisation for security
    2   …

One key chooses; the best candidate is chosen already. The list of candidates is frozen in the
example's metadata: what a key meant never changes with the knowledge base.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from corpus.errors import DataError
from corpus.model import NIL, Candidate, Document, Layer, Mention
from corpus.store import encode_line

CANDIDATE_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
OTHER, BAD_SPAN, UNSURE, SPLIT = "OTHER", "BAD SPAN", "UNSURE", "SPLIT"
NO_CHOICE = ""

SHORTCUTS: Mapping[str, str] = {
    **{key: key for key in CANDIDATE_KEYS},
    NIL: "n",
    OTHER: "o",
    BAD_SPAN: "b",
    UNSURE: "u",
    SPLIT: "s",
}
"""The fixed label types of a link project and the one key of each, in the order of the page."""

_AROUND = 320  # code points of context on either side: two sentences of a newspaper, no scrolling
_ELSEWHERE = 40  # around the further places, which are only to be recognised
_PLACES_SHOWN = 4
_DESCRIPTION = 110
_OPEN, _CLOSE = "⟦", "⟧"


class LinkExample(NamedTuple):
    """One decision: the mentions it stands for, its frozen candidates and what is chosen now."""

    key: str
    document: str
    sha256: str
    mentions: tuple[Mention, ...]
    candidates: tuple[Candidate, ...]
    chosen: str
    kb: str
    kb_hash: str
    text: str


Describe = Callable[[str], tuple[str, str, str]]
"""kb_id -> (label, type, description) to show beside a candidate."""


class Known(NamedTuple):
    """A decision that is made already, or being made: where its mentions are, and their label.

    `split`: the annotator wants one decision for each of its mentions instead.
    """

    key: str
    places: frozenset[tuple[int, int]]
    label: str
    split: bool = False


def make_link_examples(
    document: Document,
    spans: Layer,
    silver: Layer,
    describe: Describe,
    *,
    per: str = "decision",
    known: Sequence[Known] = (),
) -> Iterator[LinkExample]:
    """The decisions of one document that are not `known`, in the order of their first mention.

    Every mention of `spans` is in exactly one of them, or in a known one that is not split.
    `silver` is the links layer with the candidates. `per="mention"` makes one for each mention;
    so do the places of a known one that is split. No key is that of a known one.
    Raises DataError for a mention that the links layer does not know.
    """
    covered = {(*place, one.label) for one in known if not one.split for place in one.places}
    split = {(*place, one.label) for one in known if one.split for place in one.places}
    taken = {one.key for one in known}
    judged = {mention.id: mention for mention in silver.mentions}
    groups: dict[str, list[Mention]] = {}
    for mention in spans.mentions:
        place = (mention.start, mention.end, mention.label)
        offered = judged.get(mention.id)
        if offered is None or (offered.start, offered.end, offered.label) != place:
            raise DataError(
                f"document {document.id!r}: mention {mention.id} has no candidates in the links "
                f"layer {silver.name!r}",
                "run: corpus suggest --task links",
            )
        if place in covered:
            continue
        key = _decision_key(document, offered)
        if per == "mention" or place in split:
            # Mentions of one place and label cannot be told apart, so they stay together.
            key = _digest(key, f"{mention.start}-{mention.end}")
        groups.setdefault(key, []).append(offered)
    for key, mentions in groups.items():
        if key in taken:
            # More such mentions have come since that decision was sent.
            key = _digest(key, *(f"{one.start}-{one.end}" for one in mentions))
        yield _make_example(document, key, mentions, describe)


def _decision_key(document: Document, mention: Mention) -> str:
    surface = document.text[mention.start : mention.end]
    return _digest(document.id, surface, mention.label, *shown_ids(mention))


def shown_ids(mention: Mention) -> tuple[str, ...]:
    """The ids of the candidates that have a key, in the order of the keys."""
    return tuple(candidate.kb_id for candidate in _shown(mention))


def _digest(*parts: str) -> str:
    return hashlib.sha256(encode_line(parts)).hexdigest()[:16]


def _shown(mention: Mention) -> tuple[Candidate, ...]:
    return mention.candidates[: len(CANDIDATE_KEYS)]


def _make_example(
    document: Document, key: str, mentions: Sequence[Mention], describe: Describe
) -> LinkExample:
    first = mentions[0]
    candidates = _shown(first)
    link = first.links[0] if first.links else None
    return LinkExample(
        key=key,
        document=document.id,
        sha256=document.sha256,
        mentions=tuple(mentions),
        candidates=candidates,
        chosen=_preselect(candidates, link.target if link else ""),
        kb=link.kb if link else "",
        kb_hash=link.kb_hash if link else "",
        text=_render(document.text, mentions, candidates, describe),
    )


def _preselect(candidates: Sequence[Candidate], target: str) -> str:
    """The key of the machine's link, or of the best candidate where it was not sure of any."""
    for key, candidate in zip(CANDIDATE_KEYS, candidates, strict=False):
        if candidate.kb_id == target:
            return key
    return CANDIDATE_KEYS[0] if candidates else NIL


def _render(
    text: str, mentions: Sequence[Mention], candidates: Sequence[Candidate], describe: Describe
) -> str:
    parts = [_context(text, mentions[0], _AROUND), "", *_candidate_lines(candidates, describe)]
    if len(mentions) > 1:
        parts += ["", f"The same decision stands for {_more(len(mentions) - 1)} in this article:"]
        shown = mentions[1 : 1 + _PLACES_SHOWN]
        parts += [f"  {_context(text, mention, _ELSEWHERE)}" for mention in shown]
        if len(mentions) > 1 + len(shown):
            parts.append(f"  … and {_more(len(mentions) - 1 - len(shown))}")
    return "\n".join(parts)


def _more(count: int) -> str:
    return f"{count} more place" + ("s" if count > 1 else "")


def _candidate_lines(candidates: Sequence[Candidate], describe: Describe) -> Iterator[str]:
    if not candidates:
        yield "The knowledge base offers no candidate: NIL, or OTHER with the id as a comment."
    for key, candidate in zip(CANDIDATE_KEYS, candidates, strict=False):
        label, kind, description = describe(candidate.kb_id)
        label = label or candidate.label or candidate.kb_id
        yield f"{key}   " + " · ".join(
            _one_line(part) for part in (label, kind, candidate.kb_id) if part
        )
        if description:
            yield f"     {_cut(_one_line(description), _DESCRIPTION)}"


def _context(text: str, mention: Mention, around: int) -> str:
    start = _word_start(text, max(0, mention.start - around), mention.start)
    end = _word_end(text, min(len(text), mention.end + around), mention.end)
    before = ("… " if start else "") + text[start : mention.start]
    after = text[mention.end : end] + (" …" if end < len(text) else "")
    marked = f"{_OPEN}{text[mention.start : mention.end]}{_CLOSE}"
    if around == _ELSEWHERE:
        return _one_line(before) + marked + _one_line(after, lead=True)
    return before.lstrip("\n") + marked + after.rstrip("\n")


def _word_start(text: str, at: int, limit: int) -> int:
    """The first word border from `at` on, so that no word is cut; `at` where there is none."""
    border = at
    while 0 < border < limit and not text[border - 1].isspace():
        border += 1
    return border if border < limit else at


def _word_end(text: str, at: int, limit: int) -> int:
    """The last word border up to `at`; `at` where there is none."""
    border = at
    while limit < border < len(text) and not text[border].isspace():
        border -= 1
    return border if border > limit else at


def _one_line(text: str, *, lead: bool = False) -> str:
    line = " ".join(text.split())
    if lead and text[:1].isspace():
        line = " " + line
    if not lead and text[-1:].isspace():
        line += " "
    return line


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def count_candidates(examples: Iterable[LinkExample]) -> dict[str, int]:
    """How many examples there are with and without candidates, and mentions they stand for."""
    counts = {"decisions": 0, "mentions": 0, "without candidates": 0}
    for example in examples:
        counts["decisions"] += 1
        counts["mentions"] += len(example.mentions)
        counts["without candidates"] += not example.candidates
    return counts
