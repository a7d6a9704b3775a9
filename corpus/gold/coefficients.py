"""Coefficients of agreement from sums over documents. Pure.

Every figure here is a function of sums that add up document by document: with weights it is the
figure of a resample, with ones that of all documents. Many resamples are computed at once: weights
have the shape (..., documents), figures (...). A figure that is not defined is NaN.

Cohen 1960; Fleiss 1971; Krippendorff, Computing Krippendorff's alpha-reliability, 2011.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Figures = Array
    """One figure for each row of weights; of a single row a number."""

Pair = tuple[str, str]
NAN = float("nan")
_TINY = 1e-12
_BLOCK = 256  # values whose counts are held for all documents at once


class Table:
    """Rows of numbers that each belong to a document, for sums under weights."""

    def __init__(self, integers: int, floats: int) -> None:
        self.documents = array("q")
        self._columns: list[array[Any]] = [array("q") for _ in range(integers)]
        self._columns += [array("d") for _ in range(floats)]
        self._integers = integers
        self._frozen: tuple[Any, list[Any], list[Any]] | None = None

    def add(self, document: int, *numbers: float) -> None:
        """One row: the document's number, the integers, the floats."""
        self.documents.append(document)
        for column, number in zip(self._columns, numbers, strict=True):
            column.append(number)

    def columns(self) -> tuple[Any, list[Any], list[Any]]:
        """(documents, integer columns, float columns) as numpy arrays."""
        import numpy as np

        if self._frozen is None:
            columns = [np.frombuffer(column, column.typecode) for column in self._columns]
            self._frozen = (
                np.frombuffer(self.documents, "q"),
                columns[: self._integers],
                columns[self._integers :],
            )
        return self._frozen

    def sums(self, weights: Array) -> Array:
        """The float columns summed, each row weighted as its document.

        Shapes: weights (..., documents), result (..., float columns).
        """
        import numpy as np

        documents, _, floats = self.columns()
        size = weights.shape[-1]
        columns = [np.bincount(documents, column, size) for column in floats]
        return weights @ np.stack(columns, axis=-1)

    def counts(self, codes: int, which: int, numbers: int, weights: Array) -> Iterator[Array]:
        """For blocks of codes: how often each was given, (..., codes of the block).

        `which` is the integer column with the codes, `numbers` the float column of their times.
        Blocks, since documents x entities would not fit into memory.
        """
        import numpy as np

        documents, integers, floats = self.columns()
        size = weights.shape[-1]
        for first in range(0, codes, _BLOCK):
            width = min(_BLOCK, codes - first)
            inside = (integers[which] >= first) & (integers[which] < first + width)
            cells = documents[inside] * width + (integers[which][inside] - first)
            dense = np.bincount(cells, floats[numbers][inside], size * width)
            yield weights @ dense.reshape(size, width)

    def __len__(self) -> int:
        return len(self.documents)


