"""Names of a knowledge base in a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from corpus.kb.cards import words_of
from corpus.kb.context import Context, context_of
from corpus.kb.folding import NAME_STARTS, is_border
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.kb.rules import COMMON

_PEEP = 4  # characters

Introduced = Mapping[str, Mapping[int, int]]
"""Folded name -> the entities that it means in this document, with the flags of the name."""


class Match(NamedTuple):
    """A name at start-end of the text and what it may mean; `named` the document introduces."""

    start: int
    end: int
    postings: tuple[Posting, ...]
    named: frozenset[int] = frozenset()


class Reading:
    """A text as a knowledge base reads it: folded, and its words and context if somebody asks."""

    def __init__(self, kb: KB, text: str) -> None:
        self.kb = kb
        self.text = text
        self.folded = kb.folding.fold(text)
        self.names: Sequence[Match] = ()
        self.introduced: Introduced = {}

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the folded text."""
        return words_of(self.folded.key)

    @cached_property
    def context(self) -> Context:
        """What the words say of the entities, and those `names` that are sure of each other."""
        meanings = {match.postings for match in self.names if not match.named}
        return context_of(self.kb, self.words, meanings)


def find_aliases(reading: Reading) -> Iterator[Match]:
    """The names in the text from left to right, each the longest that begins there; no overlaps.

    A name stands between borders of words, and its letters' case is one that the alias allows.
    """
    kb, key = reading.kb, reading.folded.key
    names, longest = kb.names, kb.info.longest
    free = 0
    for at, size in _starts(reading):
        if at < free:
            continue
        hits = names(key[at : at + size])
        if hits is None:
            hits = reversed(list(kb.trie.iter_prefixes_with_ids(key[at : at + longest])))
        if hits and is_border(key, at):
            match = _longest(reading, at, hits)
            if match is not None:
                free = at + match[0]
                yield match[1]


def _starts(reading: Reading) -> list[tuple[int, int]]:
    """Where in the folded text a name may begin, in order, and how much of it to look at first.

    The first word and what follows it decides mostly, and is soon known by heart.
    """
    kb, (key, origin) = reading.kb, reading.folded
    starts = [(it.start(), it.end(1) - it.start() + 2) for it in NAME_STARTS.finditer(reading.text)]
    if origin is not None:
        starts = [(bisect_left(origin, at), size) for at, size in starts]
    # Names that begin otherwise do so in few ways: al-Qaeda, 's-Hertogenbosch.
    plain = len(starts)
    for char in kb.odd_chars:
        if char in key:
            starts += [(at, _PEEP) for at in places(key, char) if key[at : at + 2] in kb.odd_starts]
    if kb.lower_starts:
        for word in kb.lower_starts & reading.words:
            starts += [(at, len(word) + 2) for at in places(key, word) if is_border(key, at)]
    if len(starts) > plain:
        starts.sort()
    return starts


def places(text: str, part: str) -> Iterator[int]:
    """Where a text holds a part, in order."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _longest(
    reading: Reading, at: int, hits: Iterable[tuple[str, int]]
) -> tuple[int, Match] | None:
    kb, text, (key, origin) = reading.kb, reading.text, reading.folded
    for name, number in hits:
        stop = at + len(name)
        if not is_border(key, stop) or not (kb.possessive or _ends_well(key, stop)):
            continue
        start, end = (at, stop) if origin is None else reading.folded.span(at, stop, text)
        postings = kb.meanings(number, text[start:end])
        if postings and not (postings[0].flags & COMMON and _shouted(text, start, end)):
            return len(name), Match(start, end, postings)
    return None


def _ends_well(key: str, end: int) -> bool:
    """Whether no possessive follows the name."""
    if key[end : end + 1] not in ("'", "’"):
        return True
    return not (key[end + 1 : end + 2] in ("s", "S") and is_border(key, end + 2))


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether the name stands in a line of capitals: LEAVE US ALONE."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    line = text[first : last if last >= 0 else len(text)]
    return line.strip() != text[start:end] and not any(map(str.islower, line))
