"""Coefficients: the published worked examples, and the reference libraries on random data."""

from __future__ import annotations

import math
import random

import krippendorff
import numpy as np
import pytest
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

from corpus.gold.coefficients import Nominal, f1

ONE = np.ones(1)
AB = ("a", "b")


def nominal(*units: dict) -> Nominal:
    found = Nominal()
    for unit in units:
        found.add(0, unit)
    return found


def of_table(table: list[list[int]]) -> Nominal:
    """Two annotators from their table of counts."""
    found = Nominal()
    for row, line in enumerate(table):
        for column, times in enumerate(line):
            if times:
                found.add(0, {"a": row, "b": column}, times)
    return found


# Cohen 1960, pages 37 and 45.
@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], 0.492),
        ([[25, 12, 3], [13, 2, 15], [12, 16, 2]], (0.29 - 0.35) / (1 - 0.35)),
    ],
)
def test_cohens_own_examples(table, kappa):
    found = of_table(table).cohen(AB, ONE)
    assert found == pytest.approx(kappa, abs=0.001)
    assert found == pytest.approx(cohens_kappa(np.array(table)).kappa, abs=1e-12)


# Fleiss 1971, page 379: for each of 30 subjects the diagnoses of six psychiatrists.
FLEISS = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 "
    "144444 124444 222333 144444 224445 333335 111455 111112 224444 133555 "
    "555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)


def test_fleiss_own_example():
    found = nominal(*({str(n): value for n, value in enumerate(row)} for row in FLEISS.split()))
    kappa = found.fleiss(6, ONE)
    assert kappa == pytest.approx(0.430, abs=0.0005)
    table, _ = aggregate_raters([[int(value) for value in row] for row in FLEISS.split()])
    assert kappa == pytest.approx(fleiss_kappa(table), abs=1e-12)
    assert math.isnan(found.fleiss(5, ONE))


# Krippendorff 2011, section C: four observers, twelve units, values missing.


def krippendorffs_example() -> list[list[float]]:
    rows = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    return [[float("nan") if v == "." else float(v) for v in row.split()] for row in rows]


def of_matrix(matrix: list[list[float]]) -> Nominal:
    found = Nominal()
    for column in zip(*matrix, strict=True):
        found.add(0, {str(n): v for n, v in enumerate(column) if not math.isnan(v)})
    return found


def test_krippendorffs_own_example():
    alpha = of_matrix(krippendorffs_example()).alpha(ONE)
    assert alpha == pytest.approx(0.743, abs=0.0005)
    reference = krippendorff.alpha(krippendorffs_example(), level_of_measurement="nominal")
    assert alpha == pytest.approx(reference, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_alpha_is_that_of_the_library_over_all_values_and_of_one(seed):
    dice = random.Random(seed)
    raters, units = dice.randint(2, 5), dice.randint(5, 60)
    matrix = [
        [dice.choice([1.0, 2.0, 2.0, 3.0, float("nan")]) for _ in range(units)]
        for _ in range(raters)
    ]
    found = of_matrix(matrix)
    reference = krippendorff.alpha(matrix, level_of_measurement="nominal")
    assert found.alpha(ONE) == pytest.approx(reference, abs=1e-12)
    of_two = [[v if math.isnan(v) else float(v == 2.0) for v in row] for row in matrix]
    reference = krippendorff.alpha(of_two, level_of_measurement="nominal")
    assert found.alpha_of(2.0, ONE) == pytest.approx(reference, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_two_are_those_of_the_libraries(seed):
    dice = random.Random(seed)
    rows = [[dice.choice("xxyz") for _ in range(40)] for _ in range(2)]
    found = nominal(*({"a": one, "b": other} for one, other in zip(*rows, strict=True)))
    codes = {"x": 0, "y": 1, "z": 2}
    table = np.zeros((3, 3))
    for one, other in zip(*rows, strict=True):
        table[codes[one], codes[other]] += 1
    assert found.cohen(AB, ONE) == pytest.approx(cohens_kappa(table).kappa, abs=1e-12)
    numbers = [[codes[v] for v in row] for row in rows]
    reference = krippendorff.alpha(numbers, level_of_measurement="nominal")
    assert found.alpha_of_pair(AB, ONE) == pytest.approx(reference, abs=1e-12)
    assert found.alpha(ONE) == pytest.approx(reference, abs=1e-12)
    assert found.observed(AB, ONE) == (40, float(np.trace(table)))


def test_weights_are_the_figure_of_the_documents_drawn():
    dice = random.Random(3)
    units = [[{"a": dice.choice("xy"), "b": dice.choice("xyz")} for _ in range(5)] for _ in "123"]
    found, drawn = Nominal(), Nominal()
    for number, of_document in enumerate(units):
        for unit in of_document:
            found.add(number, unit)
    for unit in [*units[0], *units[2], *units[2]]:
        drawn.add(0, unit)
    weights = np.array([1.0, 0.0, 2.0])
    assert found.cohen(AB, weights) == pytest.approx(drawn.cohen(AB, ONE), abs=1e-12)
    assert found.alpha(weights) == pytest.approx(drawn.alpha(ONE), abs=1e-12)
    assert found.fleiss(2, weights) == pytest.approx(drawn.fleiss(2, ONE), abs=1e-12)


def test_what_chance_cannot_be_told_from_is_not_defined():
    same = nominal({"a": "x", "b": "x"}, {"a": "x", "b": "x"})
    assert math.isnan(same.cohen(AB, ONE))
    assert math.isnan(same.alpha(ONE))
    assert math.isnan(Nominal().alpha(ONE))
    assert math.isnan(nominal({"a": "x"}).cohen(AB, ONE))
    assert math.isnan(f1(0, 0, 0))
    assert f1(1, 1, 3) == 0.5
