"""The hard mentions of test: by what train has of their words and entities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DataError
from corpus.model import NIL, Layer, Mention, make_document
from corpus.splits.linking_sets import Learned, SetMention, only_at, read_set
from corpus.splits.mention_table import MentionCounts
from corpus.store import write_records

pairs = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["Q1", "Q2", "Q3", NIL, None])), max_size=12
)


def learned_from(seen):
    mentions = MentionCounts()
    for surface, target in seen:
        mentions.add(surface, target, 0)
        mentions.add("elsewhere", "Q9", 2)
    return Learned(mentions.table())


@given(pairs, st.sampled_from("abc"), st.sampled_from(["Q1", "Q2", "Q3", NIL]))
def test_sets_are_what_train_says(seen, surface, target):
    found = set(learned_from(seen).sets_of(surface, target))
    others = {t for s, t in seen if s == surface and t} - {target}
    assert ("ambiguous-surface" in found) == bool(others)
    assert ("unseen-surface" in found) == (surface not in {s for s, _ in seen})
    assert ("unseen-entity" in found) == (target != NIL and target not in {t for _, t in seen})


def test_only_the_mentions_of_a_set_are_left(tmp_path):
    path = tmp_path / "linking-sets.jsonl"
    row = SetMention("a", "1", 0, 1, "x", "X", "Q1", ("unseen-entity",))
    write_records([row], path)
    places = read_set(path, "unseen-entity")
    mentions = (Mention("1", 0, 1, "X"), Mention("2", 2, 3, "X"))
    layers = (Layer("silver", mentions=mentions), Layer("gold", mentions=mentions))
    documents = [make_document(id, "x y", layers=layers) for id in ("a", "b")]
    (found,) = only_at(documents, "gold", places)
    assert [len(layer.mentions) for layer in found.layers] == [2, 1]
    with pytest.raises(DataError) as caught:
        read_set(path, "unseen-surface")
    assert str(caught.value) == f"{path}: no mention is in that set; give another --set"
