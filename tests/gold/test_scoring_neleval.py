"""Every figure against neleval 3.1.1, on real documents and on random ones."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.gold.bootstrap import percentile_interval
from corpus.gold.measures import MEASURES
from corpus.model import Document, Link, Mention
from tests.gold.neleval_files import (
    HIPE,
    WIKI_FAIR,
    Neleval,
    hipe_documents,
    neleval_lines,
    perturbed,
    wiki_fair_documents,
)
from tests.gold.small_documents import document, score

RATIOS = ("precision", "recall", "fscore")
MENTION_MEASURES = ["strong_mention_match", "strong_typed_mention_match"]
OTHER_MEASURES = [name for name in MEASURES if name not in MENTION_MEASURES]


@pytest.fixture(scope="module")
def neleval(tmp_path_factory):
    running = Neleval(tmp_path_factory.mktemp("neleval"))
    yield running
    running.close()


def test_measures_are_those_of_neleval(neleval):
    assert sorted(neleval.ask(list=True)) == sorted(MEASURES)


def assert_equal_to_neleval(documents: list[Document], neleval: Neleval) -> None:
    """Every figure of neleval's, micro, macro over documents, per label and macro over labels."""
    scores = score(documents, by_label=True)
    for judged_by, names in (("", MENTION_MEASURES), ("gold", OTHER_MEASURES)):
        predicted = neleval_lines(documents, "silver", judged_by=judged_by)
        gold = neleval_lines(documents, "gold", judged_by=judged_by)
        if not (predicted and gold):
            continue  # neleval has no macro of nothing, and no CEAF
        whole = neleval.evaluate(predicted, gold, names)
        by_document = neleval.evaluate(predicted, gold, names, "docid")
        by_label = neleval.evaluate(predicted, gold, names, "type")
        for name in names:
            ours = scores[name]
            assert_equal(ours.micro, whole[name], name)
            assert_equal(ours.macro, by_document[f"{name};docid=<macro>"], name, RATIOS)
            assert_equal(ours.macro_labels, by_label[f"{name};type=<macro>"], name, RATIOS)
            found = {
                key: value for key, value in by_label.items() if key.startswith(f'{name};type="')
            }
            assert found
            for key, value in found.items():
                assert_equal(ours.labels[key.split('"')[1]], value, key)


def assert_equal(ours, theirs, what, fields=("ptp", "fp", "rtp", "fn", *RATIOS)):
    for field in fields:
        assert getattr(ours, field) == pytest.approx(theirs[field], abs=5e-5), (what, field)


@pytest.mark.skipif(not WIKI_FAIR.exists(), reason="../shared/data/elevant is not there")
@pytest.mark.parametrize(
    ("articles", "unjudged"),
    [
        (40, 0.15),
        pytest.param(120, 0.0, marks=pytest.mark.long),  # neleval's CEAF alone takes half a minute
        pytest.param(120, 0.15, marks=pytest.mark.long),
    ],
)
def test_figures_equal_those_of_neleval_on_wiki_fair(neleval, articles, unjudged):
    documents = wiki_fair_documents()[:articles]
    spans = [(d.id, m.start, m.end) for d in documents for m in d.layers[0].mentions]
    assert len(spans) > len(set(spans)) > 800  # mentions that coincide are part of the test
    assert_equal_to_neleval(perturbed(documents, 7, unjudged=unjudged), neleval)


@pytest.mark.skipif(not HIPE.exists(), reason="../shared/data/hipe2022 is not there")
@pytest.mark.parametrize("unjudged", [0.0, 0.15])
def test_figures_equal_those_of_neleval_on_hipe(neleval, unjudged):
    documents = hipe_documents()
    targets = {x.target for d in documents for m in d.layers[0].mentions for x in m.links}
    assert "NIL" in targets and len(targets) > 100
    assert_equal_to_neleval(perturbed(documents, 11, unjudged=unjudged), neleval)


def links_():
    targets = st.sampled_from(["Q1", "Q2", "Q3", "NIL"])
    link = st.builds(Link, targets, role=st.sampled_from(["literal", "literal", "metonymic"]))
    return st.lists(link, max_size=2, unique_by=lambda x: x.role).map(tuple)


def mentions_():
    one = st.builds(
        lambda start, size, label, links: Mention("", start, start + size, label, links=links),
        st.integers(0, 8),
        st.integers(1, 2),
        st.sampled_from(["PER", "LOC", "ORG"]),
        links_(),
    )
    return st.lists(one, max_size=8)


@given(st.lists(st.tuples(mentions_(), mentions_()), min_size=1, max_size=4))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_figures_equal_those_of_neleval_on_small_documents(neleval, sides):
    assert_equal_to_neleval(
        [
            document(f"d{number}", silver=silver, gold=gold)
            for number, (silver, gold) in enumerate(sides)
        ],
        neleval,
    )


def test_percentiles_are_those_of_neleval(neleval):
    luck = random.Random(5)
    for size in (2, 39, 40, 1000):
        values = [luck.random() for _ in range(size)]
        low, high = percentile_interval(values, 95)
        assert low == pytest.approx(neleval.ask(values=values, percentile=2.5), abs=1e-6)
        assert high == pytest.approx(neleval.ask(values=values, percentile=97.5), abs=1e-6)
