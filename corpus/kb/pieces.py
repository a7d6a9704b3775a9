"""Where names may stand in a text, remembered for each piece of it between blanks.

Texts repeat their pieces: "Stockholm," says each time that a name of the knowledge base ends
before the comma, and "talks" that none begins there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from corpus.kb.folding import BLANKLESS_OR_KATAKANA, NAME_STARTS, is_border
from corpus.kb.layout import Posting
from corpus.kb.rules import COMMON

if TYPE_CHECKING:
    from corpus.kb.knowledge_base import KB

_KEPT = 50_000  # pieces, mostly with no name, and openings: some 10 MB each
_LONGEST = 40  # characters; a longer piece is hardly met again
_RUNS = re.compile(rf"[^\W{BLANKLESS_OR_KATAKANA}]+")


class Place(Struct, frozen=True, gc=False):
    """Where a name may begin.

    With `postings` the name ends at `end` wherever this text stands, and may mean these. Else
    the text around it decides; without `end` too there is no name.
    """

    start: int
    end: int = 0
    postings: tuple[Posting, ...] = ()


class Pieces(dict[str, tuple[Place, ...]]):
    """A piece of text without blanks -> the places where a name may begin in it, in order.

    It holds what the knowledge base says of the piece alone, and nothing of any document.
    """

    def __init__(self, kb: KB) -> None:
        super().__init__()
        self._kb = kb
        # Of ebay中国 a text may have ebay alone.
        runs = map(_RUNS.search, kb.lower_starts)
        self._lower = frozenset(run[0] for run in runs if run)
        signs = {sign for sign in map(chr, range(128)) if kb.folding.fold(sign).key in kb.odd_chars}
        self._odd_chars = kb.odd_chars | signs
        self._ends = frozenset(end for end in ",.;:!?)" if f"{end} " not in kb.odd_starts)

    def __missing__(self, piece: str) -> tuple[Place, ...]:
        found = self._plain(piece)
        if found is None:
            found = tuple(self._places(piece))
        if len(piece) <= _LONGEST:
            if len(self) >= _KEPT:
                self.clear()
            self[piece] = found
        return found

    def _plain(self, piece: str) -> tuple[Place, ...] | None:
        """The places in a plain word, as most that are new are, sooner; None for another piece."""
        word = piece[:-1] if piece[-1:] in self._ends else piece
        if not piece.isascii():
            return None
        text = f"{piece} "
        key = text.lower() if self._kb.folding.lowers else text
        if not word.isalnum():
            return None if self._may_begin(piece, key) else ()
        if word[0].islower() and key[: len(word)] not in self._lower:
            return ()
        place = place_at(self._kb, text, key, 0)
        return (place,) if place.end else ()

    def _may_begin(self, piece: str, key: str) -> bool:
        """Whether something in a piece of ASCII is written as names begin."""
        return bool(
            NAME_STARTS.search(piece)
            or not self._odd_chars.isdisjoint(piece)
            or not self._lower.isdisjoint(_RUNS.findall(key))
        )

    def _places(self, piece: str) -> Iterator[Place]:
        # A blank stands on either side of a piece, or the text ends there, which is a border too.
        text = f" {piece} "
        key, origin = self._kb.folding.fold(text)
        for at in self._starts(text, key, origin):
            if origin is not None:
                yield Place(origin[at] - 1, origin[at])
            elif is_border(key, at):
                place = place_at(self._kb, text, key, at)
                if place.end:
                    yield Place(at - 1, place.end - 1, place.postings)

    def _starts(self, text: str, key: str, origin: list[int] | None) -> list[int]:
        """Where in the folded text a name may begin, in order."""
        found = [start.start() for start in NAME_STARTS.finditer(text)]
        if origin is not None:
            found = [bisect_left(origin, at) for at in found]
        # Others begin in few ways: al-Qaeda, 's-Hertogenbosch.
        capitals = len(found)
        found += [run.start() for run in _RUNS.finditer(key) if run[0] in self._lower]
        if not self._kb.odd_chars.isdisjoint(key):
            odd_starts = self._kb.odd_starts
            found += [at for at in range(1, len(key) - 1) if key[at : at + 2] in odd_starts]
        return sorted(set(found)) if len(found) > capitals else found


class Openings(dict[str, Place]):
    """The text from the beginning of a name to a blank -> the place there.

    As the pieces it holds what the knowledge base says of that text alone.
    """

    def __init__(self, kb: KB) -> None:
        super().__init__()
        self._kb = kb

    def learn(self, opening: str, key: str) -> Place:
        """The place, from now on known; `key` is the text folded, one character for one."""
        place = place_at(self._kb, opening, key, 0)
        if len(opening) <= 2 * _LONGEST:
            if len(self) >= _KEPT:
                self.clear()
            self[opening] = place
        return place


def place_at(kb: KB, text: str, key: str, at: int) -> Place:
    """What begins at this border of a text that a blank ends; `key` is the text folded."""
    rest = key[at : at + kb.info.longest + 1]
    if next(kb.trie.iterkeys(rest), None) is not None:
        return Place(at, at + 1)
    hits = kb.trie.iter_prefixes_with_ids(rest)
    for name, number in reversed(list(hits)):
        stop = at + len(name)
        if not is_border(key, stop) or not (kb.possessive or ends_well(key, stop)):
            continue
        postings = kb.meanings(number, text[at:stop])
        if postings:
            # Whether a common word is a name the line around it tells.
            return Place(at, stop, () if postings[0].flags & COMMON else postings)
    return Place(at)


def ends_well(key: str, end: int) -> bool:
    """Whether no possessive follows the name."""
    if key[end : end + 1] not in ("'", "’"):
        return True
    return not (key[end + 1 : end + 2] in ("s", "S") and is_border(key, end + 2))
