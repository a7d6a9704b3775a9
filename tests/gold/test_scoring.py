"""Figures of worked examples; NIL, not judged, roles, rounds and labels."""

from __future__ import annotations

import pytest

from corpus.errors import DataError, UsageError
from corpus.gold.measures import MEASURES, choose_measures
from corpus.gold.pairing import Choice, MentionCounts, pair_documents
from corpus.gold.scoring import Resampling
from corpus.model import Layer, Link, Mention, make_document, with_ids
from tests.gold.small_documents import clusters, document, figures, mention, score


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


def test_an_untouched_layer_is_no_answer():
    silver = Layer("silver", mentions=with_ids([mention(0, 1)]))
    empty = Layer("annotator:ann", state="untouched")
    done = Layer("annotator:ann", state="confirmed", mentions=with_ids([mention(0, 1)]))
    documents = [
        make_document(name, "abcd", layers=(silver, layer))
        for name, layer in (("waiting", empty), ("done", done))
    ]
    pairs, account = pair_documents(documents, documents, Choice(gold_layer="annotator:ann"))
    assert (len(pairs), account.without_gold) == (1, ["waiting"])


def test_the_last_round_of_a_layer_is_scored():
    rounds = tuple(
        Layer("gold", round=number, mentions=with_ids([mention(start, start + 1)]))
        for number, start in ((2, 5), (1, 0))
    )
    silver = Layer("silver", mentions=with_ids([mention(5, 6)]))
    scores = score([make_document("d", "abcdefgh", layers=(*rounds, silver))])
    assert figures(scores, "strong_mention_match") == (1, 0, 1, 0)


def test_labels_of_either_side_are_listed_and_the_mean_is_over_those_of_gold():
    silver = [mention(0, 1, "PER"), mention(2, 3, "MISC")]
    gold = [mention(0, 1, "PER"), mention(2, 3, "LOC")]
    result = score([document("d", silver=silver, gold=gold)], by_label=True)["strong_mention_match"]
    counts = {label: (f.ptp, f.fp, f.rtp, f.fn) for label, f in result.labels.items()}
    assert counts == {"LOC": (0, 0, 0, 1), "MISC": (0, 1, 0, 0), "PER": (1, 0, 1, 0)}
    assert (result.macro_labels.over, result.macro_labels.recall) == (2, 0.5)


def test_a_measure_that_is_not_there_is_an_error():
    with pytest.raises(UsageError) as error:
        choose_measures(["strong_link_match", "accuracy"])
    assert str(error.value) == (
        "-m accuracy: no such measure; the measures are: " + ", ".join(MEASURES)
    )


def test_a_document_without_mentions_on_either_side_scores_nothing():
    scores = score([document("d", silver=[], gold=[])], by_label=True, resampling=Resampling(10))
    assert set(scores) == set(MEASURES)
    for result in scores.values():
        assert (result.micro.ptp, result.micro.fscore, result.macro.over) == (0, 0, 0)
