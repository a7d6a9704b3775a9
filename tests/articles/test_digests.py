"""The table of digests agrees with a dict, whatever comes in."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.digests import SIZE, PlacesByDigest


def digest(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()[:SIZE]


def test_table_grows_and_agrees_with_a_dict():
    table, plain = PlacesByDigest(), {}
    for place in range(1, 6000):
        key = digest(place % 4000)
        assert table.first_place(key, place) == plain.setdefault(key, place)
    assert len(table) == len(plain) == 4000


@given(st.lists(st.integers(0, 30), max_size=60))
def test_first_place_is_the_first(numbers):
    table = PlacesByDigest()
    # Digests that all want the same slot: one after another.
    keys = [bytes(8) + number.to_bytes(8, "big") for number in range(1, 32)]
    for place, number in enumerate(numbers):
        assert table.first_place(keys[number], place) == numbers.index(number)
