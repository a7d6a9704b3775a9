"""The table of digests agrees with a dict, whatever comes in."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.digests import SIZE, PlacesByDigest


def digest(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()[:SIZE]


def test_table_grows_and_agrees_with_a_dict():
    table, plain = PlacesByDigest(), {}
    places = list(range(1, 30_000))
    for at in range(0, len(places), 700):
        some = places[at : at + 700]
        keys = [digest(place % 17_000) for place in some]
        expected = [plain.setdefault(key, place) for key, place in zip(keys, some, strict=True)]
        assert table.first_places(keys, some) == expected
    assert len(table) == len(plain) == 17_000


@given(st.lists(st.lists(st.integers(0, 30), max_size=40), max_size=5))
def test_first_place_is_the_first(batches):
    table, seen = PlacesByDigest(), []
    # Digests that all want the same slot: one after another.
    keys = [bytes(8) + number.to_bytes(8, "big") for number in range(1, 32)]
    for numbers in batches:
        places = range(len(seen), len(seen) + len(numbers))
        seen += numbers
        firsts = table.first_places([keys[number] for number in numbers], places)
        assert firsts == [seen.index(number) for number in numbers]


def test_no_digests_have_no_places():
    assert PlacesByDigest().first_places([], []) == []
