"""Names of a knowledge base in a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, compress, count

from msgspec import Struct

from corpus.kb.cards import words_of
from corpus.kb.context import Context, context_of
from corpus.kb.folding import is_border
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.kb.pieces import Place, ends_well
from corpus.kb.rules import COMMON

Introduced = Mapping[str, Mapping[int, int]]
"""Folded name -> the entities that it means in this document, with the flags of the name."""


class Match(Struct, frozen=True, order=True, gc=False):
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
    kb = reading.kb
    text = reading.text.replace("\n", " ") if "blanks" in kb.rules else reading.text
    pieces = text.split(" ")
    found = list(map(kb.pieces.__getitem__, pieces))
    lengths = list(accumulate(map(len, pieces), initial=0))  # of the pieces before, without blanks
    free = 0
    for number in compress(count(), found):
        begin, after = lengths[number] + number, min(number + 2, len(pieces))
        for place in found[number]:
            start = begin + place.start
            if start < free:
                continue
            end, postings = begin + place.end, place.postings
            if not postings:
                opening = text[start : lengths[after] + after]
                place = kb.openings.get(opening) or _learn(reading, opening, start)
                end, postings = start + place.end, place.postings
                if not postings and place.end:
                    match = _match_at(reading, start)
                    if match is not None:
                        end, postings = match.end, match.postings
            if postings:
                free = end
                yield Match(start, end, postings)


def _learn(reading: Reading, opening: str, start: int) -> Place:
    """What the text up to the second blank says of the name that may begin there."""
    key, origin = reading.folded
    if origin is not None or not opening.endswith(" "):
        return Place(0, 1)
    return reading.kb.openings.learn(opening, key[start : start + len(opening)])


def _match_at(reading: Reading, start: int) -> Match | None:
    """The longest name that begins there, if any, asked of the whole text."""
    kb, text, (key, origin) = reading.kb, reading.text, reading.folded
    at = start if origin is None else bisect_left(origin, start)
    if not is_border(key, at):
        return None
    hits = kb.trie.iter_prefixes_with_ids(key[at : at + kb.info.longest])
    for name, number in reversed(list(hits)):
        stop = at + len(name)
        if not is_border(key, stop) or not (kb.possessive or ends_well(key, stop)):
            continue
        start, end = (at, stop) if origin is None else reading.folded.span(at, stop, text)
        postings = kb.meanings(number, text[start:end])
        if postings and not (postings[0].flags & COMMON and _shouted(text, start, end)):
            return Match(start, end, postings)
    return None


def places(text: str, part: str) -> Iterator[int]:
    """Where a text holds a part, in order."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether the name stands in a line of capitals: LEAVE US ALONE."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    line = text[first : last if last >= 0 else len(text)]
    return line.strip() != text[start:end] and not any(map(str.islower, line))
