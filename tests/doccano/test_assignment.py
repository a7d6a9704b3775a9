from collections import Counter
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.doccano.assignment import Deal, Dealer, Held, check_deal
from corpus.errors import DataError, UsageError

NAMES = ("ann", "bob", "eve")
IDS = [f"document-{number}" for number in range(600)]


def deal_out(ids, deal, held=()):
    """Document id -> annotator and pass -> blind."""
    store = Held()
    for document, annotator, round, blind in held:
        store.add(document, annotator, round, blind=blind)
    dealer = Dealer(deal, store)
    dealt = {id: dealer.deal(id) for id in ids}
    store.close()
    return dealt


def parts(dealt):
    return {
        id: {(part.annotator, part.round): part.blind for part in one.parts}
        for id, one in dealt.items()
    }


def held_of(dealt, keep=lambda document, annotator, round: True):
    return [
        (id, part.annotator, part.round, part.blind)
        for id, one in dealt.items()
        for part in one.parts
        if keep(id, part.annotator, part.round)
    ]


def test_documents_are_dealt_evenly_and_the_overlap_goes_to_all():
    dealt = deal_out(IDS, Deal(NAMES, overlap=0.2, blind=0.1))
    several = [id for id, one in dealt.items() if one.overlap]
    assert 90 < len(several) < 150
    assert all(len(dealt[id].parts) == 3 for id in several)
    single = [one.parts for one in dealt.values() if not one.overlap]
    assert all(len(each) == 1 for each in single)
    load = Counter(each[0].annotator for each in single)
    assert max(load.values()) - min(load.values()) <= 1
    blind = [one for one in dealt.values() if one.parts[0].blind]
    assert 35 < len(blind) < 90
    assert all(len({part.blind for part in one.parts}) == 1 for one in dealt.values())


def test_overlap_of_two_is_even_too_and_joins_every_pair():
    dealt = deal_out(IDS, Deal(NAMES, overlap=1, per_document=2))
    pairs = Counter(tuple(part.annotator for part in one.parts) for one in dealt.values())
    assert set(pairs) == {("ann", "bob"), ("ann", "eve"), ("bob", "eve")}
    load = Counter(name for pair in pairs.elements() for name in pair)
    assert set(load.values()) == {400}


def test_dealing_hangs_on_seed_and_input_alone():
    deal = Deal(NAMES, overlap=0.3, blind=0.2)
    assert deal_out(IDS, deal) == deal_out(IDS, deal)
    assert deal_out(IDS, Deal(NAMES[::-1], overlap=0.3, blind=0.2)) == deal_out(IDS, deal)
    assert deal_out(IDS, Deal(NAMES, overlap=0.3, blind=0.2, seed=1)) != deal_out(IDS, deal)


def test_overlap_and_blindness_stay_when_the_corpus_grows_in_its_middle():
    deal = Deal(NAMES, overlap=0.3, blind=0.2)
    few = deal_out(IDS[::2], deal)
    many = deal_out(IDS, deal)
    assert all(many[id].overlap == few[id].overlap for id in few)
    assert all(many[id].parts[0].blind == few[id].parts[0].blind for id in few)


@given(
    overlap=st.sampled_from([0.0, 0.4, 1.0]),
    per_document=st.sampled_from([0, 2]),
    passes=st.integers(1, 3),
    seed=st.integers(-3, 3),
    kept=st.sets(st.integers(0, 10_000), max_size=60),
)
def test_an_interrupted_push_goes_on_as_if_nothing_had_happened(
    overlap, per_document, passes, seed, kept
):
    deal = Deal(NAMES, overlap, per_document, 0.3, passes, 0.5, seed)
    whole = deal_out(IDS[:40], deal)
    everything = held_of(whole)
    sent = [everything[number % len(everything)] for number in kept]
    assert parts(deal_out(IDS[:40], deal, sent)) == parts(whole)


def test_an_annotator_who_comes_later_moves_nothing():
    before = deal_out(IDS[:300], Deal(NAMES, overlap=0.2))
    deal = Deal((*NAMES, "zoe"), overlap=0.2)
    after = deal_out(IDS, deal, held_of(before))
    for id, one in before.items():
        was, now = ({part.annotator for part in each.parts} for each in (one, after[id]))
        # The overlap goes to all, so to her as well.
        assert now == (was | {"zoe"} if one.overlap else was)
    load = Counter(
        one.parts[0].annotator for id, one in after.items() if id not in before and not one.overlap
    )
    assert set(load) == {*NAMES, "zoe"}
    assert max(load.values()) - min(load.values()) <= 1


def test_what_an_annotator_has_who_is_not_named_any_more_stays_there():
    before = deal_out(IDS[:30], Deal(NAMES))
    after = deal_out(IDS[:30], Deal(("ann", "bob"), passes=2), held_of(before))
    for id, one in before.items():
        names = {(part.annotator, part.round) for part in after[id].parts}
        [name] = (part.annotator for part in one.parts)
        assert names == ({(name, 1)} if name == "eve" else {(name, 1), (name, 2)})


def test_later_passes_repeat_a_share_of_each_annotators_own_documents():
    dealt = deal_out(IDS, Deal(NAMES, overlap=0.2, passes=3, repeat=0.25))
    again = 0
    for one in dealt.values():
        first = {part.annotator for part in one.parts if part.round == 1}
        for round in (2, 3):
            then = {part.annotator for part in one.parts if part.round == round}
            assert then in (set(), first)
        again += any(part.round == 2 for part in one.parts)
    assert 110 < again < 190


def test_blindness_on_the_server_counts_before_the_share_asked_for():
    held = [("a", "ann", 1, True), ("b", "ann", 1, False)]
    dealt = parts(deal_out(["a", "b"], Deal(("ann", "bob"), overlap=1, blind=0.5), held))
    assert dealt["a"] == {("ann", 1): True, ("bob", 1): True}
    assert dealt["b"] == {("ann", 1): False, ("bob", 1): False}


def test_a_document_twice_is_an_error():
    with pytest.raises(DataError) as caught:
        deal_out_twice()
    assert str(caught.value) == (
        "document id 'a' stands twice in the input; nothing was sent; mend the ids"
    )


def deal_out_twice():
    with closing(Held()) as held:
        dealer = Dealer(Deal(NAMES), held)
        dealer.deal("a")
        dealer.deal("a")


@pytest.mark.parametrize(
    ("deal", "message"),
    [
        (Deal(NAMES, overlap=1.5), "--overlap 1.5: is no share; give a number from 0 to 1"),
        (Deal(NAMES, blind=-0.1), "--blind -0.1: is no share; give a number from 0 to 1"),
        (Deal(NAMES, repeat=float("nan")), "--repeat nan: is no share; give a number from 0 to 1"),
        (
            Deal(NAMES, per_document=4),
            "--per-document 4: there are 3 annotators; give a number from 2 to 3, or leave it out "
            "for all",
        ),
        (
            Deal(NAMES, per_document=1),
            "--per-document 1: there are 3 annotators; give a number from 2 to 3, or leave it out "
            "for all",
        ),
    ],
)
def test_deals_that_cannot_be_made(deal, message):
    with pytest.raises(UsageError) as caught:
        check_deal(deal)
    assert str(caught.value) == message
