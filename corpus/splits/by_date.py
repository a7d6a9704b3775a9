"""Splits by time: the oldest documents in the first split, the newest in the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from corpus.splits.stratify import Placed, Unit, split_sizes


def place_by_date(
    units: Sequence[Unit], days: Sequence[date | None], ratios: Sequence[float], placed: Placed
) -> list[int]:
    """The split of each unit: no unit is older than one in an earlier split.

    A unit has the day of its newest document, so that a story whose last version is new does
    not stand among the old ones; units of one day are not torn apart; those without a day count
    as the oldest. Sizes are those of the ratios as nearly as the days allow.
    """
    total = sum(placed.documents) + sum(unit.documents for unit in units)
    sizes = split_sizes(total, ratios)
    room = [max(size - there, 0) for size, there in zip(sizes, placed.documents, strict=True)]
    by_day: dict[date, list[int]] = {}
    for at, day in enumerate(days):
        by_day.setdefault(day or date.min, []).append(at)
    chosen = [0] * len(units)
    # From the newest down, so that it is train that takes what is over.
    split = len(sizes) - 1
    for day in sorted(by_day, reverse=True):
        documents = sum(units[at].documents for at in by_day[day])
        while split > 0 and room[split] * 2 < documents:
            split -= 1
        room[split] -= documents
        for at in by_day[day]:
            chosen[at] = split
    return chosen
