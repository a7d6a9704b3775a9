"""Splits: a partition, exact ratios, balanced labels, and nothing moves when the corpus grows."""

from collections import Counter
from itertools import chain
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import DataError
from corpus.model import Layer, Link, Mention, make_document
from corpus.splits.assignment import Assigned, assign_splits, read_earlier
from corpus.splits.plan import SPLITS, Plan, fold_names
from corpus.splits.stratify import split_sizes
from corpus.splits.survey import Earlier
from corpus.store import write_records

NOTHING = Earlier()
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


@settings(deadline=None)
@given(label_lists, ratios, st.integers(0, 9))
def test_ratios_hold_exactly_and_no_split_is_empty_without_need(labels, parts, seed):
    documents = corpus_of(labels)
    sizes = sizes_of(documents, assign_splits(documents, NOTHING, Plan(ratios=parts, seed=seed)))
    assert sum(sizes) == len(documents)
    exact = [len(documents) * part / sum(parts) for part in parts]
    if all(each >= 1 or part == 0 for each, part in zip(exact, parts, strict=True)):
        assert all(abs(a - b) < 1 for a, b in zip(sizes, exact, strict=True))
    if len(documents) >= sum(part > 0 for part in parts):
        assert all((size > 0) == (part > 0) for size, part in zip(sizes, parts, strict=True))


@settings(deadline=None)
@given(label_lists, st.data())
def test_equal_texts_stand_in_one_split(labels, data):
    texts = [data.draw(st.integers(0, 9)) for _ in labels]
    documents = corpus_of(labels, texts=texts)
    assignment = assign_splits(documents, NOTHING, Plan(ratios=RATIOS))
    found = {(each.sha256, assignment.split_of(each)) for each in documents}
    assert len(found) == len(set(texts))


@settings(deadline=None)
@given(label_lists, st.randoms(use_true_random=False), st.integers(0, 9))
def test_the_order_of_the_documents_is_no_matter(labels, random, seed):
    documents = corpus_of(labels)
    before = splits_of(documents, assign_splits(documents, NOTHING, Plan(ratios=RATIOS, seed=seed)))
    shuffled = random.sample(documents, len(documents))
    after = splits_of(shuffled, assign_splits(shuffled, NOTHING, Plan(ratios=RATIOS, seed=seed)))
    assert after == before


@settings(max_examples=50, deadline=None)
@given(label_lists, st.data())
def test_documents_stay_where_they_were_when_the_corpus_grows(tmp_path_factory, labels, data):
    documents = corpus_of(labels)
    part = [each for each in documents if data.draw(st.booleans())]
    before = splits_of(part, assign_splits(part, NOTHING, Plan(ratios=RATIOS)))
    path = tmp_path_factory.getbasetemp() / "splits.jsonl"
    write_records((Assigned(each.id, each.sha256, before[each.id]) for each in part), path)
    assignment = assign_splits(documents, read_earlier(path, SPLITS), Plan(ratios=RATIOS))
    after = splits_of(documents, assignment)
    assert {id: after[id] for id in before} == before
    assert (assignment.kept, assignment.placed) == (len(part), len(documents) - len(part))


def test_a_grown_corpus_goes_towards_its_ratios_again(tmp_path):
    documents = corpus_of([["A"]] * 100)
    path = tmp_path / "splits.jsonl"
    write_records((Assigned(each.id, each.sha256, "train") for each in documents[:50]), path)
    assignment = assign_splits(documents, read_earlier(path, SPLITS), Plan(ratios=RATIOS))
    assert sizes_of(documents, assignment) == [80, 10, 10]


def test_rare_labels_are_shared_out_first():
    labels = [["A"] * 3] * 80 + [["A", "B"]] * 10 + [["A", "C"]] * 10
    documents = corpus_of(labels)
    assignment = assign_splits(documents, NOTHING, Plan(ratios=RATIOS))
    for label in "BC":
        holders = [
            each for each in documents if label in {m.label for m in each.layers[0].mentions}
        ]
        assert sizes_of(holders, assignment) == [8, 1, 1]


