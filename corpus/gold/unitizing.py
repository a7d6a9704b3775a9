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

    def add(self, document: int, length: int, units: Sequence[Mapping[str, Units]]) -> None:
        """One document of `length` code points: for each annotator, category -> units."""
        self._lengths.add(document, length)
        self._all_gaps.add(document, length)
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

    def alpha(self, weights: Array, label: str | None = None) -> Array:
        """1 - observed / expected disagreement, of one category or over all.

        Shapes: weights (..., documents), result (...).
        """
        import numpy as np

        observed = expected = np.zeros(weights.shape[:-1])
        for one in self.labels if label is None else [label]:
            if one in self._observed:
                observed = observed + self.observed(weights, one)
                expected = expected + self.expected(weights, one)
        defined = expected > 0
        found: Array = np.where(defined, 1.0 - observed / np.where(defined, expected, 1.0), NAN)
        return found

    def observed(self, weights: Array, label: str) -> Array:
        """The observed disagreement of one category."""
        import numpy as np

        length = np.maximum(self._lengths.sums(weights)[..., 0], 1.0)
        number = self.annotators
        pairs = number * (number - 1)
        found: Array = self._observed[label].sums(weights)[..., 0] / (pairs * length * length)
        return found

    def expected(self, weights: Array, label: str) -> Array:
        """The disagreement of one category if units were placed by chance."""
        import numpy as np

        documents, (sizes,), _ = self._units[label].columns()
        size, kind = np.unique(sizes, return_inverse=True)
        many, kinds = weights.shape[-1], len(size)
        cells = np.bincount(documents * kinds + kind, minlength=many * kinds)
        of_size = weights @ cells.reshape(many, kinds).astype(float)
        room = weights @ self._room(label, size.astype(float), many)
        number = of_size.sum(-1)
        length = np.maximum(self._lengths.sums(weights)[..., 0], 1.0)
        whole = self.annotators * length
        size = size.astype(float)
        among_units = (number - 1.0)[..., None] * (size * (size - 1.0) * (2.0 * size - 1.0) / 3.0)
        numerator = (of_size * (among_units + size * size * room)).sum(-1)
        denominator = whole * (whole - 1.0) - (of_size * (size * (size - 1.0))).sum(-1)
        found: Array = 2.0 / length * numerator / np.maximum(denominator, 1.0)
        return found

    def _room(self, label: str, sizes: Array, many: int) -> Array:
        """(documents, sizes): in how many places of a document's gaps a unit of that size lies."""
        import numpy as np

        documents, (lengths,), _ = self._all_gaps.columns()
        whole = np.zeros(many)
        whole[documents] = lengths
        room = self.annotators * np.maximum(0.0, whole[:, None] - sizes + 1.0)
        documents, (lengths,), (times,) = self._gaps[label].columns()
        for at, size in enumerate(sizes):
            places = times * np.maximum(0.0, lengths - size + 1.0)
            room[:, at] += np.bincount(documents, places, many)
        return room


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
