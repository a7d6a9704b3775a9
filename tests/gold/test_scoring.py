"""Figures against worked examples, against neleval on real and random documents, and intervals."""

from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import DataError, UsageError
from corpus.gold.assignment import heaviest_pairing
from corpus.gold.bootstrap import percentile_interval, resampled_sums
from corpus.gold.measures import MEASURES, choose_measures
from corpus.gold.pairing import Choice, MentionCounts, pair_documents
from corpus.gold.scoring import MeasureScore, Resampling, score_pairs
from corpus.model import Document, Layer, Link, Mention, make_document, with_ids
from tests.gold.neleval_files import (
    HIPE,
    WIKI_FAIR,
    Neleval,
    hipe_documents,
    neleval_lines,
    perturbed,
    wiki_fair_documents,
)

RATIOS = ("precision", "recall", "fscore")
MENTION_MEASURES = ["strong_mention_match", "strong_typed_mention_match"]
OTHER_MEASURES = [name for name in MEASURES if name not in MENTION_MEASURES]


@pytest.fixture(scope="module")
def neleval(tmp_path_factory):
    running = Neleval(tmp_path_factory.mktemp("neleval"))
    yield running
    running.close()


def mention(start, end, label="PER", *targets, role="literal"):
    links = tuple(Link(target, role=role) for target in targets)
    return Mention("", start, end, label, links=links)


def document(id, *, silver, gold, text="x" * 40):
    layers = [
        Layer(name, mentions=with_ids(mentions))
        for name, mentions in (("silver", silver), ("gold", gold))
        if mentions is not None
    ]
    return make_document(id, text, layers=tuple(layers))


def score(documents, *, choice=None, **options) -> dict[str, MeasureScore]:
    pairs, _ = pair_documents(documents, documents, choice or Choice())
    return score_pairs(pairs, MEASURES, **options)


def clusters(**groups):
    """Mentions `1` to `C`, a code point each, linked to the entity whose group holds them."""
    return [
        mention(int(name, 16), int(name, 16) + 1, "PER", entity)
        for entity, names in groups.items()
        for name in names
    ]


def figures(scores, name):
    micro = scores[name].micro
    return micro.ptp, micro.fp, micro.rtp, micro.fn


# Worked examples


def test_clusters_of_bagga_and_baldwin_1998():
    # Truth: {1 2 3 4 5} {6 7} {8 9 A B C}.
    gold = clusters(Q1="12345", Q2="67", Q3="89ABC")
    # Response 1 joins the last two. B-cubed precision: five mentions of 1, two of 2/7, five of
    # 5/7, that is (5 + 4/7 + 25/7) / 12 = 16/21 = 76 %, recall 100 %; MUC 9 of 10 links.
    first = score([document("d", silver=clusters(Q1="12345", Q2="6789ABC"), gold=gold)])
    assert first["b_cubed"].micro.precision == pytest.approx(16 / 21)
    assert first["b_cubed"].micro.recall == pytest.approx(1)
    assert figures(first, "muc") == (9, 1, 9, 0)
    # CEAF pairs {1 2 3 4 5} and, of the seven, {8 9 A B C}: 10 of 12 mentions; in Dice terms
    # 1 + 2*5/(5+7) = 11/6 of 2 predicted and 3 true clusters. Pairs: 10+1+10 true, 10+21 found.
    assert figures(first, "mention_ceaf") == (10, 2, 10, 2)
    assert first["entity_ceaf"].micro.precision == pytest.approx(11 / 12)
    assert first["entity_ceaf"].micro.recall == pytest.approx(11 / 18)
    assert figures(first, "pairwise") == (21, 10, 21, 0)
    # Response 2 joins the first and the last: (10 * 5/10 + 2) / 12 = 7/12 = 58 %, MUC as before.
    second = score([document("d", silver=clusters(Q1="1234589ABC", Q2="67"), gold=gold)])
    assert second["b_cubed"].micro.precision == pytest.approx(7 / 12)
    assert second["b_cubed"].micro.recall == pytest.approx(1)
    assert figures(second, "muc") == (9, 1, 9, 0)


