"""Which texts have fingerprints in common, and which fingerprints are background.

A fingerprint that more than COMMON texts have is common: a credit, a paragraph of background that
goes from story to story, or a wire story that everybody carries.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

COMMON = 6
"""Texts with one fingerprint: of so many all pairs are looked at; of more, each with the first."""

AT_ONCE = 1 << 22  # fingerprints sorted in memory

Numbers = npt.NDArray[np.uint64]
_Counts = npt.NDArray[np.uint32]
_Table = tuple[Numbers, _Counts, _Counts]


class Shared(NamedTuple):
    """Pairs (rank of the first << 32 | of the second), and what they have in common.

    `all` and `rare` count fingerprints of each pair, `rare` those that are not common;
    `common` counts each text's common ones, `total` all of them.
    """

    pairs: Numbers
    all: _Counts
    rare: _Counts
    common: _Counts
    total: _Counts


def count_shared(keys: Numbers, rank: Numbers) -> Shared:
    """What the texts have in common; a key is hash << 32 | number of the text."""
    parts = -(-len(keys) // AT_ONCE)
    texts = len(rank)
    none, nothing = np.empty(0, np.uint32), np.zeros(texts, np.uint32)
    found = Shared(np.empty(0, np.uint64), none, none, nothing, nothing)
    for part in range(parts):
        of_part = _of_part(keys, part, parts, rank)
        more = _count_part(of_part, texts)
        pairs, all, rare = _merged(found[:3], more[:3])
        found = Shared(pairs, all, rare, found.common + more.common, found.total + more.total)
    return found


def _of_part(keys: Numbers, part: int, parts: int, rank: Numbers) -> Numbers:
    """Different hash << 32 | rank, of the hashes that leave `part` over, sorted."""
    chosen = []
    for start in range(0, len(keys), AT_ONCE):
        block = np.asarray(keys[start : start + AT_ONCE])
        # Not by the hash's size: a fingerprint is the least of its window, so most are small.
        block = block[(block >> np.uint64(32)) % np.uint64(parts) == part]
        chosen.append((block & ~np.uint64(0xFFFFFFFF)) | rank[low_half(block)])
    return distinct(np.concatenate(chosen))


def _count_part(keys: Numbers, texts: int) -> Shared:
    hashes = (keys >> np.uint64(32)).astype(np.uint32)
    borders = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1], [True]]))
    sizes = np.diff(borders)
    total = np.bincount(low_half(keys).astype(np.int64), minlength=texts).astype("u4")
    # What one text alone has is most of it, and says nothing.
    keys = keys[np.repeat(sizes > 1, sizes)]
    sizes = sizes[sizes > 1]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(keys)) - np.repeat(starts, sizes)
    owners = low_half(keys)
    few = np.repeat(sizes <= COMMON, sizes)
    pairs = []
    for lag in range(1, COMMON):
        at = np.flatnonzero(few & (place >= lag))
        pairs.append((owners[at - lag] << np.uint64(32)) | owners[at])
    first = np.repeat(owners[starts], sizes)
    many = np.flatnonzero(~few & (place > 0))
    rare, times = _counted(np.concatenate(pairs))
    common, common_times = _counted((first[many] << np.uint64(32)) | owners[many])
    nothing = np.zeros(len(common), "u4")
    found = _merged((rare, times, times), (common, common_times, nothing))
    of_text = np.bincount(owners[~few].astype(np.int64), minlength=texts).astype("u4")
    return Shared(*found, of_text, total)


def _counted(pairs: Numbers) -> tuple[Numbers, _Counts]:
    different, times = np.unique(pairs, return_counts=True)
    return different, times.astype("u4")


def _merged(one: _Table, other: _Table) -> _Table:
    """The pairs of both, each once and sorted, with the sums of their counts."""
    pairs = distinct(np.concatenate([one[0], other[0]]))
    all, rare = np.zeros(len(pairs), "u4"), np.zeros(len(pairs), "u4")
    for keys, of_all, of_rare in (one, other):
        at = np.searchsorted(pairs, keys)
        all[at] += of_all
        rare[at] += of_rare
    return pairs, all, rare


_Kind = TypeVar("_Kind", np.uint32, np.uint64)


def distinct(numbers: npt.NDArray[_Kind]) -> npt.NDArray[_Kind]:
    """The different numbers, sorted; numpy's own `unique` hashes, which takes ten times as long."""
    ordered = np.sort(numbers)
    return (
        ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered
    )


def low_half(keys: Numbers) -> Numbers:
    """The lower 32 bits: the number of a text."""
    low: Numbers = keys & np.uint64(0xFFFFFFFF)
    return low
