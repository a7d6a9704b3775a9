"""Groups of texts as columns: what may not be torn apart is placed as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.splits.by_key import halves_of
from corpus.splits.survey import Survey

Numbers = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
Chosen = npt.NDArray[np.int16]
"""A split for each unit, -1 for one that has none yet."""


class Units(NamedTuple):
    """All units: the least key of their texts, in halves; documents; newest day, greatest draw.

    Unit n holds `counts[bounds[n]:bounds[n + 1]]` mentions of the strata that `strata` numbers
    at the same places; `names` are the strata's names.
    """

    high: Numbers
    low: Numbers
    documents: Counts
    day: npt.NDArray[np.int32]
    draw: Numbers
    bounds: Counts
    strata: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    names: Sequence[str]


class Placed(NamedTuple):
    """What stands in each split already: documents, and mentions of each stratum."""

    documents: Sequence[int]
    strata: Counts


def units_of(survey: Survey, places: npt.NDArray[np.int32]) -> Units:
    """The units of a survey; `places` says to which each text belongs."""
    number = int(places.max(initial=-1)) + 1
    high, low = halves_of(survey.keys)
    order = np.lexsort((low, high, places))
    firsts = order[np.searchsorted(places[order], np.arange(number))]
    day, draw = np.zeros(number, np.int32), np.zeros(number, np.uint64)
    np.maximum.at(day, places, np.asarray(survey.day))
    np.maximum.at(draw, places, np.asarray(survey.draw))
    documents = np.bincount(places, weights=np.asarray(survey.documents), minlength=number)
    strata = _strata(survey, places, number)
    whole = documents.astype(np.int64)
    return Units(high[firsts], low[firsts], whole, day, draw, *strata, survey.strata)


def _strata(
    survey: Survey, places: npt.NDArray[np.int32], number: int
) -> tuple[Counts, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Bounds, strata and counts: of each unit its strata once, the one that came first first."""
    texts, kinds = np.asarray(survey.text), len(survey.strata)
    order = np.lexsort((texts, places[texts]))
    # A unit and a stratum in one number.
    both = places[texts[order]].astype(np.int64) * kinds + np.asarray(survey.stratum)[order]
    different, first, at = np.unique(both, return_index=True, return_inverse=True)
    counts = np.bincount(at, weights=np.asarray(survey.count)[order], minlength=len(different))
    as_they_came = np.argsort(first)
    bounds = np.searchsorted(different, np.arange(number + 1, dtype=np.int64) * kinds)
    strata = (different[as_they_came] % max(kinds, 1)).astype(np.int32)
    return bounds, strata, counts[as_they_came].astype(np.int32)


def placed_of(units: Units, chosen: Chosen, splits: int) -> Placed:
    """What those units that have a split bring into it."""
    has = chosen >= 0
    documents = np.bincount(chosen[has], weights=units.documents[has], minlength=splits)
    owners = np.repeat(chosen, np.diff(units.bounds)).astype(np.int64)
    of_placed = owners >= 0
    cells = units.strata[of_placed] * splits + owners[of_placed]
    kinds = len(units.names)
    mentions = np.bincount(cells, weights=units.counts[of_placed], minlength=kinds * splits)
    table = mentions.astype(np.int64).reshape(kinds, splits)
    return Placed(documents.astype(np.int64).tolist(), table)


def entries_of(units: Units, which: Counts) -> Counts:
    """The places in `strata` and `counts` of those units, one after the other."""
    begins, sizes = units.bounds[which], np.diff(units.bounds)[which]
    ends = np.cumsum(sizes)
    return np.repeat(begins - (ends - sizes), sizes) + np.arange(ends[-1] if len(ends) else 0)
