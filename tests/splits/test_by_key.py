"""Numbers by key, as a dict would have them."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.splits.by_key import SIZE, ByKey

# Few different bytes, and the first or the last eight alike: halves must not be mixed up.
keys = st.tuples(st.sampled_from("ab"), st.sampled_from("ab")).map(
    lambda pair: (pair[0] * 8 + pair[1] * 8).encode()
)


@given(st.lists(st.tuples(keys | st.binary(min_size=SIZE, max_size=SIZE), st.integers(0, 300))))
def test_each_key_has_the_greatest_of_its_numbers(given):
    plain = {}
    for key, number in given:
        plain[key] = max(number, plain.get(key, 0))
    table = ByKey(b"".join(key for key, _ in given), [number for _, number in given])
    assert len(table) == len(plain)
    assert {key: table.get(key) for key in plain} == plain
    for absent in (b"a" * 8 + b"b" * 8, bytes(SIZE), b"\xff" * SIZE):
        assert table.get(absent) == plain.get(absent)
