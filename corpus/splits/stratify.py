"""Iterative stratification: the rarest label first, where it is wanted most.

Source: Sechidis, Tsoumakas, Vlahavas, "On the Stratification of Multi-Label Data", 2011. Here
the number of documents of each split is fixed beforehand, so the ratios hold exactly, and
labels are weighted by their mentions.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Unit(NamedTuple):
    """What may not be torn apart: the documents of one text, with their mentions by label."""

    key: bytes
    documents: int
    labels: Mapping[int, int]


class Placed(NamedTuple):
    """What stands in each split already: documents, and mentions by label."""

    documents: Sequence[int]
    labels: Mapping[int, Sequence[int]]


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
    labels = {label for unit in units for label in unit.labels} | set(placed.labels)
    totals: dict[int, int] = dict.fromkeys(labels, 0)
    for label, counts in placed.labels.items():
        totals[label] += sum(counts)
    for unit in units:
        for label, count in unit.labels.items():
            totals[label] += count
    total = sum(placed.documents) + sum(unit.documents for unit in units)
    sizes = split_sizes(total, ratios)
    room = [size - there for size, there in zip(sizes, placed.documents, strict=True)]
    nothing = [0] * len(ratios)
    wanted = {
        label: [
            ratio / sum(ratios) * totals[label] - there
            for ratio, there in zip(ratios, placed.labels.get(label, nothing), strict=True)
        ]
        for label in labels
    }
    chosen = [-1] * len(units)
    for at, turn in _in_turn(units, seed):
        unit = units[at]
        scores: Sequence[float] = room if turn is None else wanted[turn]
        chosen[at] = split = _choose(unit, scores, room)
        room[split] -= unit.documents
        for each, count in unit.labels.items():
            wanted[each][split] -= count
    return chosen


def _in_turn(units: Sequence[Unit], seed: int) -> Sequence[tuple[int, int | None]]:
    """Each unit once, with the label that it is placed for: that of the fewest units left."""
    order = sorted(range(len(units)), key=lambda at: _draw(units[at].key, seed))
    holders: dict[int, list[int]] = defaultdict(list)
    for at in order:
        for label in units[at].labels:
            holders[label].append(at)
    left = {label: len(those) for label, those in holders.items()}
    done = [False] * len(units)
    turns: list[tuple[int, int | None]] = []
    while left:
        rarest = min(left, key=lambda each: (left[each], each))
        for at in holders[rarest]:
            if not done[at]:
                done[at] = True
                turns.append((at, rarest))
                for each in units[at].labels:
                    if each in left:
                        left[each] -= 1
        left.pop(rarest)
    turns += [(at, None) for at in order if not done[at]]
    return turns


def _draw(key: bytes, seed: int) -> bytes:
    """A random number that depends on the text and the seed alone."""
    return hashlib.blake2b(key, digest_size=16, salt=seed.to_bytes(16, "big", signed=True)).digest()


def _choose(unit: Unit, scores: Sequence[float], room: Sequence[float]) -> int:
    splits = range(len(room))
    fitting = [j for j in splits if room[j] >= unit.documents]
    if not fitting:
        # A text that stands more often than any split has room: where it overflows least.
        return max(splits, key=lambda j: (room[j], -j))
    return max(fitting, key=lambda j: (scores[j], room[j], -j))