def test_b_cubed_plus_asks_for_the_right_entity_too():
    # Gold {1 2}=Q1, 3=NIL, 4=Q2; predicted {1 4}=Q1, 2=Q3, 3=NIL.
    # B-cubed precision: 1 and 4 meet themselves alone in a cluster of two (1/2 each), 2 and 3 are
    # whole: 3 of 4; recall: 1 and 2 are 1/2 each, 3 and 4 whole: 3 of 4.
    # B-cubed+ takes only what is linked rightly: 1 (1/2) and 3 (1): 1.5 of 4 on both sides.
    gold = clusters(Q1="12", NIL="3", Q2="4")
    scores = score([document("d", silver=clusters(Q1="14", Q3="2", NIL="3"), gold=gold)])
    assert figures(scores, "b_cubed") == pytest.approx((3, 1, 3, 1))
    assert figures(scores, "b_cubed_plus") == pytest.approx((1.5, 2.5, 1.5, 2.5))


def test_mentions_links_and_nil_counted_by_hand():
    gold = [
        mention(0, 1, "PER", "Q1"),
        mention(2, 3, "PER", "Q2"),
        mention(4, 5, "LOC", "NIL"),
        mention(6, 7, "LOC", "Q3"),
        mention(8, 9, "LOC", "NIL"),
    ]
    silver = [
        mention(0, 1, "PER", "Q1"),  # all right
        mention(2, 3, "LOC", "Q2"),  # the label is wrong
        mention(4, 5, "LOC", "NIL"),  # all right
        mention(6, 7, "LOC", "NIL"),  # NIL, but Q3 is there
        mention(20, 22, "LOC", "Q3"),  # no mention; Q3 is in the document
    ]
    scores = score([document("d", silver=silver, gold=gold)])
    expected = {
        "strong_mention_match": (4, 1, 4, 1),
        "strong_typed_mention_match": (3, 2, 3, 2),
        "strong_linked_mention_match": (2, 1, 2, 1),
        "strong_link_match": (2, 1, 2, 1),
        "strong_nil_match": (1, 1, 1, 1),
        "strong_all_match": (3, 2, 3, 2),
        "strong_typed_link_match": (1, 2, 1, 2),
        "strong_typed_nil_match": (1, 1, 1, 1),
        "strong_typed_all_match": (2, 3, 2, 3),
        "entity_match": (3, 0, 3, 0),
    }
    assert {name: figures(scores, name) for name in expected} == expected


# NIL and not judged


def test_mentions_not_judged_count_as_mentions_alone():
    gold = [mention(0, 1, "PER"), mention(2, 3, "PER", "Q1"), mention(4, 5, "PER", "NIL")]
    silver = [mention(0, 1, "PER", "Q9"), mention(2, 3, "PER"), mention(4, 5, "PER", "NIL")]
    documents = [document("d", silver=silver, gold=gold)]
    scores = score(documents)
    assert figures(scores, "strong_mention_match") == (3, 0, 3, 0)
    # Q9 stands where gold has not judged: neither right nor wrong. Q1 was not answered: missed.
    assert figures(scores, "strong_link_match") == (0, 0, 0, 1)
    assert figures(scores, "strong_nil_match") == (1, 0, 1, 0)
    assert figures(scores, "strong_all_match") == (1, 0, 1, 1)
    assert figures(scores, "entity_match") == (0, 0, 0, 1)
    _, account = pair_documents(documents, documents, Choice())
    assert account.gold == MentionCounts(mentions=3, linked=1, nil=1, not_judged=1)
    assert account.predicted == MentionCounts(mentions=3, linked=0, nil=1, not_judged=1, left_out=1)


def test_spans_that_coincide_are_judged_if_one_of_them_is():
    gold = [mention(0, 1, "PER"), mention(0, 1, "LOC", "Q1")]
    scores = score([document("d", silver=[mention(0, 1, "PER", "Q1")], gold=gold)])
    assert figures(scores, "strong_link_match") == (1, 0, 1, 0)
    assert figures(scores, "strong_typed_link_match") == (0, 1, 0, 1)