def test_every_split_has_its_share_of_every_label():
    random = Random(1)
    labels = [random.choices("ABCD", [50, 30, 15, 5], k=random.randint(0, 12)) for _ in range(400)]
    documents = corpus_of(labels)
    assignment = assign_splits(documents, NOTHING, Plan(ratios=RATIOS))
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
    assignment = assign_splits(
        [new, document("e", "other")], read_earlier(path, SPLITS), Plan(ratios=RATIOS)
    )
    assert assignment.split_of(new) == "test"


def test_a_text_that_became_anothers_goes_with_it_and_is_counted(tmp_path):
    path = tmp_path / "splits.jsonl"
    one, two = document("one", "same"), document("two", "other")
    records = [Assigned("one", one.sha256, "test"), Assigned("two", two.sha256, "train")]
    write_records(records, path)
    became = document("two", "same")
    assignment = assign_splits([one, became], read_earlier(path, SPLITS), Plan(ratios=RATIOS))
    assert splits_of([one, became], assignment) == {"one": "test", "two": "test"}
    assert assignment.moved == 1


STORY = """
    The council met at noon and agreed to build a bridge over the river by next spring
""".split()  # noqa: SIM905 - one word a line would fill a page


def story(id, start=0, end=None, *, before="", meta=None, label="A"):
    """A document that holds a part of one story."""
    text = " ".join([before, *STORY[start:end]]).strip()
    mentions = (Mention("1", 0, 1, label),)
    return make_document(id, text, meta=meta or {}, layers=(Layer("gold", mentions=mentions),))


def test_near_duplicates_stand_in_one_split():
    documents = corpus_of([["A"]] * 20)
    copies = [story("a"), story("b", before="Agency –"), story("c", 2), story("d", 0, 13)]
    assignment = assign_splits([*documents, *copies], NOTHING, Plan())
    assert len({assignment.split_of(each) for each in copies}) == 1
    assert (assignment.across, assignment.groups, assignment.largest) == (0, 1, 4)
    assert assignment.pairs == 6


def test_near_duplicates_are_counted_where_they_may_be_torn_apart():
    copies = [story(f"d{n}", before=f"desk {n}") for n in range(6)]
    assignment = assign_splits(copies, NOTHING, Plan(keep_together=(), ratios=(1, 1, 1)))
    assert (assignment.pairs, assignment.across, assignment.groups) == (15, 12, 0)


@pytest.mark.parametrize(
    ("kind", "metas"),
    [
        ("source", [{"source": "https://www.osce.org/a"}, {"source": "https://osce.org/b"}]),
        ("event", [{"event": "flood"}, {"fields": {"event": "flood"}}]),
        ("day", [{"date": "2021-12-07T10:00:00Z"}, {"date": "Tue, 07 Dec 2021 23:00:00 GMT"}]),
        ("meta.desk", [{"desk": 3}, {"fields": {"desk": "3"}}]),
    ],
)
def test_documents_of_one_group_stand_in_one_split(kind, metas):
    documents = corpus_of([["A"]] * 20)
    group = [
        make_document(f"g{n}", f"other {n}", meta=metas[n % 2], layers=documents[0].layers)
        for n in range(4)
    ]
    assignment = assign_splits([*documents, *group], NOTHING, Plan(keep_together=(kind,)))
    assert len({assignment.split_of(each) for each in group}) == 1
    assert (assignment.largest, assignment.lacking) == (4, {kind: 20})


