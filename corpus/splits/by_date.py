"""Splits by time: the oldest documents in the first split, the newest in the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from corpus.splits.stratify import split_sizes
from corpus.splits.units import Chosen, Placed, Units


def place_by_date(
    units: Units, waiting: npt.NDArray[np.int64], ratios: Sequence[float], placed: Placed
) -> Chosen:
    """The split of each waiting unit: none is older than one in an earlier split.

    A unit has the day of its newest document, so that a story whose last version is new does
    not stand among the old ones; units of one day are not torn apart; those without a day count
    as the oldest. Sizes are those of the ratios as nearly as the days allow.
    """
    documents = units.documents[waiting]
    sizes = split_sizes(sum(placed.documents) + int(documents.sum()), ratios)
    room = [max(size - there, 0) for size, there in zip(sizes, placed.documents, strict=True)]
    different, of_day = np.unique(units.day[waiting], return_inverse=True)
    numbers = np.bincount(of_day, weights=documents).astype(np.int64)
    split_of_day = np.zeros(len(different), np.int16)
    # From the newest down, so that it is train that takes what is over.
    split = len(sizes) - 1
    for day in reversed(range(len(different))):
        number = int(numbers[day])
        while split > 0 and room[split] * 2 < number:
            split -= 1
        room[split] -= number
        split_of_day[day] = split
    return split_of_day[of_day]
