"""Ranking: what is unsure, rare, ambiguous and close comes first; nothing else changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.model import Candidate, Layer, Link, Mention, make_document
from corpus.ranking.signals import Signals, count_entities, signals_of


def candidates(*scores):
    return tuple(Candidate(f"Q{n}", 0.5, score) for n, score in enumerate(scores))


def layer(*mentions, name="silver"):
    return Layer(name, mentions=mentions)


def mention(*scores, target=None, id="1"):
    links = (Link(target),) if target else ()
    return Mention(id, 0, 1, "X", links, candidates(*scores))


@pytest.mark.parametrize(
    ("given", "known", "found"),
    [
        (mention(), {}, (1.0, 1.0, 0.0, 0.0)),
        (mention(0.9, target="Q0"), {"Q0": 3}, (0.1, 0.25, 0.0, 0.0)),
        (mention(0.4, 0.8, target="Q1"), {}, (0.2, 1.0, 0.28969, 0.5)),
        (mention(0.5, 0.5, target="NIL"), {}, (0.5, 1.0, 0.315465, 1.0)),
        (mention(*[0.1] * 9), {}, (0.9, 1.0, 1.0, 1.0)),
        (mention(0.0, 0.0), {}, (1.0, 1.0, 1.0, 1.0)),
        (mention(1.7, -0.2), {}, (0.0, 1.0, 0.0, 0.0)),
    ],
)
def test_signals_of_one_mention(given, known, found):
    assert signals_of(layer(given), known) == Signals(*found, mentions=1)


def test_signals_are_means_and_nothing_has_none():
    two = layer(mention(0.9, target="Q0"), mention(0.5, target="Q0", id="2"))
    assert signals_of(two, {"Q0": 1}) == Signals(0.3, 0.5, 0.0, 0.0, 2)
    assert signals_of(None, {}) == signals_of(layer(), {}) == Signals()


scores = st.lists(st.floats(0, 1), max_size=9)


@settings(deadline=None)
@given(st.lists(scores, max_size=5))
def test_signals_lie_between_0_and_1(rows):
    found = signals_of(layer(*(mention(*row, id=str(n)) for n, row in enumerate(rows))), {})
    values = (found.uncertainty, found.rarity, found.ambiguity, found.closeness)
    assert all(0 <= value <= 1 for value in values)


def test_entities_are_counted_in_gold_without_nil():
    gold = layer(mention(target="Q1"), mention(target="NIL", id="2"), name="gold")
    silver = layer(mention(target="Q2"))
    documents = [make_document("a", "x", layers=(silver, gold)), make_document("b", "y")]
    assert count_entities(documents, "gold") == {"Q1": 1}
