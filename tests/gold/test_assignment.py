"""The best one-to-one pairing against trying all."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.gold.assignment import heaviest_pairing


@given(
    st.dictionaries(
        st.integers(0, 4), st.dictionaries(st.integers(0, 4), st.integers(1, 4), min_size=1)
    )
)
def test_heaviest_pairing_equals_trying_all(weights):
    columns = range(5)
    best = max(
        sum(weights.get(row, {}).get(column, 0) for row, column in enumerate(order))
        for order in permutations(columns)
    )
    assert heaviest_pairing(weights) == best
    thirds = {row: {c: w / 3 for c, w in cells.items()} for row, cells in weights.items()}
    assert heaviest_pairing(thirds) == pytest.approx(best / 3, abs=1e-6)


def test_heaviest_pairing_of_equal_weights_is_a_largest_matching():
    luck = random.Random(1)
    weights = {row: {luck.randrange(200): 1 for _ in range(3)} for row in range(200)}
    row_of: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column in weights[row]:
            if column not in seen:
                seen.add(column)
                if column not in row_of or place(row_of[column], seen):
                    row_of[column] = row
                    return True
        return False

    largest = sum(place(row, set()) for row in weights)
    assert 150 < largest < 200
    assert heaviest_pairing(weights) == largest