def test_literal_links_score_and_metonymic_ones_on_request():
    both = Mention("", 0, 1, "LOC", links=(Link("Q649"), Link("Q159", role="metonymic")))
    plain = mention(2, 3, "LOC", "Q1")
    silver = [mention(0, 1, "LOC", "Q649"), plain]
    documents = [document("d", silver=silver, gold=[both, plain])]
    assert figures(score(documents), "strong_link_match") == (2, 0, 2, 0)
    metonymic = score(documents, choice=Choice(role="metonymic"))
    assert figures(metonymic, "strong_link_match") == (0, 0, 0, 1)


def test_nil_mentions_are_entities_of_their_own_or_one_by_surface():
    # Gold and prediction agree on NIL; the prediction links the third, so that by surface one of
    # three true "ab" is elsewhere: recall (2 * 2/3 + 1/3) / 3 = 5/9; as singletons it is 1.
    text = "ab ab ab"
    gold = [mention(start, start + 2, "PER", "NIL") for start in (0, 3, 6)]
    silver = [*gold[:2], mention(6, 8, "PER", "Q1")]
    documents = [document("d", silver=silver, gold=gold, text=text)]
    assert score(documents)["b_cubed"].micro.recall == pytest.approx(1)
    surface = score(documents, choice=Choice(nil_clusters="surface"))
    assert surface["b_cubed"].micro.recall == pytest.approx(5 / 9)
    assert surface["b_cubed"].micro.precision == pytest.approx(1)


def test_a_links_layer_judges_the_mentions_of_its_spans_layer():
    spans = Layer("gold", mentions=(Mention("a", 0, 1, "PER"), Mention("b", 2, 3, "PER")))
    links = Layer("gold", task="links", mentions=(Mention("a", 0, 1, "PER", links=(Link("Q1"),)),))
    silver = Layer("silver", mentions=with_ids([mention(0, 1, "PER", "Q1")]))
    scores = score([make_document("d", "abcd", layers=(spans, links, silver))])
    assert figures(scores, "strong_mention_match") == (1, 0, 1, 1)
    assert figures(scores, "strong_link_match") == (1, 0, 1, 0)


def test_a_links_layer_with_a_stray_mention_is_an_error():
    spans = Layer("gold", mentions=(Mention("a", 0, 1, "PER"),))
    links = Layer("gold", task="links", mentions=(Mention("z", 0, 1, "PER", links=(Link("Q1"),)),))
    with pytest.raises(DataError) as error:
        score([make_document("d", "abcd", layers=(spans, links))])
    assert str(error.value) == (
        "document 'd': the links layer 'gold' judges mention z, which its spans layer does not "
        "hold; adjudicate again from one pull"
    )


def test_the_last_round_of_a_layer_is_scored():
    rounds = tuple(
        Layer("gold", round=number, mentions=with_ids([mention(start, start + 1)]))
        for number, start in ((2, 5), (1, 0))
    )
    silver = Layer("silver", mentions=with_ids([mention(5, 6)]))
    scores = score([make_document("d", "abcdefgh", layers=(*rounds, silver))])
    assert figures(scores, "strong_mention_match") == (1, 0, 1, 0)


# Against neleval


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


# The best pairing of clusters


@given(
    st.dictionaries(
        st.integers(0, 4), st.dictionaries(st.integers(0, 4), st.integers(1, 4), min_size=1)
    )
)
def test_heaviest_pairing_equals_trying_all(weights):
    columns = range(5)
    best = max(
        sum(weights.get(row, {}).get(column, 0) for row, column in enumerate(order))
        for order in permutations(columns)
    )
    assert heaviest_pairing(weights) == best
    thirds = {row: {c: w / 3 for c, w in cells.items()} for row, cells in weights.items()}
    assert heaviest_pairing(thirds) == pytest.approx(best / 3, abs=1e-6)


