"""Pairs of texts that share so many shingles that one was made of the other.

Two texts are near-duplicates where at least `similarity` of the shorter one's different
shingles of three words stand in the other, eight or more of them; or `similarity` of those of both
(Jaccard). So a wire copy is found that was cut to a third. Three words and not five: a text in
which every tenth word was changed keeps 73 % of its shingles of three words, 59 % of those of five,
while a paragraph of background that two stories share counts the same. Candidates are texts
with fingerprints in common (`winnow`), which are of five words since they are to be rare; each
candidate pair is then counted exactly, over all shingles of three.

Background does not make a copy: where what two texts share is under 100 words, and more than six
texts share it, they are near-duplicates only if it is three fifths of the shorter one.
Else a running story, or a credit under short notices, would join hundreds of articles.

Shingles, fingerprints and pairs of texts that have one in common wait in temporary files; memory
does not grow with the texts but by a few numbers each (some 70 bytes).
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.splits.buckets import Buckets, Numbers
from corpus.splits.fingerprints import (
    Prints,
    add_prints,
    count_pairs,
    distinct,
    share_out,
)
from corpus.splits.shingles import BATCH, Hashes
from corpus.splits.signatures import Signatures, join_signatures, sign_texts

SIMILARITY = 0.5
AT_LEAST = 8  # shingles, ten words: a headline inside an article makes no copy of it

_DENSITY = 2 / 5  # fingerprints of a long text for each of its shingles, windows being 4
_DOUBT = 0.25  # of the similarity, by fingerprints alone, makes a candidate
_SIGNED = 64  # hashes that take what the five arrays of a signature take by themselves
_LONG = 100  # shingles: too much for background
_CARRIED = 0.6  # of a text is common: a story that everybody carries, not background

_Ends = npt.NDArray[np.int64]
_Sizes = npt.NDArray[np.float32]


class Pair(NamedTuple):
    """Two texts by number, and what share of the shorter one's shingles they have in common."""

    first: int
    second: int
    shared: float


class NearDuplicates:
    """Texts as they come, numbered from 0; then the pairs. To be closed: it holds files.

    It is given all texts, or all signatures.
    """

    def __init__(self, similarity: float = SIMILARITY) -> None:
        self._similarity = similarity
        self._doubted = _DOUBT * similarity
        self._batch: list[str] = []
        self._signed: list[Signatures] = []
        self._waiting = 0
        self._numbers = 0
        self._keys = array("Q")
        self._counts: list[Hashes] = []
        self._effective: list[_Sizes] = []
        self._shingles = tempfile.TemporaryFile(prefix="corpus-shingles-")  # noqa: SIM115 - in close()
        self._prints = Buckets("corpus-fingerprints-")

    def close(self) -> None:
        """Give the files back."""
        self._shingles.close()
        self._prints.close()

    def add(self, text: str, key: int) -> None:
        """Take the next text; `key` is 64 bits of its hash, which decide where order would.

        The caller leaves out texts that are equal to an earlier one.
        """
        self._batch.append(text)
        self._keys.append(key)
        self._waiting += len(text)
        if self._waiting >= BATCH:
            self._flush()

    def add_signed(self, signature: Signatures, key: int) -> None:
        """Take the next text, which `signature` is of, instead of the text itself."""
        self._signed.append(signature)
        self._keys.append(key)
        self._waiting += len(signature.counted) + _SIGNED
        if self._waiting >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._take(sign_texts(self._batch))
        if self._signed:
            self._take(join_signatures(self._signed))
        self._batch, self._signed, self._waiting = [], [], 0

    def _take(self, signatures: Signatures) -> None:
        number = len(signatures.lengths)
        numbers = np.arange(self._numbers, self._numbers + number, dtype=np.uint64)
        owners = np.repeat(numbers, signatures.sought_sizes)
        add_prints(self._prints, signatures.sought, owners)
        self._shingles.write(signatures.counted.tobytes())
        self._counts.append(signatures.counted_sizes)
        # All shingles of a short text are fingerprints, of which a long one keeps two in five.
        self._effective.append((signatures.lengths * _DENSITY).astype(np.float32))
        self._numbers += number

    def pairs(self) -> Iterator[Pair]:
        """The near-duplicate pairs, by number; of many copies enough to connect them all.

        Which pairs these are depends on the texts, not on their order.
        """
        self._flush()
        if not self._numbers:
            return
        self._shingles.flush()
        order = np.argsort(np.asarray(self._keys), kind="stable")
        rank = np.empty(len(order), np.uint64)
        rank[order] = np.arange(len(order), dtype=np.uint64)
        counts = np.concatenate(self._counts).astype(np.int64)
        ends = np.cumsum(counts)
        begins, ends = (ends - counts)[order], ends[order]
        effective = np.concatenate(self._effective)[order]
        with closing(Buckets("corpus-pairs-")) as sharing:
            prints = share_out(self._prints, rank, sharing)
            self._prints.close()  # its space is wanted no more
            for numbers in sharing.parts():
                for pair in self._verified(numbers, prints, effective, begins, ends):
                    yield Pair(int(order[pair.first]), int(order[pair.second]), pair.shared)

    def _verified(
        self, numbers: Numbers, prints: Prints, effective: _Sizes, begins: _Ends, ends: _Ends
    ) -> Iterator[Pair]:
        """The near-duplicate pairs among those that share fingerprints, by rank."""
        shared = count_pairs(numbers)
        least = np.minimum(effective[shared.firsts], effective[shared.seconds])
        at = np.flatnonzero(shared.all >= self._doubted * least)
        last, of_last = -1, np.empty(0, np.uint32)
        columns = (shared.firsts, shared.seconds, shared.rare)
        for first, second, rare in zip(*(each[at].tolist() for each in columns), strict=True):
            if first != last:
                last, of_last = first, self._shingles_of(begins[first], ends[first])
            other = self._shingles_of(begins[second], ends[second])
            number = _count_common(of_last, other)
            shorter = min(len(of_last), len(other))
            if not self._is_copy(number, shorter, max(len(of_last), len(other))):
                continue
            short = first if len(of_last) <= len(other) else second
            common = int(prints.common[short]) / max(int(prints.total[short]), 1)
            own = float(effective[short]) * (1 - common)
            carried = common >= _CARRIED
            if number >= _LONG or carried or rare >= max(self._doubted * own, 1):
                yield Pair(first, second, number / shorter)

    def _shingles_of(self, begin: np.int64, end: np.int64) -> Hashes:
        # Read, not mapped: what was looked at would stay in memory.
        raw = os.pread(self._shingles.fileno(), int(end - begin) * 4, int(begin) * 4)
        return distinct(np.frombuffer(raw, np.uint32))

    def _is_copy(self, number: int, shorter: int, longer: int) -> bool:
        enough = number >= AT_LEAST and number >= self._similarity * shorter
        return enough or number >= self._similarity * (shorter + longer - number)


def _count_common(one: Hashes, other: Hashes) -> int:
    """How many numbers two sorted arrays without repetitions share."""
    if len(one) > len(other):
        one, other = other, one
    places = np.searchsorted(other, one)
    places[places == len(other)] = 0
    return int(np.count_nonzero(other[places] == one)) if len(other) else 0
