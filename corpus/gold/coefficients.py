"""Coefficients of agreement from sums over documents. Pure.

Every figure here is a function of sums that add up document by document: with weights it is the
figure of a resample, with ones that of all documents. A figure that is not defined is NaN.

Cohen 1960; Fleiss 1971; Krippendorff, Computing Krippendorff's alpha-reliability, 2011.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

Pair = tuple[str, str]
NAN = float("nan")


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

    def sums(self, weights: Array) -> list[float]:
        """The float columns summed, each row weighted as its document."""
        documents, _, floats = self.columns()
        rows = weights[documents]
        return [float(rows @ column) for column in floats]

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

    def cohen(self, pair: Pair, weights: Array) -> float:
        """Cohen's kappa of two annotators over the units that both gave a value."""
        total, same, first, second = self._paired(pair, weights)
        if not total:
            return NAN
        return _corrected(same / total, float(first @ second) / (total * total))

    def alpha_of_pair(self, pair: Pair, weights: Array) -> float:
        """Krippendorff's nominal alpha of two annotators."""
        total, same, first, second = self._paired(pair, weights)
        return _alpha(first + second, 2.0 * same) if total else NAN

    def observed(self, pair: Pair, weights: Array) -> tuple[float, float]:
        """How many units both gave a value, and the same one."""
        total, same, _, _ = self._paired(pair, weights)
        return total, same

    def _paired(self, pair: Pair, weights: Array) -> tuple[float, float, Array, Array]:
        """Units, those with equal values, and how often each of the two gave which value."""
        import numpy as np

        cells = self.pairs.get(pair)
        if cells is None:
            return 0.0, 0.0, np.zeros(0), np.zeros(0)
        documents, (one, other), (times,) = cells.columns()
        rows = times * weights[documents]
        first, second = (
            np.bincount(of, rows, len(self.codes)).astype(float) for of in (one, other)
        )
        return float(rows.sum()), float(rows[one == other].sum()), first, second

    def fleiss(self, annotators: int, weights: Array) -> float:
        """Fleiss' kappa over the units that all of so many annotators gave a value."""
        if annotators not in self.by_size:
            return NAN
        counts, units, same = self._counts([annotators], weights)
        if not units:
            return NAN
        shares = counts / (units * annotators)
        return _corrected(same / (units * annotators), float(shares @ shares))

    def alpha(self, weights: Array) -> float:
        """Krippendorff's nominal alpha over the units that at least two gave a value."""
        if not self.by_size:
            return NAN
        counts, _, same = self._counts(list(self.by_size), weights)
        return _alpha(counts, same)

    def alpha_of(self, value: Hashable, weights: Array) -> float:
        """The same of one value against all others."""
        import numpy as np

        code = self.codes.find(value)
        said = total = same = 0.0
        for size, (values, units) in self.by_size.items():
            documents, (codes,), (numbers, squares) = values.columns()
            here = codes == code
            rows = weights[documents[here]]
            number, square = float(rows @ numbers[here]), float(rows @ squares[here])
            whole = units.sums(weights)[0] * size
            said += number
            total += whole
            same += whole + 2.0 * (square - number * size) / (size - 1)
        return _alpha(np.array([said, total - said]), same) if said else NAN

    def units(self, weights: Array) -> float:
        """How many units at least two gave a value."""
        return sum(units.sums(weights)[0] for _, units in self.by_size.values())

    def _counts(self, sizes: list[int], weights: Array) -> tuple[Array, float, float]:
        """How often each value was given, the units, and the sum of equal pairs a unit."""
        import numpy as np

        counts = np.zeros(len(self.codes))
        total = same = 0.0
        for size in sizes:
            values, units = self.by_size[size]
            documents, (codes,), (numbers, _) = values.columns()
            counts += np.bincount(codes, numbers * weights[documents], len(self.codes))
            number, equal = units.sums(weights)
            total += number
            same += equal
        return counts, total, same


def _corrected(observed: float, expected: float) -> float:
    """Agreement beyond chance; NaN where everybody always said the same one thing."""
    return (observed - expected) / (1 - expected) if expected < 1 else NAN


def _alpha(counts: Array, same: float) -> float:
    """Krippendorff's nominal alpha from how often each value was given, and equal pairs a unit."""
    total = float(counts.sum())
    expected = total * total - float(counts @ counts)
    return 1.0 - (total - 1.0) * (total - same) / expected if expected else NAN


def f1(both: float, one: float, other: float) -> float:
    """2 both / (one + other); NaN where neither has anything."""
    return 2 * both / (one + other) if one + other else NAN
