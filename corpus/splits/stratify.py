"""Iterative stratification: the rarest label first, where it is wanted most.

A label here is any stratum: a label of mentions, or a kind of link.

Source: Sechidis, Tsoumakas, Vlahavas, "On the Stratification of Multi-Label Data", 2011, for the
order. Two things are ours: the number of documents of each split is fixed beforehand, so the
ratios hold exactly; and a document goes where all its labels together are wanted most (the
largest fall of the chi-square distance, by mentions), since in running text most documents
hold most labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from corpus.splits.by_key import SIZE, halves_of
from corpus.splits.units import Chosen, Counts, Placed, Units, entries_of


def split_sizes(total: int, ratios: Sequence[float]) -> list[int]:
    """The documents of each split: the ratios rounded to the largest remainder.

    Where there are enough documents, no split of a ratio above 0 is empty.
    """
    whole = sum(ratios)
    exact = [total * ratio / whole for ratio in ratios]
    sizes = [int(each) for each in exact]
    by_remainder = sorted(range(len(sizes)), key=lambda j: (sizes[j] - exact[j], j))
    for j in by_remainder[: total - sum(sizes)]:
        sizes[j] += 1
    wanted = [j for j, ratio in enumerate(ratios) if ratio]
    for j in wanted:
        largest = max(wanted, key=lambda k: sizes[k])
        if not sizes[j] and sizes[largest] > 1 and total >= len(wanted):
            sizes[largest] -= 1
            sizes[j] += 1
    return sizes


def stratify(
    units: Units, waiting: Counts, ratios: Sequence[float], placed: Placed, *, seed: int
) -> Chosen:
    """The split of each waiting unit, given what is placed already; their order is no matter."""
    splits, kinds = range(len(ratios)), len(units.names)
    whole = sum(ratios)
    # Of all units: those that wait, and those that are placed.
    totals = np.bincount(units.strata, weights=units.counts, minlength=kinds)
    sizes = split_sizes(int(units.documents.sum()), ratios)
    room = [size - there for size, there in zip(sizes, placed.documents, strict=True)]
    targets = [[ratio / whole * int(count) for ratio in ratios] for count in totals]
    wanted = [
        [target - there for target, there in zip(*both, strict=True)]
        for both in zip(targets, placed.strata.tolist(), strict=True)
    ]
    chosen = np.full(len(units.documents), -1, np.int16)
    for at in _in_turn(units, waiting, seed):
        entries = slice(units.bounds[at], units.bounds[at + 1])
        held = list(
            zip(units.strata[entries].tolist(), units.counts[entries].tolist(), strict=True)
        )
        gains = [
            sum(_gain(c, wanted[kind][j], targets[kind][j]) for kind, c in held) for j in splits
        ]
        documents = int(units.documents[at])
        chosen[at] = split = _choose(documents, gains, room, sizes)
        room[split] -= documents
        for kind, count in held:
            wanted[kind][split] -= count
    return chosen[waiting]


def _gain(count: int, wanted: float, target: float) -> float:
    """By how much this many mentions of a label bring a split nearer to its target."""
    # The fall of (wanted - placed)^2 / target, the chi-square distance.
    return (2 * wanted * count - count * count) / target if target else 0.0


def _in_turn(units: Units, waiting: Counts, seed: int) -> Counts:
    """Each waiting unit once, those first that hold the stratum of the fewest units left."""
    order = _by_size(units, waiting, seed)
    sizes = np.diff(units.bounds)[order]
    kinds = units.strata[entries_of(units, order)]
    # The waiting units that hold each stratum, in that order.
    holders = np.repeat(order, sizes)[np.argsort(kinds, kind="stable")]
    left = np.bincount(kinds, minlength=len(units.names))
    ends = np.cumsum(left)
    begins = ends - left
    done = np.zeros(len(units.documents), bool)
    remaining = set(np.flatnonzero(left).tolist())
    turns = []
    while remaining:
        rarest = min(remaining, key=lambda kind: (left[kind], units.names[kind]))
        remaining.remove(rarest)
        those = holders[begins[rarest] : ends[rarest]]
        those = those[~done[those]]
        done[those] = True
        turns.append(those)
        left -= np.bincount(units.strata[entries_of(units, those)], minlength=len(left))
    return np.concatenate([*turns, order[~done[order]]])


def _by_size(units: Units, waiting: Counts, seed: int) -> Counts:
    """The units with many mentions before those with few, which then even out what is left."""
    sums = np.concatenate([[0], np.cumsum(units.counts, dtype=np.int64)])
    size = sums[units.bounds[waiting + 1]] - sums[units.bounds[waiting]]
    keys = np.stack([units.high[waiting], units.low[waiting]], axis=1).astype(">u8").tobytes()
    draws = bytearray()
    for at in range(0, len(keys), SIZE):
        draws += _draw(keys[at : at + SIZE], seed)
    high, low = halves_of(draws)
    ordered: Counts = waiting[np.lexsort((low, high, -size))]
    return ordered


def _draw(key: bytes, seed: int) -> bytes:
    """A random number that depends on the text and the seed alone."""
    return hashlib.blake2b(key, digest_size=16, salt=seed.to_bytes(16, "big", signed=True)).digest()


def _choose(
    documents: int, gains: Sequence[float], room: Sequence[int], sizes: Sequence[int]
) -> int:
    splits = range(len(room))
    fitting = [j for j in splits if room[j] >= documents]
    if not fitting:
        # A text that stands more often than any split has room: where it overflows least.
        return max(splits, key=lambda j: (room[j], -j))
    # Without a label to decide, the split that is emptiest for its size.
    return max(fitting, key=lambda j: (gains[j], room[j] / sizes[j], -j))
