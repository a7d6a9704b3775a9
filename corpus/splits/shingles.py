"""Texts as hashes of a few words in a row (shingles), whole batches at a time.

A word is a run of letters, digits and combining marks, in lower case. In scripts that do not
put blanks between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan) one begins at each
character and takes in the two that follow. A text of fewer words is one shingle.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

BATCH = 1 << 18  # characters: arrays that stay near the processor

Hashes = npt.NDArray[np.uint32]
_Numbers = npt.NDArray[np.uint64]

_ALONE = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
)
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_FACTOR = 0xD6E8FEB86659FD93
_CHARACTER = np.uint64(0x94D049BB133111EB)
_CHARACTERS = 3  # of a word where blanks do not separate them
_GAP = "\n" * _CHARACTERS  # so that such a word does not reach into the next text


class Words(NamedTuple):
    """The words of several texts as hashes, in the order of the texts; text n has bounds[n:n+2]."""

    hashes: _Numbers
    bounds: npt.NDArray[np.int64]


class Shingles(NamedTuple):
    """The shingles of several texts, in the order of the texts; text n has bounds[n:n+2]."""

    hashes: Hashes
    bounds: npt.NDArray[np.int64]


def hash_words(texts: Sequence[str]) -> Words:
    """The words of each text, a hash of its characters for each, wherever it stands."""
    lowered = [unicodedata.normalize("NFC", text).lower() for text in texts]
    lengths = np.fromiter((len(text) + len(_GAP) for text in lowered), np.int64, len(lowered))
    joined = _GAP.join([*lowered, ""]).encode("utf-32-le", "surrogatepass")
    characters = np.frombuffer(joined, "<u4")
    starts, ends = _find_words(characters)
    powers, inverse = _powers(max(2 * BATCH, 1 << len(characters).bit_length()))
    values = characters * _CHARACTER
    values ^= values >> np.uint64(29)
    values *= powers[: len(values)]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values)])
    bounds = np.concatenate([[0], np.searchsorted(starts, np.cumsum(lengths))])
    return Words(_mixed((sums[ends] - sums[starts]) * inverse[starts]), bounds)


def _find_words(
    characters: npt.NDArray[np.uint32],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    kinds = _kinds()[characters]
    is_part = kinds == 1
    alone = kinds == 2
    before = np.concatenate([[False], is_part[:-1]])
    after = np.concatenate([is_part[1:], [False]])
    starts = np.flatnonzero((is_part & ~before) | alone)
    ends = np.flatnonzero((is_part & ~after) | alone) + 1
    ends[alone[starts]] += _CHARACTERS - 1
    return starts, ends


def shingle(words: Words, size: int) -> Shingles:
    """The shingles of `size` words of each text, repetitions included, where they stand in it."""
    hashes, bounds = words
    begins, ends = bounds[:-1], bounds[1:]
    counts = ends - begins
    factors = np.array([pow(_FACTOR, n + 1, 1 << 64) for n in range(size)], np.uint64)
    padded = np.concatenate([hashes, np.zeros(size, np.uint64)])
    sums = np.zeros(len(hashes), np.uint64)
    for at, factor in enumerate(factors):
        sums += padded[at : at + len(hashes)] * factor
    whole = np.repeat(ends - (size - 1), counts) > np.arange(len(hashes))
    for text in np.flatnonzero((counts > 0) & (counts < size)):
        begin, count = begins[text], counts[text]
        pieces = hashes[begin : begin + count] * factors[:count]
        sums[begin] = pieces.sum(dtype=np.uint64)
        whole[begin] = True
    numbers = np.maximum(counts - (size - 1), (counts > 0).astype(np.int64))
    short = (_mixed(sums[whole]) >> np.uint64(32)).astype(np.uint32)
    return Shingles(short, np.concatenate([[0], np.cumsum(numbers)]))


def _mixed(numbers: _Numbers) -> _Numbers:
    numbers = (numbers ^ (numbers >> np.uint64(31))) * _MIX
    mixed: _Numbers = numbers ^ (numbers >> np.uint64(30))
    return mixed


@lru_cache(maxsize=2)
def _powers(size: int) -> tuple[_Numbers, _Numbers]:
    """Powers of the base, and of its inverse, modulo 2^64."""
    return _power(_BASE, size), _power(pow(_BASE, -1, 1 << 64), size)


def _power(base: int, size: int) -> _Numbers:
    factors = np.full(size, base, np.uint64)
    factors[0] = 1
    powers: _Numbers = np.multiply.accumulate(factors)
    return powers


@lru_cache(maxsize=1)
def _kinds() -> npt.NDArray[np.uint8]:
    """Of every code point: 0 stands between words, 1 is a part of one, 2 is one by itself."""
    kinds = np.zeros(0x110000, np.uint8)
    low = 0x20000
    kinds[:low] = [
        char.isalnum() or unicodedata.category(char)[0] == "M" for char in map(chr, range(low))
    ]
    kinds[low:0x32000] = 2  # Han beyond the basic plane
    for first, last in _ALONE:
        kinds[first : last + 1] *= 2
    return kinds


def winnow(shingles: Shingles, window: int = 4, *, all_up_to: int = 64) -> npt.NDArray[np.bool_]:
    """Which shingles are a text's fingerprints: the least of each `window` (4) in a row.

    Two texts with `window` shingles in a row in common have a fingerprint in common. Of a text
    of at most `all_up_to` shingles all are. Source: Schleimer, Wilkerson, Aiken, "Winnowing:
    Local Algorithms for Document Fingerprinting", 2003.
    """
    hashes, bounds = shingles
    counts = np.diff(bounds)
    # A window's least hash, at the place where it starts; 0 where it would leave its text.
    least = hashes.copy()
    for step in _steps(window):
        np.minimum(least[:-step], least[step:], out=least[:-step])
    last = np.repeat(bounds[1:] - window, counts)
    least[np.arange(len(hashes)) > last] = 0
    # The greatest of the windows over a place is its own hash where it is the least of any.
    greatest = least
    for step in _steps(window):
        greatest = np.maximum(
            greatest, np.concatenate([np.zeros(step, np.uint32), greatest])[:-step]
        )
    chosen: npt.NDArray[np.bool_] = greatest == hashes
    return chosen | np.repeat(counts <= all_up_to, counts)


def _steps(window: int) -> Iterator[int]:
    """1, 2, 4 …: with each step twice as many neighbours are seen."""
    step = 1
    while step < window:
        yield step
        step *= 2
