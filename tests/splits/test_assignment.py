"""Splits: a partition, exact ratios, balanced labels, and nothing moves when the corpus grows."""

from collections import Counter
from itertools import chain
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import DataError
from corpus.model import Layer, Mention, make_document
from corpus.splits.assignment import (
    SPLITS,
    Assigned,
    Earlier,
    assign_splits,
    read_earlier,
)
from corpus.splits.stratify import split_sizes
from corpus.store import write_records

NOTHING = Earlier({}, {})
RATIOS = (80.0, 10.0, 10.0)


def document(id, text, labels=(), layer="gold"):
    mentions = tuple(Mention(str(n), 0, 1, label) for n, label in enumerate(labels))
    return make_document(id, text, layers=(Layer(layer, mentions=mentions),))


def corpus_of(labels, *, texts=None):
    """A document for each list of labels, with a text of its own."""
    return [
        document(f"d{n}", f"text {n if texts is None else texts[n]}", each)
        for n, each in enumerate(labels)
    ]


label_lists = st.lists(st.lists(st.sampled_from("ABCD"), max_size=5), min_size=1, max_size=40)
ratios = st.sampled_from([RATIOS, (60.0, 20.0, 20.0), (1.0, 1.0, 1.0), (90.0, 0.0, 10.0)])


def splits_of(documents, assignment):
    return {each.id: assignment.split_of(each) for each in documents}


def sizes_of(documents, assignment):
    found = list(splits_of(documents, assignment).values())
    return [found.count(name) for name in SPLITS]


@given(label_lists, ratios, st.integers(0, 9))
def test_ratios_hold_exactly_and_no_split_is_empty_without_need(labels, parts, seed):
    documents = corpus_of(labels)
    sizes = sizes_of(documents, assign_splits(documents, NOTHING, ratios=parts, seed=seed))
    assert sum(sizes) == len(documents)
    exact = [len(documents) * part / sum(parts) for part in parts]
    if all(each >= 1 or part == 0 for each, part in zip(exact, parts, strict=True)):
        assert all(abs(a - b) < 1 for a, b in zip(sizes, exact, strict=True))
    if len(documents) >= sum(part > 0 for part in parts):
        assert all((size > 0) == (part > 0) for size, part in zip(sizes, parts, strict=True))


@given(label_lists, st.data())
def test_equal_texts_stand_in_one_split(labels, data):
    texts = [data.draw(st.integers(0, 9)) for _ in labels]
    documents = corpus_of(labels, texts=texts)
    assignment = assign_splits(documents, NOTHING, ratios=RATIOS)
    found = {(each.sha256, assignment.split_of(each)) for each in documents}
    assert len(found) == len(set(texts))


@given(label_lists, st.randoms(use_true_random=False), st.integers(0, 9))
def test_the_order_of_the_documents_is_no_matter(labels, random, seed):
    documents = corpus_of(labels)
    before = splits_of(documents, assign_splits(documents, NOTHING, ratios=RATIOS, seed=seed))
    shuffled = random.sample(documents, len(documents))
    after = splits_of(shuffled, assign_splits(shuffled, NOTHING, ratios=RATIOS, seed=seed))
    assert after == before


@settings(max_examples=50, deadline=None)
@given(label_lists, st.data())
def test_documents_stay_where_they_were_when_the_corpus_grows(tmp_path_factory, labels, data):
    documents = corpus_of(labels)
    part = [each for each in documents if data.draw(st.booleans())]
    before = splits_of(part, assign_splits(part, NOTHING, ratios=RATIOS))
    path = tmp_path_factory.getbasetemp() / "splits.jsonl"
    write_records((Assigned(each.id, each.sha256, before[each.id]) for each in part), path)
    assignment = assign_splits(documents, read_earlier(path), ratios=RATIOS)
    after = splits_of(documents, assignment)
    assert {id: after[id] for id in before} == before
    assert (assignment.kept, assignment.placed) == (len(part), len(documents) - len(part))


def test_a_grown_corpus_goes_towards_its_ratios_again(tmp_path):
    documents = corpus_of([["A"]] * 100)
    path = tmp_path / "splits.jsonl"
    write_records((Assigned(each.id, each.sha256, "train") for each in documents[:50]), path)
    assignment = assign_splits(documents, read_earlier(path), ratios=RATIOS)
    assert sizes_of(documents, assignment) == [80, 10, 10]


def test_rare_labels_are_shared_out_first():
    labels = [["A"] * 3] * 80 + [["A", "B"]] * 10 + [["A", "C"]] * 10
    documents = corpus_of(labels)
    assignment = assign_splits(documents, NOTHING, ratios=RATIOS)
    for label in "BC":
        holders = [
            each for each in documents if label in {m.label for m in each.layers[0].mentions}
        ]
        assert sizes_of(holders, assignment) == [8, 1, 1]


def test_every_split_has_its_share_of_every_label():
    random = Random(1)
    labels = [random.choices("ABCD", [50, 30, 15, 5], k=random.randint(0, 12)) for _ in range(400)]
    documents = corpus_of(labels)
    assignment = assign_splits(documents, NOTHING, ratios=RATIOS)
    whole = Counter(chain.from_iterable(labels))
    for split, ratio in zip(SPLITS, RATIOS, strict=True):
        there = Counter(
            mention.label
            for each in documents
            if assignment.split_of(each) == split
            for mention in each.layers[0].mentions
        )
        for label, count in whole.items():
            assert abs(there[label] - count * ratio / 100) <= 2


def test_a_changed_text_keeps_the_split_of_its_document(tmp_path):
    path = tmp_path / "splits.jsonl"
    old, new = document("d", "old"), document("d", "new")
    write_records([Assigned("d", old.sha256, "test")], path)
    assignment = assign_splits([new, document("e", "other")], read_earlier(path), ratios=RATIOS)
    assert assignment.split_of(new) == "test"


def test_a_text_that_became_anothers_goes_with_it_and_is_counted(tmp_path):
    path = tmp_path / "splits.jsonl"
    one, two = document("one", "same"), document("two", "other")
    records = [Assigned("one", one.sha256, "test"), Assigned("two", two.sha256, "train")]
    write_records(records, path)
    became = document("two", "same")
    assignment = assign_splits([one, became], read_earlier(path), ratios=RATIOS)
    assert splits_of([one, became], assignment) == {"one": "test", "two": "test"}
    assert assignment.moved == 1


def test_documents_without_the_layer_are_counted_and_in_no_split():
    documents = [document("a", "a"), document("b", "b", layer="silver")]
    assignment = assign_splits(documents, NOTHING, ratios=RATIOS)
    assert (assignment.placed, assignment.without_layer, len(assignment.by_text)) == (1, 1, 1)


def test_an_id_that_stands_twice_is_an_error():
    with pytest.raises(DataError) as caught:
        assign_splits([document("a", "1"), document("a", "2")], NOTHING, ratios=RATIOS)
    assert str(caught.value) == (
        "document id 'a' stands twice; give each document an id of its own"
    )


@pytest.mark.parametrize(
    ("total", "sizes"),
    [(0, [0, 0, 0]), (1, [1, 0, 0]), (2, [2, 0, 0]), (3, [1, 1, 1]), (12, [10, 1, 1])],
)
def test_tiny_corpora_fill_dev_and_test_as_soon_as_they_can(total, sizes):
    assert split_sizes(total, RATIOS) == sizes