def test_heaviest_pairing_of_equal_weights_is_a_largest_matching():
    luck = random.Random(1)
    weights = {row: {luck.randrange(200): 1 for _ in range(3)} for row in range(200)}
    row_of: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column in weights[row]:
            if column not in seen:
                seen.add(column)
                if column not in row_of or place(row_of[column], seen):
                    row_of[column] = row
                    return True
        return False

    largest = sum(place(row, set()) for row in weights)
    assert 150 < largest < 200
    assert heaviest_pairing(weights) == largest


# Documents that stand on one side


def test_only_documents_that_both_have_are_scored_and_the_others_listed():
    one = [mention(0, 1)]
    predicted = [
        document("both", silver=one, gold=None),
        document("late", silver=one, gold=None),
        document("no layer", silver=None, gold=None),
        document("extra", silver=one, gold=None),
    ]
    gold = [
        document("late", silver=None, gold=None),
        document("both", silver=None, gold=one),
        document("lost", silver=None, gold=one),
        document("no layer", silver=None, gold=one),
    ]
    pairs, account = pair_documents(predicted, gold, Choice())
    assert account.scored == len(pairs) == 1
    assert account.without_gold == ["late"]
    assert account.without_prediction == ["lost", "no layer"]
    assert account.only_predicted == ["extra"]
    assert figures(score_pairs(pairs, MEASURES), "strong_mention_match") == (1, 0, 1, 0)


def test_the_order_of_the_predictions_changes_nothing():
    documents = [
        document(
            f"d{n}",
            silver=[mention(0, 1, "PER", "Q1"), mention(0, 1, "LOC", f"Q{n}")],
            gold=[mention(0, 1, "PER", f"Q{n % 2}")],
        )
        for n in range(4)
    ]
    forth, _ = pair_documents(documents, documents, Choice())
    back, _ = pair_documents(documents[::-1], documents, Choice())
    assert forth == back


def test_other_texts_are_an_error():
    predicted = document("d", silver=[], gold=None, text="another")
    gold = document("d", silver=None, gold=[], text="text")
    with pytest.raises(DataError) as error:
        pair_documents([predicted], [gold], Choice())
    assert str(error.value) == (
        "document 'd': the predictions have another text than the gold "
        "(sha256 ae448ac86c4e and 982d9e3eb996); predict on the documents that were annotated"
    )


ONE = document("d", silver=[], gold=[])
NO_GOLD = document("d", silver=[], gold=None)
NO_SILVER = document("d", silver=None, gold=[])


@pytest.mark.parametrize(
    ("predicted", "gold", "message"),
    [
        (
            [ONE, ONE],
            [ONE],
            "document 'd' stands twice in the predictions; score one version of it",
        ),
        ([ONE], [ONE, ONE], "document 'd' stands twice in the gold; score one version of it"),
        ([ONE], [], "the gold holds no document; give the file that adjudicate wrote"),
        (
            [ONE],
            [NO_GOLD],
            "no document of the gold has a layer 'gold'; "
            "run: corpus adjudicate, or name the layer with --gold-layer",
        ),
        (
            [NO_SILVER],
            [ONE],
            "no document of the predictions has a layer 'silver'; name one with --layer: gold",
        ),
        (
            [document("other", silver=[], gold=None)],
            [ONE],
            "no document has both a prediction and gold: 1 with gold alone, "
            "1 with a prediction alone; the ids must be the same in both files",
        ),
    ],
)
def test_nothing_to_score_is_an_error_that_says_why(predicted, gold, message):
    with pytest.raises(DataError) as error:
        pair_documents(predicted, gold, Choice())
    assert str(error.value) == message


def test_a_measure_that_is_not_there_is_an_error():
    with pytest.raises(UsageError) as error:
        choose_measures(["strong_link_match", "accuracy"])
    assert str(error.value) == (
        "-m accuracy: no such measure; the measures are: " + ", ".join(MEASURES)
    )


def test_measures_are_those_of_neleval(neleval):
    assert sorted(neleval.ask(list=True)) == sorted(MEASURES)


# Empty sides


def test_a_document_without_mentions_on_either_side_scores_nothing():
    scores = score([document("d", silver=[], gold=[])], by_label=True, resampling=Resampling(10))
    assert set(scores) == set(MEASURES)
    for result in scores.values():
        assert (result.micro.ptp, result.micro.fscore, result.macro.over) == (0, 0, 0)