def test_a_group_that_bridges_train_and_test_goes_to_test(tmp_path):
    path = tmp_path / "splits.jsonl"
    first, last = story("first", 0, 10), story("last", 7)
    records = [Assigned("first", first.sha256, "test"), Assigned("last", last.sha256, "train")]
    write_records(records, path)
    whole = story("whole")
    documents = [first, last, whole, *corpus_of([["A"]] * 20)]
    assignment = assign_splits(documents, read_earlier(path, SPLITS), Plan(ratios=RATIOS))
    assert {assignment.split_of(each) for each in (first, last, whole)} == {"test"}
    assert (assignment.kept, assignment.moved, assignment.placed) == (1, 1, 21)
    assert (assignment.mixed, assignment.across) == (1, 0)


pieces = st.tuples(st.integers(0, 8), st.integers(9, len(STORY)), st.sampled_from("xyz"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(pieces, min_size=1, max_size=14, unique=True),
    st.integers(0, 14),
    st.sampled_from(["labels", "date", "hash"]),
    st.sampled_from([RATIOS, (1.0, 1.0, 1.0)]),
)
def test_what_is_in_test_stays_in_test_and_nothing_leaks(tmp_path_factory, parts, size, by, ratios):
    """The corpus grows by texts that are copies of those in any split, and join them."""
    plan = Plan(ratios=ratios, by=by)
    documents = [
        story(f"d{n}", start, end, before=before, meta={"date": f"2021-12-{n + 1:02}"})
        for n, (start, end, before) in enumerate(parts)
    ]
    part = documents[:size]
    before = splits_of(part, assign_splits(part, NOTHING, plan))
    path = tmp_path_factory.getbasetemp() / "frozen.jsonl"
    write_records((Assigned(each.id, each.sha256, before[each.id]) for each in part), path)
    assignment = assign_splits(documents, read_earlier(path, SPLITS), plan)
    after = splits_of(documents, assignment)
    assert {id for id, split in before.items() if split == "test"} <= {
        id for id, split in after.items() if split == "test"
    }
    assert all(SPLITS.index(after[id]) >= SPLITS.index(split) for id, split in before.items())
    assert assignment.across == 0
    assert assignment.moved == sum(after[id] != split for id, split in before.items())


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 60))
def test_by_hash_nothing_moves_although_nothing_is_remembered(size, more):
    plan = Plan(by="hash", seed=3)
    documents = corpus_of([["A"]] * (size + more))
    before = splits_of(documents[:size], assign_splits(documents[:size], NOTHING, plan))
    after = splits_of(documents, assign_splits(documents, NOTHING, plan))
    assert {id: after[id] for id in before} == before


def test_by_hash_the_shares_come_near_the_ratios():
    documents = corpus_of([[]] * 2000)
    sizes = sizes_of(documents, assign_splits(documents, NOTHING, Plan(by="hash")))
    assert all(
        abs(size - wanted) < 60 for size, wanted in zip(sizes, (1600, 200, 200), strict=True)
    )


@settings(deadline=None)
@given(st.lists(st.integers(1, 28), min_size=1, max_size=40), ratios)
def test_by_date_no_document_is_older_than_one_of_an_earlier_split(days, parts):
    documents = [
        make_document(
            f"d{n}", f"text {n}", meta={"date": f"2021-12-{day:02}"}, layers=(Layer("gold"),)
        )
        for n, day in enumerate(days)
    ]
    assignment = assign_splits(documents, NOTHING, Plan(by="date", ratios=parts))
    stands = [(SPLITS.index(assignment.split_of(each)), each.meta["date"]) for each in documents]
    for split in (1, 2):
        older = [day for at, day in stands if at < split]
        assert all(day > max(older, default="") for at, day in stands if at == split)


def test_by_date_a_story_stands_where_its_newest_version_does():
    documents = [
        make_document(f"d{n}", f"text {n}", meta={"date": f"2021-12-{n + 1:02}"}, layers=GOLD)
        for n in range(20)
    ]
    old, new = (
        story("old", meta={"date": "2021-12-01"}),
        story("new", 1, meta={"date": "2022-01-01"}),
    )
    nowhere = document("nowhere", "no date")
    assignment = assign_splits([*documents, old, new, nowhere], NOTHING, Plan(by="date"))
    found = splits_of([*documents, old, new, nowhere], assignment)
    assert (found["old"], found["new"], found["nowhere"]) == ("test", "test", "train")
    assert (found["d0"], found["d19"]) == ("train", "dev")
    assert assignment.lacking == {"date": 1}


