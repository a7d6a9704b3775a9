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
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

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

# What the page of Doccano shows at 1280 x 900 without scrolling, its side menu open.
_LINES, _WIDTH = 19, 66  # lines, and columns of one; a wide character takes two
_LEAST, _MOST = 4, 9  # lines of context: a sentence at least, a few sentences at most
_ELSEWHERE = 26  # columns around the further places, which are only to be recognised
_PLACES_SHOWN = 3
_TELLING = 10  # columns that a description needs to say anything
_OPEN, _CLOSE = "⟦", "⟧"
_EMPTY_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")


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
    `silver` is the links layer with the candidates; if it is blind, none of them is chosen.
    `per="mention"` makes one for each mention; so do the places of a known one that is split. No
    key is that of a known one.
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
        yield _make_example(document, key, mentions, describe, blind=silver.blind)


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
    document: Document, key: str, mentions: Sequence[Mention], describe: Describe, *, blind: bool
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
        chosen=NO_CHOICE if blind else _preselect(candidates, link.target if link else ""),
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
    more = list(_more_lines(text, mentions))
    roomy = _LEAST + 1 + 2 * len(candidates) + len(more) <= _LINES
    below = ["", *_candidate_lines(candidates, describe, roomy=roomy), *more]
    taken = sum(-(-_columns(line) // _WIDTH) or 1 for line in below)
    lines = min(_MOST, max(_LEAST, _LINES - taken))
    return "\n".join([context_of(text, mentions[0], lines * _WIDTH // 2), *below])


def _more_lines(text: str, mentions: Sequence[Mention]) -> Iterator[str]:
    if len(mentions) < 2:
        return
    yield ""
    yield f"The same decision stands for {_more(len(mentions) - 1)} in this article:"
    shown = mentions[1 : 1 + _PLACES_SHOWN]
    yield from (f"  {_excerpt(text, mention)}" for mention in shown)
    if len(mentions) > 1 + len(shown):
        yield f"  … and {_more(len(mentions) - 1 - len(shown))}"


def _more(count: int) -> str:
    return f"{count} more place" + ("s" if count > 1 else "")


def _candidate_lines(
    candidates: Sequence[Candidate], describe: Describe, *, roomy: bool
) -> Iterator[str]:
    """One line each; with room, a second one for a description that needs it."""
    if not candidates:
        yield "The knowledge base offers no candidate: NIL, or OTHER with the id as a comment."
    for key, candidate in zip(CANDIDATE_KEYS, candidates, strict=False):
        label, kind, description = map(_one_line, describe(candidate.kb_id))
        label = label or _one_line(candidate.label) or candidate.kb_id
        if kind.casefold() in description.casefold():
            kind = ""
        head = f"{key}   " + " · ".join(part for part in (label, kind, candidate.kb_id) if part)
        room = _WIDTH - _columns(head) - 3
        if not description or (room < _TELLING and not roomy):
            yield head
        elif not roomy or _columns(description) <= room:
            yield f"{head} · {_cut(description, room)}"
        else:
            yield head
            yield f"     {_cut(description, _WIDTH - 5)}"


def context_of(text: str, mention: Mention, around: int) -> str:
    """The mention in brackets with so many columns before it and after it, no word cut."""
    start = _word_start(text, _back(text, mention.start, around, _WIDTH // 2), mention.start)
    end = _word_end(text, _forth(text, mention.end, around, _WIDTH // 2), mention.end)
    before = ("… " if start else "") + text[start : mention.start]
    after = text[mention.end : end] + (" …" if end < len(text) else "")
    return _close_up(before).lstrip("\n") + _marked(text, mention) + _close_up(after).rstrip("\n")


def _excerpt(text: str, mention: Mention) -> str:
    start = _word_start(text, _back(text, mention.start, _ELSEWHERE), mention.start)
    end = _word_end(text, _forth(text, mention.end, _ELSEWHERE), mention.end)
    before = _one_line(("… " if start else "") + text[start : mention.start], keep_end=True)
    after = _one_line(text[mention.end : end] + (" …" if end < len(text) else ""), keep_start=True)
    return before + _marked(text, mention) + after


def _marked(text: str, mention: Mention) -> str:
    return f"{_OPEN}{text[mention.start : mention.end]}{_CLOSE}"


def _close_up(text: str) -> str:
    """The text without its empty lines, which would cost the annotator's room."""
    return _EMPTY_LINES.sub("\n", text)


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _back(text: str, at: int, columns: int, line: int = 1) -> int:
    """Where to begin so that so many columns stand before `at`; a line break costs `line`."""
    while at > 0 and columns > 0:
        at -= 1
        columns -= line if text[at] == "\n" else _columns(text[at])
    return at


def _forth(text: str, at: int, columns: int, line: int = 1) -> int:
    """Where to end so that so many columns stand from `at` on."""
    while at < len(text) and columns > 0:
        columns -= line if text[at] == "\n" else _columns(text[at])
        at += 1
    return at


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


def _one_line(text: str, *, keep_start: bool = False, keep_end: bool = False) -> str:
    line = " ".join(text.split())
    if keep_start and line and text[:1].isspace():
        line = " " + line
    if keep_end and line and text[-1:].isspace():
        line += " "
    return line


def _cut(text: str, columns: int) -> str:
    if _columns(text) <= columns:
        return text
    while text and _columns(text) > columns - 2:
        text = text[:-1]
    return text[: _word_end(text + "x", len(text), len(text) // 2)].rstrip() + " …"
