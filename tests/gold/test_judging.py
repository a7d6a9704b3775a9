"""Rules over several annotators' spans: what they settle, what they leave, what is replayed."""

from __future__ import annotations

import random

import pytest

from corpus.decisions import Answer, Mark, decide
from corpus.manifest import Counts
from corpus.model import Layer, make_document, with_layer
from tests.gold.several_annotators import TEXT, adjudicate, document, said

ORG, CITY, KYIV, THE = (4, 8, "ORG"), (16, 25, "GPE"), (16, 20, "GPE"), (0, 3, "PER")


def test_unanimous_takes_what_all_mark_and_disputes_the_rest(tmp_path):
    done = adjudicate(tmp_path, [document(ann=[ORG, KYIV], bob=[ORG])], "unanimous")
    assert done.gold() is None
    [dispute] = done.disputes
    assert (dispute.mention, dispute.task) == ("16-20", "spans")
    assert dispute.options == (Answer(), Answer(marks=(Mark(*KYIV),)))
    assert [(v.author, v.answer.marks) for v in dispute.votes] == [
        ("annotator:ann", (KYIV,)),
        ("annotator:bob", ()),
    ]
    assert done.notes == {"settled_by_rule": 1, "disputed_documents": 1, "disputes": 1}
    assert done.stage.documents == Counts(received=1, kept=1, written=1)
    assert done.stage.mentions == Counts(received=3, kept=3, written=3)


def test_gold_mention_carries_its_votes_and_what_settled_it(tmp_path):
    done = adjudicate(tmp_path, [document(ann=[ORG], bob=[ORG])], "unanimous")
    [mention] = done.gold()
    assert (mention.id, mention.source) == ("4-8:ORG", "annotator:ann#1 annotator:bob#1")
    assert mention.decisions == ("rule:unanimous",)
    assert mention.votes == tuple(vote.id for vote in done.votes)
    assert [(vote.author, vote.settled) for vote in done.votes] == [
        ("annotator:ann", "rule:unanimous"),
        ("annotator:bob", "rule:unanimous"),
    ]
    assert done.stage.mentions == Counts(received=2, kept=2, added=1, written=3)
    assert done.stage.manifest.added_by == {"gold": 1}


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({"ann": [ORG], "bob": [ORG], "eve": []}, [ORG]),
        ({"ann": [ORG], "bob": [], "eve": []}, []),
        ({"ann": [KYIV], "bob": [KYIV], "eve": [CITY]}, [KYIV]),
        ({"ann": [KYIV, CITY], "bob": [KYIV, CITY], "eve": [CITY]}, [CITY, KYIV]),
        ({"ann": [KYIV], "bob": [CITY], "eve": [THE]}, None),  # two see something at 16-25
        ({"ann": [KYIV], "bob": [CITY], "eve": []}, None),
        ({"ann": [ORG], "bob": []}, None),
        ({"ann": [ORG]}, [ORG]),
        ({"ann": []}, []),
    ],
)
def test_majority_is_more_than_half_of_those_who_confirmed(tmp_path, marks, expected):
    done = adjudicate(tmp_path, [document(**marks)], "majority")
    assert done.marks() == expected
    assert bool(done.disputes) == (expected is None)


def test_places_that_touch_are_questions_of_their_own(tmp_path):
    done = adjudicate(
        tmp_path, [document(text="New York", ann=[(0, 4, "A"), (4, 8, "A")], bob=[])], "unanimous"
    )
    assert [dispute.mention for dispute in done.disputes] == ["0-4", "4-8"]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("ann=3", [ORG]),
        ("ann=2", None),
        ("ann=2,eve=0", [ORG]),
        ("bob=5", []),
        ("ann=0.5", []),
        ("ann=0.3,bob=0.1,eve=0.2", None),
    ],
)
def test_weighted_counts_weight_instead_of_heads(tmp_path, weights, expected):
    one = document(ann=[ORG], bob=[], eve=[])
    assert adjudicate(tmp_path, [one], "weighted", weights=weights).marks() == expected


def test_expert_has_the_last_word_where_they_confirmed(tmp_path):
    documents = [
        document("a", ann=[ORG, KYIV], bob=[CITY]),
        document("b", bob=[ORG], eve=[ORG]),
        document("c", bob=[ORG], eve=[]),
    ]
    done = adjudicate(tmp_path, documents, "expert", expert="ann")
    assert [done.marks(n) for n in range(3)] == [[ORG, KYIV], [ORG], None]
    assert [m.decisions for m in done.gold(0)] == [("rule:expert",)] * 2


def test_last_confirmed_pass_of_a_person_is_their_vote_and_others_are_none(tmp_path):
    layers = (
        said("ann", [ORG]),
        said("ann", [KYIV], round=2),
        said("ann", [THE], round=3, state="touched"),
        said("bob", [THE], state="untouched"),
        Layer("silver", mentions=said("x", [THE]).mentions),
    )
    done = adjudicate(tmp_path, [make_document("d", TEXT, layers=layers)], "unanimous")
    assert done.marks() == [KYIV]
    assert done.gold()[0].source == "annotator:ann#2"


def test_document_without_a_vote_waits_and_one_with_gold_is_a_reject(tmp_path):
    gold = make_document("g", TEXT, layers=(Layer("gold"), said("ann", [ORG])))
    done = adjudicate(tmp_path, [make_document("w", TEXT), gold], "majority")
    assert [one.id for one in done.documents] == ["w"]
    assert done.notes == {"waiting": 1}
    assert done.stage.documents == Counts(received=2, kept=1, rejected=1, written=1)
    assert done.stage.mentions == Counts(received=1, rejected=1)


