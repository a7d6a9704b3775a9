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
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Unit(NamedTuple):
    """What may not be torn apart: a group of documents, with their mentions by stratum."""

    key: bytes
    documents: int
    labels: Mapping[str, int]


class Placed(NamedTuple):
    """What stands in each split already: documents, and mentions by stratum."""

    documents: Sequence[int]
    labels: Mapping[str, Sequence[int]]


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
    units: Sequence[Unit], ratios: Sequence[float], placed: Placed, *, seed: int
) -> list[int]:
    """The split of each unit, given what is placed already; the order of the units is no matter."""
    whole = sum(ratios)
    totals = Counter({label: sum(counts) for label, counts in placed.labels.items()})
    for unit in units:
        totals.update(unit.labels)
    total = sum(placed.documents) + sum(unit.documents for unit in units)
    sizes = split_sizes(total, ratios)
    room = [size - there for size, there in zip(sizes, placed.documents, strict=True)]
    targets = {
        label: [ratio / whole * count for ratio in ratios] for label, count in totals.items()
    }
    wanted = {label: list(parts) for label, parts in targets.items()}
    for label, counts in placed.labels.items():
        for split, count in enumerate(counts):
            wanted[label][split] -= count
    chosen = [-1] * len(units)
    for at in _in_turn(units, seed):
        unit = units[at]
        gains = [
            sum(_gain(c, wanted[label][j], targets[label][j]) for label, c in unit.labels.items())
            for j in range(len(ratios))
        ]
        chosen[at] = split = _choose(unit, gains, room, sizes)
        room[split] -= unit.documents
        for label, count in unit.labels.items():
            wanted[label][split] -= count
    return chosen


def _gain(count: int, wanted: float, target: float) -> float:
    """By how much this many mentions of a label bring a split nearer to its target."""
    # The fall of (wanted - placed)^2 / target, the chi-square distance.
    return (2 * wanted * count - count * count) / target if target else 0.0


def _in_turn(units: Sequence[Unit], seed: int) -> list[int]:
    """Each unit once, those first that hold the label of the fewest units left."""
    # Those with many mentions before those with few, which then even out what is left.
    size = [sum(unit.labels.values()) for unit in units]
    order = sorted(range(len(units)), key=lambda at: (-size[at], _draw(units[at].key, seed)))
    holders: dict[str, list[int]] = defaultdict(list)
    for at in order:
        for label in units[at].labels:
            holders[label].append(at)
    left = {label: len(those) for label, those in holders.items()}
    done = [False] * len(units)
    turns: list[int] = []
    while left:
        rarest = min(left, key=lambda each: (left[each], each))
        for at in holders[rarest]:
            if not done[at]:
                done[at] = True
                turns.append(at)
                for each in units[at].labels:
                    if each in left:
                        left[each] -= 1
        left.pop(rarest)
    return turns + [at for at in order if not done[at]]


def _draw(key: bytes, seed: int) -> bytes:
    """A random number that depends on the text and the seed alone."""
    return hashlib.blake2b(key, digest_size=16, salt=seed.to_bytes(16, "big", signed=True)).digest()


def _choose(unit: Unit, gains: Sequence[float], room: Sequence[int], sizes: Sequence[int]) -> int:
    splits = range(len(room))
    fitting = [j for j in splits if room[j] >= unit.documents]
    if not fitting:
        # A text that stands more often than any split has room: where it overflows least.
        return max(splits, key=lambda j: (room[j], -j))
    # Without a label to decide, the split that is emptiest for its size.
    return max(fitting, key=lambda j: (gains[j], room[j] / sizes[j], -j))
