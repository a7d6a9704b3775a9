"""Rules over several annotators' links: what gold gets, what stays not judged, what is replayed."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from corpus.decisions import Answer, decide
from corpus.gold.judging_links import adjudicate_links
from corpus.manifest import Counts
from corpus.model import NIL, Document, Layer, Link, Mention, make_document
from tests.gold.several_annotators import TEXT, Adjudicated, adjudicate

ORG = Mention("m1", 4, 8, "ORG", votes=("v",), decisions=("rule:single",))
GPE = Mention("m2", 16, 20, "GPE")


def link(target: str, kb_hash: str = "ab") -> Link:
    return Link(target, kb="news", kb_hash=kb_hash)


def said(name: str, round: int = 1, **answers: str) -> Layer:
    """`said("ann", m1="Q1", m2="NIL")`; a key without links is `BAD SPAN` or `UNSURE`."""
    mentions = []
    for mention in (ORG, GPE):
        answer = answers.get(mention.id, "")
        key = answer if answer in ("BAD SPAN", "UNSURE") else ""
        links = (link(answer),) if answer and not key else ()
        source = f"key:{key or '1'}" if answer else ""
        bare = Mention(mention.id, mention.start, mention.end, mention.label, links, source=source)
        mentions.append(bare)
    return Layer(f"annotator:{name}", "links", round, state="confirmed", mentions=tuple(mentions))


def document(*layers: Layer, gold: tuple[Mention, ...] = (ORG, GPE)) -> Document:
    return make_document("d", TEXT, layers=(Layer("gold", mentions=gold), *layers))


def run(folder, *documents: Document, rule: str = "majority", **options) -> Adjudicated:
    return adjudicate(folder, documents, rule, how=adjudicate_links, **options)


def targets(done: Adjudicated) -> list[str]:
    return [" ".join(one.target for one in m.links) for m in done.gold()]


def test_majority_links_and_the_mention_carries_votes_of_both_tasks(tmp_path):
    layers = [
        said("ann", m1="Q1", m2="Q5"),
        said("bob", m1="Q1", m2=NIL),
        said("eve", m1="Q2", m2=NIL),
    ]
    done = run(tmp_path, document(*layers))
    assert targets(done) == ["Q1", NIL]
    first = done.gold()[0]
    assert first.decisions == ("rule:single", "rule:majority")
    assert first.votes == ("v", *(vote.id for vote in done.votes[:3]))
    assert (first.id, first.start, first.end, first.label) == ("m1", 4, 8, "ORG")
    assert first.links == (link("Q1"),)
    assert done.notes == {"linked": 1, "nil": 1, "settled_by_rule": 2}
    assert done.stage.mentions == Counts(received=8, kept=6, repaired=2, written=8)


def test_tie_leaves_the_mention_not_judged_and_is_a_dispute(tmp_path):
    done = run(tmp_path, document(said("ann", m1="Q1", m2="Q5"), said("bob", m1="Q2", m2="Q5")))
    assert targets(done) == ["", "Q5"]
    [dispute] = done.disputes
    assert (dispute.task, dispute.mention, dispute.label) == ("links", "m1", "ORG")
    assert [one.links[0].target for one in dispute.options] == ["Q1", "Q2"]
    assert done.notes["disputes"] == 1
    chosen = decide(dispute, Answer(links=(link("Q9"),)), "judge")
    again = run(
        tmp_path,
        document(said("ann", m1="Q1", m2="Q5"), said("bob", m1="Q2", m2="Q5")),
        decisions=[chosen],
    )
    assert targets(again) == ["Q9", "Q5"]
    assert again.gold()[0].decisions == ("rule:single", chosen.id)
    assert again.disputes[0].decided == chosen
    changed = document(said("ann", m1="Q1", m2="Q5"), said("bob", m1="Q3", m2="Q5"))
    third = run(tmp_path, changed, decisions=[chosen])
    assert targets(third) == ["", "Q5"]
    assert third.notes["decisions_whose_votes_changed"] == 1
    assert third.disputes[0].earlier == chosen


def test_another_state_of_the_knowledge_base_is_the_same_answer(tmp_path):
    ann, bob = said("ann", m1="Q1"), said("bob", m1="Q1")
    [first, second] = bob.mentions
    bob = replace(bob, mentions=(replace(first, links=(link("Q1", "cd"),)), second))
    assert targets(run(tmp_path, document(ann, bob), rule="unanimous")) == ["Q1", ""]


@pytest.mark.parametrize(
    ("answers", "expected", "note"),
    [
        (["UNSURE", "UNSURE", "UNSURE"], "", "disputes"),
        (["UNSURE", "Q1", "Q1"], "Q1", "linked"),
        (["UNSURE", "Q1", ""], "", "disputes"),  # one of two
        (["Q1", "", ""], "Q1", "linked"),
        (["BAD SPAN", "BAD SPAN", "Q1"], "", "to_settle"),
        (["", "", ""], "", "not_judged"),
    ],
)
def test_unsure_never_wins_and_bad_span_is_listed(tmp_path, answers, expected, note):
    layers = [said(name, m1=a) for name, a in zip(("ann", "bob", "eve"), answers, strict=True)]
    done = run(tmp_path, document(*layers))
    assert targets(done)[0] == expected
    assert done.notes[note] >= 1


def test_expert_who_is_unsure_leaves_it_open(tmp_path):
    one = document(said("ann", m1="UNSURE"), said("bob", m1="Q1"))
    assert run(tmp_path, one, rule="expert", expert="ann").notes["disputes"] == 1


def test_link_of_gold_is_never_overwritten(tmp_path):
    linked = (replace(ORG, links=(link("Q7"),)), GPE)
    done = run(tmp_path, document(said("ann", m1="Q1", m2="Q5"), gold=linked))
    assert targets(done) == ["Q7", "Q5"]
    assert done.notes["to_settle"] == 1
    ledger = (tmp_path / "gold.jsonl.rejects.jsonl").read_text()
    assert '"reason":"gold links it to Q7, which is never overwritten"' in ledger
    same = run(tmp_path, document(said("ann", m1="Q7"), gold=linked))
    assert targets(same) == ["Q7", ""]
    assert "to_settle" not in same.notes


def test_what_was_judged_of_other_mentions_than_gold_s_is_listed(tmp_path):
    moved = (replace(ORG, start=0, end=3),)
    done = run(tmp_path, document(said("ann", m1="Q1", m2="Q5"), gold=moved))
    assert targets(done) == [""]
    assert done.notes == {"to_settle": 2, "not_judged": 1}
    ledger = (tmp_path / "gold.jsonl.rejects.jsonl").read_text().splitlines()
    assert [(one["layer"], one["mention"], one["reason"]) for one in map(json.loads, ledger)] == [
        ("annotator:ann", "m1", "gold has this mention at another place or with another label"),
        ("annotator:ann", "m2", "gold has this mention no more"),
    ]


def test_document_without_gold_is_a_reject_and_one_without_votes_waits(tmp_path):
    bare = make_document("x", TEXT, layers=(said("ann", m1="Q1"),))
    done = run(tmp_path, bare, document())
    assert [one.id for one in done.documents] == ["d"]
    assert done.notes == {"waiting": 1}
    assert done.stage.documents == Counts(received=2, kept=1, rejected=1, written=1)
