"""A plain article's text: normalised (LF, NFC), boilerplate cut, and the original rebuilt from it.

What is changed is recorded so that `original_text` gives back every code point: uniform
newlines and NFD as one word each, other changes as edits, cuts as (place, text). All are empty
for a text that was in order. Offsets are code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from corpus.articles.boilerplate import boilerplate_spans
from corpus.articles.metadata import find_credit
from corpus.model import Document

Edit = tuple[int, int, str]
"""text[start:end] stands where the original had this string."""

BOM = "\ufeff"


class Normalised(NamedTuple):
    """A text in LF and NFC, and what the original had instead."""

    text: str
    edits: Sequence[Edit] = ()
    newlines: str = ""
    normal_form: str = ""


class Cut(NamedTuple):
    """A string that stood in the normalised text before position `at` of the document's text."""

    at: int
    text: str
    reason: str


class Cleaned(NamedTuple):
    """A text without boilerplate, what was cut, and the agency its last line credits."""

    text: str
    cuts: list[Cut]
    credit: str


# A composition never reaches over an ASCII character to its left, so each of these runs can be
# normalised alone. Newlines and other controls compose with nothing.
_RUN = re.compile(r"\r\n?|[\x20-\x7e]?[^\x00-\x7f]+")


def normalise(text: str) -> Normalised:
    """The text without a leading BOM, in LF and NFC, with what is needed to undo it."""
    sound = "\r" not in text and not text.startswith(BOM)
    if sound and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return Normalised(text)
    edits: list[Edit] = []
    if text.startswith(BOM):
        text = text[1:]
        edits.append((0, 0, BOM))
    newlines = _uniform_newlines(text)
    if newlines:
        text = text.replace(newlines, "\n")
    if "\r" not in text:
        composed = unicodedata.normalize("NFC", text)
        if composed == text:
            return Normalised(text, edits, newlines)
        if unicodedata.normalize("NFD", composed) == text:
            return Normalised(composed, edits, newlines, "NFD")
    return _edited(text, edits, newlines)


def _uniform_newlines(text: str) -> str:
    returns = text.count("\r")
    if not returns:
        return ""
    feeds = text.count("\n")
    if not feeds:
        return "\r"
    return "\r\n" if returns == feeds == text.count("\r\n") else ""


def _edited(text: str, edits: list[Edit], newlines: str) -> Normalised:
    parts: list[str] = []
    size = done = 0
    for match in _RUN.finditer(text):
        run = match[0]
        new = "\n" if run[0] == "\r" else unicodedata.normalize("NFC", run)
        if new == run:
            continue
        before, after = _common_ends(run, new)
        kept = text[done : match.start()] + run[:before]
        changed = new[before : len(new) - after]
        at = size + len(kept)
        edits.append((at, at + len(changed), run[before : len(run) - after]))
        parts += (kept, changed)
        size = at + len(changed)
        done = match.end() - after
    parts.append(text[done:])
    return Normalised("".join(parts), edits, newlines)


def _common_ends(old: str, new: str) -> tuple[int, int]:
    limit = min(len(old), len(new))
    before = 0
    while before < limit and old[before] == new[before]:
        before += 1
    after = 0
    while after < limit - before and old[-1 - after] == new[-1 - after]:
        after += 1
    return before, after


def cut_boilerplate(text: str, *, keep: bool = False) -> Cleaned:
    """The text without web boilerplate and without the agency credit after its last sentence.

    Only whole lines are boilerplate, never a part of prose. With `keep` nothing is cut, but the
    credit is still found.
    """
    spans = [] if keep else boilerplate_spans(text)
    end = spans[-1][0] if spans and spans[-1][1] == len(text) else len(text)
    credit = find_credit(text, end)
    if not keep and credit is not None and credit.start < credit.end:
        spans.append((credit.start, credit.end, "agency credit"))
        spans.sort()
    if not spans:
        return Cleaned(text, [], credit.name if credit else "")
    parts: list[str] = []
    cuts: list[Cut] = []
    size = done = 0
    for start, stop, reason in spans:
        parts.append(text[done:start])
        size += start - done
        cuts.append(Cut(size, text[start:stop], reason))
        done = stop
    parts.append(text[done:])
    return Cleaned("".join(parts), cuts, credit.name if credit else "")


def original_text(document: Document) -> str:
    """The text as it stood decoded in the source, before `convert` cut and normalised it."""
    meta = document.meta
    text = _undo_cuts(document.text, [(cut["at"], cut["text"]) for cut in meta.get("cuts", ())])
    if meta.get("normal_form"):
        text = unicodedata.normalize(meta["normal_form"], text)
    text = _undo_edits(text, meta.get("edits", ()))
    newlines = meta.get("newlines", "")
    return text.replace("\n", newlines) if newlines else text


def _undo_cuts(text: str, cuts: Iterable[tuple[int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for at, cut in cuts:
        parts += (text[done:at], cut)
        done = at
    parts.append(text[done:])
    return "".join(parts)


def _undo_edits(text: str, edits: Iterable[Edit]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, original in edits:
        parts += (text[done:start], original)
        done = end
    parts.append(text[done:])
    return "".join(parts)