def test_decision_is_replayed_and_stands_in_each_mention(tmp_path):
    one = document(ann=[ORG, KYIV], bob=[ORG, CITY])
    [dispute] = adjudicate(tmp_path, [one], "unanimous").disputes
    chosen = decide(dispute, Answer(marks=(Mark(*KYIV),)), "judge", source="terminal")
    done = adjudicate(tmp_path, [one], "unanimous", decisions=[chosen])
    assert done.marks() == [ORG, KYIV]
    assert done.gold()[1].decisions == (chosen.id,)
    assert done.gold()[1].source == "annotator:ann#1"
    assert done.gold()[1].votes == tuple(vote.id for vote in dispute.votes)
    assert {vote.settled for vote in done.votes} == {"rule:unanimous", chosen.id}
    assert done.notes == {"settled_by_rule": 1, "settled_by_decision": 1}


def test_decision_may_say_nothing_or_what_nobody_marked(tmp_path):
    one = document(ann=[KYIV], bob=[CITY])
    [dispute] = adjudicate(tmp_path, [one], "unanimous").disputes
    none = decide(dispute, Answer(), "judge")
    assert adjudicate(tmp_path, [one], "unanimous", decisions=[none]).marks() == []
    other = decide(dispute, Answer(marks=(Mark(16, 25, "LOC"), Mark(16, 20, "GPE"))), "judge")
    done = adjudicate(tmp_path, [one], "unanimous", decisions=[other])
    assert done.marks() == [(16, 25, "LOC"), KYIV]
    assert [m.source for m in done.gold()] == ["", "annotator:ann#1"]


def test_decision_whose_votes_changed_is_listed_and_asked_again(tmp_path):
    [dispute] = adjudicate(tmp_path, [document(ann=[KYIV], bob=[])], "unanimous").disputes
    old = decide(dispute, Answer(marks=(Mark(*KYIV),)), "judge")
    changed = document(ann=[KYIV], bob=[CITY])
    done = adjudicate(tmp_path, [changed], "unanimous", decisions=[old])
    assert done.gold() is None
    assert done.notes["decisions_whose_votes_changed"] == 1
    assert done.disputes[0].earlier == old
    ledger = (tmp_path / "gold.jsonl.rejects.jsonl").read_text()
    assert '"reason":"the votes behind this decision of judge changed"' in ledger
    new = decide(done.disputes[0], Answer(marks=(Mark(*CITY),)), "judge")
    again = adjudicate(tmp_path, [changed], "unanimous", decisions=[old, new])
    assert again.marks() == [CITY]
    assert "decisions_whose_votes_changed" not in again.notes
    back = adjudicate(tmp_path, [document(ann=[KYIV], bob=[])], "unanimous", decisions=[old, new])
    assert back.marks() == [KYIV]


def test_decision_that_a_rule_would_settle_otherwise_now_is_listed(tmp_path):
    [dispute] = adjudicate(tmp_path, [document(ann=[KYIV], bob=[])], "unanimous").disputes
    old = decide(dispute, Answer(), "judge")
    done = adjudicate(tmp_path, [document(ann=[KYIV], bob=[KYIV])], "unanimous", decisions=[old])
    assert done.marks() == [KYIV]
    assert done.notes["decisions_whose_votes_changed"] == 1


def test_decision_on_another_text_does_not_count(tmp_path):
    [dispute] = adjudicate(tmp_path, [document(ann=[KYIV], bob=[])], "unanimous").disputes
    old = decide(dispute, Answer(), "judge")
    other = document(text=TEXT.replace("met", "sat"), ann=[KYIV], bob=[])
    done = adjudicate(tmp_path, [other], "unanimous", decisions=[old])
    assert done.gold() is None
    assert "the text behind this decision" in (tmp_path / "gold.jsonl.rejects.jsonl").read_text()


def test_twins_and_ids_stay_apart(tmp_path):
    layer = said("ann", [ORG, ORG])
    one = with_layer(make_document("d", TEXT), layer)
    one = with_layer(one, said("bob", [ORG]))
    done = adjudicate(tmp_path, [one], "majority")
    assert done.gold() is None  # ann has a second one, one of two
    done = adjudicate(tmp_path, [with_layer(make_document("d", TEXT), layer)], "majority")
    assert [m.id for m in done.gold()] == ["4-8:ORG", "4-8:ORG#2"]


def test_any_order_of_layers_gives_the_same_bytes_and_loses_nothing(tmp_path):
    dice = random.Random(5)
    for number in range(60):
        spans = [(s, s + dice.randint(1, 6), dice.choice("AB")) for s in range(0, 20, 2)]
        marks = {
            name: sorted(dice.sample(spans, dice.randint(0, 6))) for name in ("ann", "bob", "eve")
        }
        rule = dice.choice(["unanimous", "majority"])
        one = document(f"d{number}", **marks)
        turned = make_document(one.id, TEXT, layers=one.layers[::-1])
        done, again = (adjudicate(tmp_path, [each], rule) for each in (one, turned))
        assert done.gold() == again.gold()
        assert (done.votes, done.disputes) == (again.votes, again.disputes)
        voted = {m for vote in done.votes for m in vote.answer.marks}
        assert voted == {m for of in marks.values() for m in of}
