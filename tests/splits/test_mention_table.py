"""Counted mentions: as a Counter has them, however often the table is settled."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import NIL
from corpus.splits import mention_table
from corpus.splits.mention_table import MentionCounts, digest, target_digest

mentions = st.tuples(
    st.sampled_from(["a", "b", "c"]), st.sampled_from(["Q1", "Q2", NIL, None]), st.integers(0, 300)
)


@given(st.lists(mentions), st.integers(1, 5))
def test_each_surface_target_and_split_is_counted(seen, pending):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mention_table, "_PENDING", pending)
        counts = MentionCounts()
        for each in seen:
            counts.add(*each)
        table = counts.table()
    rows = list(zip(*(column.tolist() for column in table), strict=True))
    keys = [row[:3] for row in rows]
    assert keys == sorted(set(keys))
    plain = Counter((digest(s), target_digest(t), split) for s, t, split in seen)
    assert {row[:3]: row[3] for row in rows} == plain