GOLD = (Layer("gold"),)


@settings(deadline=None)
@given(label_lists, st.integers(2, 6))
def test_folds_are_of_equal_size(labels, number):
    names = fold_names(number)
    documents = corpus_of(labels)
    assignment = assign_splits(documents, NOTHING, Plan(names=names, ratios=(1.0,) * number))
    found = list(splits_of(documents, assignment).values())
    sizes = [found.count(name) for name in names]
    assert sum(sizes) == len(documents)
    assert max(sizes) - min(sizes) <= 1 or len(documents) < number


def test_links_are_shared_out_like_labels():
    def linked(n, target):
        mentions = (Mention("1", 0, 1, "A", links=(Link(target),)),)
        return make_document(f"d{n}", f"text {n}", layers=(Layer("gold", mentions=mentions),))

    documents = [linked(n, "NIL" if n % 10 == 0 else "Q1") for n in range(100)]
    assignment = assign_splits(documents, NOTHING, Plan(ratios=RATIOS))
    assert sizes_of(documents[::10], assignment) == [8, 1, 1]


def test_splits_of_other_names_are_refused(tmp_path):
    path = tmp_path / "splits.jsonl"
    write_records([Assigned("d", document("d", "x").sha256, "fold-1")], path)
    with pytest.raises(DataError) as caught:
        read_earlier(path, SPLITS)
    assert str(caught.value) == (
        f"{path}: document 'd' is in 'fold-1', which is none of train, dev, test; give the same "
        "--folds, another -o, or --fresh to forget it"
    )


def test_documents_without_the_layer_are_counted_and_in_no_split():
    documents = [document("a", "a"), document("b", "b", layer="silver")]
    assignment = assign_splits(documents, NOTHING, Plan(ratios=RATIOS))
    assert (assignment.placed, assignment.without_layer, len(assignment.by_text)) == (1, 1, 1)


def test_an_id_that_stands_twice_is_an_error():
    with pytest.raises(DataError) as caught:
        assign_splits([document("a", "1"), document("a", "2")], NOTHING, Plan(ratios=RATIOS))
    assert str(caught.value) == (
        "document id 'a' stands twice; give each document an id of its own"
    )


def test_a_text_that_came_after_the_choice_is_an_error():
    assignment = assign_splits([document("a", "1")], NOTHING, Plan())
    with pytest.raises(DataError) as caught:
        assignment.split_of(document("b", "2"))
    assert str(caught.value) == (
        "document 'b' was not there when the splits were chosen; leave the file alone while "
        "corpus split reads it, and run it again"
    )


@pytest.mark.parametrize(
    ("total", "sizes"),
    [(0, [0, 0, 0]), (1, [1, 0, 0]), (2, [2, 0, 0]), (3, [1, 1, 1]), (12, [10, 1, 1])],
)
def test_tiny_corpora_fill_dev_and_test_as_soon_as_they_can(total, sizes):
    assert split_sizes(total, RATIOS) == sizes


@pytest.mark.parametrize("twice", [False, True])
def test_tables_on_disk_are_given_back_and_change_nothing(monkeypatch, twice):
    documents = [document(f"d{n}", f"text {n // 2}", "A") for n in range(2500)]
    expected = splits_of(documents, assign_splits(documents, NOTHING, Plan()))
    monkeypatch.setattr("corpus.articles.digests._IN_MEMORY", 1)
    # An open file would be a warning, and warnings are errors.
    if twice:
        with pytest.raises(DataError, match=r"^document id 'd7' stands twice"):
            assign_splits([*documents, documents[7]], NOTHING, Plan())
    else:
        assert splits_of(documents, assign_splits(documents, NOTHING, Plan())) == expected
