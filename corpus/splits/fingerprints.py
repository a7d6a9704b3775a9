"""Which texts have fingerprints in common, and which fingerprints are background.

A fingerprint that more than COMMON texts have is common: a credit, a paragraph of background that
goes from story to story, or a wire story that everybody carries.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from corpus.splits.buckets import BUCKETS, Buckets, Numbers

COMMON = 6
"""Texts with one fingerprint: of so many all pairs are looked at; of more, each with the first."""

Counts = npt.NDArray[np.uint32]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Prints(NamedTuple):
    """How many different fingerprints each text has, by rank: common ones, and all of them."""

    common: Counts
    total: Counts


class Shared(NamedTuple):
    """Pairs of texts by rank, sorted, and how many fingerprints each has in common.

    `all` of them, and `rare`, those that are not common.
    """

    firsts: npt.NDArray[np.int64]
    seconds: npt.NDArray[np.int64]
    all: Counts
    rare: Counts


def add_prints(prints: Buckets, hashes: Counts, numbers: Numbers) -> None:
    """Keep fingerprints, each with the number of its text; equal ones meet in one bucket."""
    # Not by the hash's size: a fingerprint is the least of its window, so most are small.
    wide = hashes.astype(np.uint64)
    prints.add((wide << _HALF) | numbers, wide % np.uint64(BUCKETS))


def share_out(prints: Buckets, rank: Numbers, pairs: Buckets) -> Prints:
    """Put each pair of texts that have a fingerprint in common into `pairs`, once for each.

    A pair is there as rank of the first << 33 | of the second << 1 | whether it is common, the
    pairs of one first text in one bucket, buckets in the order of the ranks.
    """
    texts = len(rank)
    found = Prints(np.zeros(texts, np.uint32), np.zeros(texts, np.uint32))
    for keys in prints.parts():
        _share_part(distinct((keys & ~_LOW) | rank[keys & _LOW]), found, pairs)
    return found


def _share_part(keys: Numbers, found: Prints, pairs: Buckets) -> None:
    texts = len(found.total)
    owners = keys & _LOW
    found.total[:] += np.bincount(owners.astype(np.int64), minlength=texts).astype("u4")
    hashes = keys >> _HALF
    borders = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1], [True]]))
    sizes = np.diff(borders)
    # What one text alone has is most of it, and says nothing.
    owners = owners[np.repeat(sizes > 1, sizes)]
    sizes = sizes[sizes > 1]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(owners)) - np.repeat(starts, sizes)
    few = np.repeat(sizes <= COMMON, sizes)
    for lag in range(1, COMMON):
        at = np.flatnonzero(few & (place >= lag))
        _add_pairs(pairs, owners[at - lag], owners[at], 0, texts)
    first = np.repeat(owners[starts], sizes)
    many = np.flatnonzero(~few & (place > 0))
    _add_pairs(pairs, first[many], owners[many], 1, texts)
    found.common[:] += np.bincount(owners[~few].astype(np.int64), minlength=texts).astype("u4")


def _add_pairs(pairs: Buckets, firsts: Numbers, seconds: Numbers, common: int, texts: int) -> None:
    one = np.uint64(1)
    numbers = (firsts << (_HALF + one)) | (seconds << one) | np.uint64(common)
    pairs.add(numbers, firsts * np.uint64(BUCKETS) // np.uint64(texts))


def count_pairs(numbers: Numbers) -> Shared:
    """The pairs among these, each once, with their counts."""
    numbers = np.sort(numbers)
    pairs = numbers >> np.uint64(1)
    starts = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]]))
    all = np.diff(starts, append=len(pairs)).astype("u4")
    common = np.add.reduceat(numbers & np.uint64(1), starts).astype("u4")
    pairs = pairs[starts]
    return Shared(
        (pairs >> _HALF).astype(np.int64), (pairs & _LOW).astype(np.int64), all, all - common
    )


_Kind = TypeVar("_Kind", np.uint32, np.uint64)


def distinct(numbers: npt.NDArray[_Kind]) -> npt.NDArray[_Kind]:
    """The different numbers, sorted; numpy's own `unique` hashes, which takes ten times as long."""
    ordered = np.sort(numbers)
    return (
        ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered
    )
