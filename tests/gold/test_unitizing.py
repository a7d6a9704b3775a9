"""Alpha for unitizing: the two published examples, and expectation counted one by one."""

from __future__ import annotations

import random

import numpy as np
import pytest

from corpus.gold.unitizing import Unitizing, difference, gaps

ONE = np.ones(1)


# Krippendorff 1995, On the reliability of unitizing continuous data, page 57: four pairs of
# observers, each on a continuum of 24; the published figures are for its finest division.
PAIRS = {
    "A": ([(2, 10), (14, 20)], [(4, 8), (15, 17)]),
    "B": ([(0, 18)], [(0, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 9), (9, 10)]),
    "C": (
        [(2, 8), (10, 12), (14, 18), (20, 22)],
        [(0, 2), (4, 8), (10, 14), (16, 18), (20, 22)],
    ),
    "D": (
        [(0, 2), (2, 10), (10, 14), (14, 20), (20, 24)],
        [(0, 4), (4, 8), (8, 15), (15, 17), (17, 24)],
    ),
}


def stretched(pair: str, times: int) -> Unitizing:
    found = Unitizing(2)
    said = [{pair: [(s * times, e * times) for s, e in units]} for units in PAIRS[pair]]
    found.add(0, 24 * times, said)
    return found


# The expectations of B and C (1.17731, 0.08642) are not those of the formula as it was printed in
# 2004: B's counts one place more in each gap, C's lacks what is taken off the denominator.
@pytest.mark.parametrize(
    ("pair", "observed", "expected", "alpha", "near"),
    [
        ("A", 0.03125, 0.06990, 0.553, 0.00001),
        ("B", 2.26736, 1.17731, -0.926, 0.002),
        ("C", 0.02777, 0.08642, 0.679, 0.005),
        ("D", 0.38715, 0.41445, 0.066, 0.00001),
    ],
)
def test_krippendorffs_first_example(pair, observed, expected, alpha, near):
    found = stretched(pair, 50_000)
    assert found.observed(ONE, pair) == pytest.approx(observed, abs=0.00001)
    assert found.expected(ONE, pair) == pytest.approx(expected, abs=near)
    assert found.alpha(ONE, pair) == pytest.approx(alpha, abs=0.0006 + 3 * near)


@pytest.mark.parametrize("pair", PAIRS)
def test_observed_disagreement_is_the_same_at_every_scale(pair):
    assert stretched(pair, 1).observed(ONE, pair) == stretched(pair, 3).observed(ONE, pair)


# Krippendorff 2004, Content Analysis, page 254: two observers, a continuum from 150 to 450.
def krippendorffs_continuum() -> Unitizing:
    k = [(30, 90), (150, 200)]
    found = Unitizing(2)
    i = {"c": [(75, 145), (220, 250)], "k": k}
    j = {"c": [(70, 150), (205, 225), (250, 270)], "k": k}
    found.add(0, 300, [i, j])
    return found


def test_krippendorffs_own_example_of_unitizing():
    found = krippendorffs_continuum()
    assert found.observed(ONE, "c") == pytest.approx(0.0144, abs=0.00005)
    assert found.expected(ONE, "c") == pytest.approx(0.0532, abs=0.00005)
    assert found.alpha(ONE, "c") == pytest.approx(0.7286, abs=0.00005)
    assert found.expected(ONE, "k") == pytest.approx(0.0490, abs=0.00005)
    assert found.alpha(ONE, "k") == 1.0
    assert found.alpha(ONE) == pytest.approx(0.8591, abs=0.0005)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((5, 11), (4, 6), 26),
        ((5, 11), (5, 7), 16),
        ((5, 11), (6, 8), 10),
        ((5, 11), (7, 9), 8),
        ((5, 11), (6, 10), 2),
        ((5, 11), (5, 11), 0),
        ((5, 11), (2, 4), 40),
        ((5, 11), (3, 5), 40),
    ],
)
def test_krippendorffs_own_differences(one, other, expected):
    assert difference([one], [other]) == expected
    assert difference([other], [one]) == expected


def test_difference_of_many_units_is_that_of_each_two():
    dice = random.Random(11)
    for _ in range(50):
        one, other = (
            [(s, s + dice.randint(1, 6)) for s in range(0, 90, 6) if dice.random() < 0.6]
            for _ in "12"
        )
        expected = 0
        for units, others in ((one, other), (other, one)):
            for start, end in units:
                met = [(b, e) for b, e in others if b < end and start < e]
                expected += sum((start - b) ** 2 + (end - e) ** 2 for b, e in met) / 2
                expected += 0 if met else (end - start) ** 2
        assert difference(one, other) == expected


def expected_by_trying(lengths: list[int], units: list[list[list]], annotators: int) -> float:
    """Every unit against every position of every other unit and gap, counted one by one."""
    every = [u for document in units for one in document for u in one]
    free = [
        g
        for length, document in zip(lengths, units, strict=True)
        for one in document
        for g in gaps(one, length)
    ]
    total = 0
    for at, (start, end) in enumerate(every):
        size = end - start
        for other in range(len(every)):
            if other != at:
                # Two units of these lengths slide over each other.
                total += (2 * size**3 - 3 * size**2 + size) / 3
        total += size * size * sum(max(0, e - s - size + 1) for s, e in free)
    whole = sum(lengths)
    all_of = annotators * whole
    return (
        2 / whole * total / (all_of * (all_of - 1) - sum((e - s) * (e - s - 1) for s, e in every))
    )


@pytest.mark.parametrize("annotators", [2, 3])
def test_expected_disagreement_of_several_documents_counts_every_gap(annotators):
    dice = random.Random(annotators)
    found, lengths, units = Unitizing(annotators), [], []
    for number in range(6):
        length = dice.randint(20, 60)
        of_each = [
            [(s, s + dice.randint(1, 4)) for s in range(0, length - 5, 5) if dice.random() < 0.4]
            for _ in range(annotators)
        ]
        if number == 3:
            of_each = [[] for _ in range(annotators)]
        found.add(number, length, [{"x": one} if one else {} for one in of_each])
        lengths.append(length)
        units.append(of_each)
    expected = expected_by_trying(lengths, units, annotators)
    assert found.expected(np.ones(6), "x") == pytest.approx(expected, rel=1e-12)
    assert found.labels == ["x"]
