"""Krippendorff's alpha for unitizing: do annotators cut the same units out of a continuum?

The coefficient of 1995 (On the reliability of unitizing continuous data, Sociological
Methodology 25) in the form of Content Analysis (2004, p. 251): squared differences between
overlapping units, summed over categories; expected are all units on all positions. Documents
are parts of one continuum, and no unit and no gap reaches over the border of two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from corpus.gold.coefficients import NAN, Table
from corpus.offsets import Span

if TYPE_CHECKING:
    from corpus.gold.coefficients import Array

Units = Sequence[Span]
"""One annotator's units of one category in one document, sorted, not overlapping."""


class Unitizing:
    """The units of so many annotators, all of whom have seen every document that is added."""

    def __init__(self, annotators: int) -> None:
        self.annotators = annotators
        self._lengths = Table(0, 1)
        self._observed: dict[str, Table] = {}
        self._units: dict[str, Table] = {}
        self._gaps: dict[str, Table] = {}
        self._all_gaps = Table(1, 0)
        self._longest = 1

    def add(self, document: int, length: int, units: Sequence[Mapping[str, Units]]) -> None:
        """One document of `length` code points: for each annotator, category -> units."""
        self._lengths.add(document, length)
        self._longest = max(self._longest, length)
        whole = self._all_gaps
        whole.add(document, length)
        for label in sorted({label for one in units for label in one}):
            said = [one.get(label, ()) for one in units]
            observed = sum(
                difference(one, other) for at, one in enumerate(said) for other in said[at + 1 :]
            )
            self._observed.setdefault(label, Table(0, 1)).add(document, 2.0 * observed)
            of_units = self._units.setdefault(label, Table(1, 0))
            of_gaps = self._gaps.setdefault(label, Table(1, 1))
            # The gaps of a document without such units are counted for all labels at once.
            of_gaps.add(document, length, -float(len(said)))
            for one in said:
                for start, end in one:
                    of_units.add(document, end - start)
                for start, end in gaps(one, length):
                    of_gaps.add(document, end - start, 1.0)

    @property
    def labels(self) -> list[str]:
        """The categories that occur, without the empty one, which stands for all of them."""
        return sorted(label for label in self._observed if label)

    def alpha(self, weights: Array, label: str | None = None) -> float:
        """1 - observed / expected disagreement, of one category or over all."""
        chosen = self.labels if label is None else [label]
        observed = expected = 0.0
        for one in chosen:
            if one not in self._observed:
                return NAN
            observed += self.observed(weights, one)
            expected += self.expected(weights, one)
        return 1.0 - observed / expected if expected else NAN

    def observed(self, weights: Array, label: str) -> float:
        """The observed disagreement of one category."""
        (length,) = self._lengths.sums(weights)
        if not length:
            return NAN
        number = self.annotators
        return self._observed[label].sums(weights)[0] / (number * (number - 1) * length * length)

    def expected(self, weights: Array, label: str) -> float:
        """The disagreement of one category if units were placed by chance."""
        import numpy as np

        (length,) = self._lengths.sums(weights)
        documents, (sizes,), _ = self._units[label].columns()
        of_size = np.bincount(sizes, weights[documents], 1)
        size = np.arange(len(of_size), dtype=float)
        number = of_size.sum()
        whole = self.annotators * length
        room = self._room(weights, label, len(of_size))
        among_units = (number - 1.0) * size * (size - 1.0) * (2.0 * size - 1.0) / 3.0
        numerator = 2.0 / length * float(of_size @ (among_units + size * size * room))
        denominator = whole * (whole - 1.0) - float(of_size @ (size * (size - 1.0)))
        return numerator / denominator if denominator else NAN

    def _room(self, weights: Array, label: str, sizes: int) -> Array:
        """For each size from 0: in how many places of the gaps a unit of that size lies."""
        import numpy as np

        documents, (lengths,), _ = self._all_gaps.columns()
        most = self._longest + 1
        of_length = self.annotators * np.bincount(lengths, weights[documents], most)
        documents, (lengths,), (times,) = self._gaps[label].columns()
        of_length = of_length + np.bincount(lengths, times * weights[documents], most)
        at_least = np.cumsum(of_length[::-1])[::-1]
        sum_at_least = np.cumsum((of_length * np.arange(most))[::-1])[::-1]
        size = np.arange(sizes)
        known = np.minimum(size, most - 1)
        return np.where(size < most, sum_at_least[known] - (size - 1.0) * at_least[known], 0.0)


def gaps(units: Units, length: int) -> Iterator[Span]:
    """The stretches between an annotator's units, and before and after them."""
    reach = 0
    for start, end in units:
        if reach < start:
            yield (reach, start)
        reach = end
    if reach < length:
        yield (reach, length)


def difference(one: Units, other: Units) -> float:
    """The sum of squared differences between the units of two annotators.

    Two that overlap differ by the squares of what their starts and their ends are apart; a unit
    that lies wholly in a gap of the other's by the square of its length.
    """
    total = 0.0
    met: set[Span] = set()
    first = 0
    for start, end in one:
        alone = True
        while first < len(other) and other[first][1] <= start:
            first += 1
        for begin, stop in islice(other, first, None):
            if begin >= end:
                break
            alone = False
            met.add((begin, stop))
            total += float((start - begin) ** 2 + (end - stop) ** 2)
        total += float((end - start) ** 2) if alone else 0.0
    return total + sum(float((e - s) ** 2) for s, e in other if (s, e) not in met)