class Codes:
    """Values as small numbers."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        """The same number for equal values."""
        return self._numbers.setdefault(value, len(self._numbers))

    def find(self, value: Hashable) -> int:
        """Its number, -1 if it never came."""
        return self._numbers.get(value, -1)

    def __len__(self) -> int:
        return len(self._numbers)


class Nominal:
    """Units that several annotators gave a value, for one aspect (boundary, type, link, NIL)."""

    def __init__(self) -> None:
        self.codes = Codes()
        self.pairs: dict[Pair, Table] = {}
        self.by_size: dict[int, tuple[Table, Table]] = {}

    def add(self, document: int, unit: Mapping[str, Hashable], times: int = 1) -> None:
        """Add units alike: annotator -> value; who gave none is not in it."""
        size = len(unit)
        if size < 2:
            return
        names = sorted(unit)
        codes = {name: self.codes.number(unit[name]) for name in names}
        for at, one in enumerate(names):
            for other in names[at + 1 :]:
                cells = self.pairs.setdefault((one, other), Table(2, 1))
                cells.add(document, codes[one], codes[other], times)
        counts: dict[int, int] = {}
        for code in codes.values():
            counts[code] = counts.get(code, 0) + 1
        values, units = self.by_size.setdefault(size, (Table(1, 2), Table(0, 2)))
        same = sum(n * (n - 1) for n in counts.values()) / (size - 1)
        units.add(document, times, same * times)
        for code, number in counts.items():
            values.add(document, code, number * times, number * number * times)

    def cohen(self, pair: Pair, weights: Array) -> Figures:
        """Cohen's kappa of two annotators over the units that both gave a value."""
        total, same, by_chance, _ = self._paired(pair, weights)
        return _corrected(_ratio(same, total), _ratio(by_chance, total * total))

    def alpha_of_pair(self, pair: Pair, weights: Array) -> Figures:
        """Krippendorff's nominal alpha of two annotators."""
        total, same, _, squares = self._paired(pair, weights)
        return _alpha(2.0 * total, squares, 2.0 * same)

    def observed(self, pair: Pair, weights: Array) -> tuple[Figures, Figures]:
        """How many units both gave a value, and the same one."""
        total, same, _, _ = self._paired(pair, weights)
        return total, same

    def _paired(self, pair: Pair, weights: Array) -> tuple[Figures, Figures, Figures, Figures]:
        """Units, equal ones, and over all values the sums of a b and of (a + b) squared."""
        import numpy as np

        cells = self.pairs.get(pair)
        if cells is None:
            nothing = np.zeros(weights.shape[:-1])
            return nothing, nothing, nothing, nothing
        documents, (one, other), (times,) = cells.columns()
        size, number = weights.shape[-1], len(self.codes)
        total = weights @ np.bincount(documents, times, size)
        same = weights @ np.bincount(documents, times * (one == other), size)
        by_chance = squares = np.zeros(weights.shape[:-1])
        for first, second in zip(
            cells.counts(number, 0, 0, weights), cells.counts(number, 1, 0, weights), strict=True
        ):
            by_chance = by_chance + (first * second).sum(-1)
            squares = squares + ((first + second) ** 2).sum(-1)
        return total, same, by_chance, squares

    def fleiss(self, annotators: int, weights: Array) -> Figures:
        """Fleiss' kappa over the units that all of so many annotators gave a value."""
        import numpy as np

        if annotators not in self.by_size:
            return np.full(weights.shape[:-1], NAN)
        given, squares, same = self._counts([annotators], weights)
        return _corrected(_ratio(same, given), _ratio(squares, given * given))

    def alpha(self, weights: Array) -> Figures:
        """Krippendorff's nominal alpha over the units that at least two gave a value."""
        return _alpha(*self._counts(list(self.by_size), weights))

    def alpha_of(self, value: Hashable, weights: Array) -> Figures:
        """The same of one value against all others."""
        import numpy as np

        code = self.codes.find(value)
        said = total = same = np.zeros(weights.shape[:-1])
        for size, (values, units) in self.by_size.items():
            documents, (codes,), (numbers, squares) = values.columns()
            here = codes == code
            columns = [
                np.bincount(documents[here], of[here], weights.shape[-1])
                for of in (numbers, squares)
            ]
            number, square = (weights @ column for column in columns)
            whole = units.sums(weights)[..., 0] * size
            said = said + number
            total = total + whole
            same = same + whole + 2.0 * (square - number * size) / (size - 1)
        return _alpha(total, said**2 + (total - said) ** 2, same)

    def _counts(self, sizes: list[int], weights: Array) -> tuple[Figures, Figures, Figures]:
        """How many values were given, the sum of the squares of each, equal pairs a unit."""
        import numpy as np

        given = squares = same = np.zeros(weights.shape[:-1])
        for size in sizes:
            sums = self.by_size[size][1].sums(weights)
            given = given + sums[..., 0] * size
            same = same + sums[..., 1]
        tables = [self.by_size[size][0] for size in sizes]
        blocks = [table.counts(len(self.codes), 0, 0, weights) for table in tables]
        for counts in zip(*blocks, strict=True):
            squares = squares + (sum(counts) ** 2).sum(-1)
        return given, squares, same


def _corrected(observed: Figures, expected: Figures) -> Figures:
    """Agreement beyond chance; NaN where everybody always said the same one thing."""
    return _ratio(observed - expected, 1 - expected)


def _alpha(given: Figures, squares: Figures, same: Figures) -> Figures:
    """Krippendorff's nominal alpha from the values given, their squares, equal pairs a unit."""
    return 1.0 - _ratio((given - 1.0) * (given - same), given * given - squares)


def _ratio(numerator: Figures, denominator: Figures) -> Figures:
    """Their ratio, NaN where there is nothing to divide by, but for the last bits."""
    import numpy as np

    defined = np.abs(denominator) > _TINY
    return np.where(defined, numerator / np.where(defined, denominator, 1.0), NAN)


def f1(both: Figures, one: Figures, other: Figures) -> Figures:
    """2 both / (one + other); NaN where neither has anything."""
    return _ratio(2.0 * both, one + other)