# Intervals


def test_intervals_of_two_documents_reach_from_one_to_the_other():
    # One document all right, one all wrong: a draw is 0, 1/2 or 1 with chances 1/4, 1/2, 1/4.
    documents = [
        document("right", silver=[mention(0, 1)], gold=[mention(0, 1)]),
        document("wrong", silver=[mention(0, 1)], gold=[mention(2, 3)]),
    ]
    result = score(documents, resampling=Resampling(400, 1))["strong_mention_match"]
    assert result.micro.precision == 0.5
    assert result.micro.intervals == dict.fromkeys(RATIOS, (0.0, 1.0))
    assert result.macro.intervals == dict.fromkeys(RATIOS, (0.0, 1.0))
    narrow = score(documents, resampling=Resampling(400, 1, 40))["strong_mention_match"]
    assert narrow.micro.intervals == dict.fromkeys(RATIOS, (0.5, 0.5))


def test_intervals_of_equal_documents_are_a_point():
    documents = [
        document(f"d{n}", silver=[mention(0, 1), mention(2, 3)], gold=[mention(0, 1)])
        for n in range(5)
    ]
    micro = score(documents, resampling=Resampling(50))["strong_mention_match"].micro
    assert micro.intervals["precision"] == (0.5, 0.5)
    assert micro.intervals["recall"] == (1.0, 1.0)


def test_draws_are_seeded_and_of_as_many_documents():
    ones = np.ones((7, 1))
    assert resampled_sums(ones, resamples=130, seed=3).tolist() == [[7.0]] * 130
    numbers = np.arange(7.0)[:, None]
    first = resampled_sums(numbers, resamples=130, seed=3)
    assert (first == resampled_sums(numbers, resamples=130, seed=3)).all()
    assert (first != resampled_sums(numbers, resamples=130, seed=4)).any()
    assert len(set(first[:, 0])) > 10  # not one draw repeated


def test_percentiles_are_those_of_neleval(neleval):
    luck = random.Random(5)
    for size in (2, 39, 40, 1000):
        values = [luck.random() for _ in range(size)]
        low, high = percentile_interval(values, 95)
        assert low == pytest.approx(neleval.ask(values=values, percentile=2.5), abs=1e-6)
        assert high == pytest.approx(neleval.ask(values=values, percentile=97.5), abs=1e-6)


def test_intervals_of_a_corpus_cover_the_truth_about_as_often_as_they_say():
    # Documents of 1 to 5 mentions, each found with chance 0.7: of 60 corpora of 80 documents, the
    # 90 per cent interval of recall should hold 0.7 about 54 times; 46 is three deviations off.
    luck = random.Random(9)
    covered = 0
    for number in range(60):
        sizes = [luck.randint(1, 5) for _ in range(80)]
        documents = []
        for place, size in enumerate(sizes):
            gold = [mention(2 * at, 2 * at + 1) for at in range(size)]
            silver = [one for one in gold if luck.random() < 0.7]
            documents.append(document(f"d{place}", silver=silver, gold=gold))
        pairs, _ = pair_documents(documents, documents, Choice())
        chosen = choose_measures(["strong_mention_match"])
        result = score_pairs(pairs, chosen, resampling=Resampling(300, number, 90))
        low, high = result["strong_mention_match"].micro.intervals["recall"]
        covered += low <= 0.7 <= high
    assert 46 <= covered < 60


def test_intervals_are_for_what_documents_add_up_to():
    documents = [
        ONE,
        document("e", silver=[mention(0, 1, "PER", "Q1")], gold=[mention(0, 1, "PER", "Q1")]),
    ]
    scores = score(documents, by_label=True, resampling=Resampling(20))
    micro = {name for name, result in scores.items() if result.micro.intervals}
    assert micro == {name for name, m in MEASURES.items() if m.aggregate in ("sets", "b_cubed")}
    assert all(result.macro.intervals for result in scores.values())
    assert scores["strong_link_match"].labels["PER"].intervals
