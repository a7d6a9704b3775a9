"""Intervals over documents."""

from __future__ import annotations

import random

import numpy as np

from corpus.gold import scoring
from corpus.gold.bootstrap import resampled_sums
from corpus.gold.measures import MEASURES, choose_measures
from corpus.gold.pairing import Choice, pair_documents
from corpus.gold.scoring import Resampling, score_pairs
from tests.gold.small_documents import document, mention, score

RATIOS = ("precision", "recall", "fscore")
EMPTY = document("d", silver=[], gold=[])


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
        EMPTY,
        document("e", silver=[mention(0, 1, "PER", "Q1")], gold=[mention(0, 1, "PER", "Q1")]),
    ]
    scores = score(documents, by_label=True, resampling=Resampling(20))
    micro = {name for name, result in scores.items() if result.micro.intervals}
    assert micro == {name for name, m in MEASURES.items() if m.aggregate in ("sets", "b_cubed")}
    assert all(result.macro.intervals for result in scores.values())
    assert scores["strong_link_match"].labels["PER"].intervals


def test_intervals_are_the_same_in_one_table_or_in_many(monkeypatch):
    documents = [
        document(
            f"d{n}", silver=[mention(0, 1 + n % 2), mention(4, 5, "LOC")], gold=[mention(0, 1)]
        )
        for n in range(6)
    ]
    whole = score(documents, by_label=True, resampling=Resampling(70, 2))
    monkeypatch.setattr(scoring, "_CELLS_AT_ONCE", 1)
    assert score(documents, by_label=True, resampling=Resampling(70, 2)) == whole
