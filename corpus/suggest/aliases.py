"""Names of a knowledge base in a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from corpus.kb.candidates import firing
from corpus.kb.folding import Folded, is_border
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.kb.rules import COMMON


class Match(NamedTuple):
    """A name at start-end of the text and what it may mean."""

    start: int
    end: int
    postings: list[Posting]


def find_aliases(kb: KB, text: str) -> Iterator[Match]:
    """The names in the text from left to right, each the longest that begins there; no overlaps.

    A name stands between borders of words, and its letters' case is one that the alias allows.
    """
    folded = kb.folding.fold(text)
    key, origin = folded
    prefixes = kb.trie.iter_prefixes_with_ids
    lower, longest = kb.lower_starts, kb.info.longest
    free = 0
    for found in kb.starts.finditer(key):
        at = found.start()
        if at < free:
            continue
        if text[at if origin is None else origin[at]].islower() and key[at : at + 3] not in lower:
            continue
        hits = list(prefixes(key[at : at + longest]))
        if hits and is_border(key, at):
            match = _longest(kb, text, folded, at, hits)
            if match is not None:
                free = at + match[0]
                yield match[1]


def _longest(
    kb: KB, text: str, folded: Folded, at: int, hits: list[tuple[str, int]]
) -> tuple[int, Match] | None:
    for name, number in reversed(hits):
        size = len(name)
        if not is_border(folded.key, at + size) or not _ends_well(kb, folded.key, at + size):
            continue
        start, end = folded.span(at, at + size, text)
        postings = firing(kb.postings(number), text[start:end])
        if postings and not _shouted(text, start, end, postings):
            return size, Match(start, end, postings)
    return None


def _ends_well(kb: KB, key: str, end: int) -> bool:
    """Whether what follows the name leaves it a name: a possessive does, if that rule is on."""
    if "possessive" in kb.folding.rules or key[end : end + 1] not in ("'", "’"):
        return True
    return not (key[end + 1 : end + 2] in ("s", "S") and is_border(key, end + 2))


def _shouted(text: str, start: int, end: int, postings: list[Posting]) -> bool:
    """Whether the name is a common word of a line in capitals: LEAVE US ALONE."""
    if not all(posting.flags & COMMON for posting in postings):
        return False
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    line = text[first : last if last >= 0 else len(text)]
    return line.strip() != text[start:end] and not any(map(str.islower, line))
