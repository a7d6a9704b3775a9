"""Documents that stand on one side, other texts, nothing to score."""

from __future__ import annotations

import pytest

from corpus.errors import DataError
from corpus.gold.measures import MEASURES
from corpus.gold.pairing import Choice, pair_documents
from corpus.gold.scoring import score_pairs
from tests.gold.small_documents import document, figures, mention


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
