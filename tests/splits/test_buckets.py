"""Numbers on disk: every one comes back once, those of a bucket together, whatever waits."""

from contextlib import closing
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.splits import buckets
from corpus.splits.buckets import BUCKETS, Buckets


@given(
    st.lists(st.lists(st.integers(0, BUCKETS - 1))),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_numbers_come_back_once_and_by_bucket(adds, waiting, at_once):
    flat = []
    with pytest.MonkeyPatch.context() as patch, closing(Buckets("test-")) as kept:
        patch.setattr(buckets, "_WAITING", waiting)
        patch.setattr(buckets, "AT_ONCE", at_once)
        for some in adds:
            numbers = np.arange(len(flat), len(flat) + len(some), dtype=np.uint64)
            kept.add(numbers, np.array(some, np.uint64))
            flat += some
        parts = [part.tolist() for part in kept.parts()]
    # A number of its own for each, so that its bucket is known.
    bucket_of = dict(enumerate(flat))
    assert sorted(chain.from_iterable(parts)) == sorted(bucket_of)
    places = [sorted({bucket_of[number] for number in part}) for part in parts]
    assert list(chain.from_iterable(places)) == sorted(set(flat))
    assert all(
        len(part) <= at_once or len(own) == 1 for part, own in zip(parts, places, strict=True)
    )
