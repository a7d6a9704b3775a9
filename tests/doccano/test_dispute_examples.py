"""Disputes as they are read, and what their keys mean."""

from __future__ import annotations

import pytest

from corpus.decisions import Answer, Mark, decide
from corpus.doccano.dispute_examples import choices_of, read_choice, render_dispute
from corpus.doccano.link_decisions import KnowledgeBase
from corpus.gold.judging_links import adjudicate_links
from corpus.model import NIL, Layer, Link, Mention, make_document
from tests.gold.several_annotators import adjudicate, document

KYIV, CITY = (16, 20, "GPE"), (16, 25, "LOC")


def nothing(_: str) -> tuple[str, str, str]:
    return ("", "", "")


@pytest.fixture
def spans(tmp_path):
    one = document(ann=[KYIV], bob=[CITY], eve=[KYIV, CITY], joe=[])
    [dispute] = adjudicate(tmp_path, [one], "unanimous").disputes
    return dispute, one


def test_dispute_of_spans_shows_who_said_what(spans):
    assert render_dispute(*spans, nothing) == (
        "The OSCE met in ⟦Kyiv city⟧.\n"
        "\n"
        "1   ⟦Kyiv⟧ city · GPE — ann\n"
        "2   ⟦Kyiv⟧ city · GPE  and  ⟦Kyiv city⟧ · LOC — eve\n"
        "3   ⟦Kyiv city⟧ · LOC — bob\n"
        "n   no mention here — joe"
    )


def test_all_together_is_shown_where_nobody_said_so(tmp_path):
    one = document(ann=[KYIV], bob=[CITY])
    [dispute] = adjudicate(tmp_path, [one], "unanimous").disputes
    assert render_dispute(dispute, one, nothing).splitlines()[-1] == (
        "a   all of these mentions together"
    )


@pytest.mark.parametrize(
    ("key", "marks"),
    [("1", [KYIV]), ("2", [KYIV, CITY]), ("3", [CITY]), ("NONE", []), ("ALL", [KYIV, CITY])],
)
def test_key_of_spans_is_the_answer_that_it_shows(spans, key, marks):
    chosen = read_choice(*spans, key, (), None)
    assert (sorted(chosen.answer.marks), chosen.reason) == (sorted(Mark(*m) for m in marks), "")


@pytest.mark.parametrize(
    ("comments", "marks"),
    [
        (["Kyiv = LOC"], [(16, 20, "LOC")]),
        (["in Kyiv  city=GPE"], [(13, 25, "GPE")]),
        (["Kyiv = GPE\ncity = X Y"], [(16, 20, "GPE"), (21, 25, "X Y")]),
        (["no idea", "Kyiv = GPE"], [(16, 20, "GPE")]),
    ],
)
def test_other_of_spans_is_words_with_a_label(spans, comments, marks):
    chosen = read_choice(*spans, "OTHER", comments, None)
    assert list(chosen.answer.marks) == marks


@pytest.mark.parametrize(
    ("key", "comments", "reason"),
    [
        ("9", [], "9 was chosen, and there is no such answer"),
        ("OTHER", [], "OTHER needs a comment like Kyiv city = GPE"),
        ("OTHER", ["= GPE"], "'= GPE' is not like Kyiv city = GPE"),
        ("OTHER", ["Minsk = GPE"], "'Minsk' stands nowhere at the disputed place"),
        ("OTHER", ["OSCE = GPE"], "'OSCE' stands nowhere at the disputed place"),
        ("OTHER", ["i = GPE"], "'i' stands 2 times at the disputed place"),
        ("UNSURE", [], ""),
    ],
)
def test_what_is_no_answer_says_why(spans, key, comments, reason):
    chosen = read_choice(*spans, key, comments, None)
    assert (chosen.answer, chosen.reason) == (None, reason)


def test_earlier_decision_is_shown(tmp_path, spans):
    dispute, _ = spans
    old = decide(dispute, Answer(marks=(Mark(*KYIV),)), "judge")
    one = document(ann=[KYIV], bob=[CITY])
    [again] = adjudicate(tmp_path, [one], "unanimous", decisions=[old]).disputes
    assert render_dispute(again, one, nothing).endswith(
        "\n\nDecided by judge before the votes changed: ⟦Kyiv⟧ city · GPE"
    )


def links_layer(name: str, target: str) -> Layer:
    key = target if target in ("UNSURE", "BAD SPAN") else ""
    links = () if key else (Link(target, kb="news", kb_hash="ab"),)
    mention = Mention("m", 16, 20, "GPE", links, source=f"key:{key or '1'}")
    return Layer(f"annotator:{name}", "links", state="confirmed", mentions=(mention,))


@pytest.fixture
def links(tmp_path):
    gold = Layer("gold", mentions=(Mention("m", 16, 20, "GPE"),))
    said = [("ann", "Q1"), ("bob", "Q2"), ("eve", "UNSURE"), ("joe", "Q1")]
    layers = (gold, *(links_layer(*each) for each in said))
    one = make_document("d", "The OSCE met in Kyiv city.", layers=layers)
    done = adjudicate(tmp_path, [one], "unanimous", how=adjudicate_links)
    assert done.notes["disputes"] == 1
    return done.disputes[0], done.documents[0]


def test_dispute_of_links_shows_who_said_what(links):
    names = {"Q1": ("Kyiv", "city", "capital of Ukraine")}
    assert render_dispute(*links, lambda kb_id: names.get(kb_id, ("", "", ""))) == (
        "The OSCE met in ⟦Kyiv⟧ city.\n"
        "\n"
        "1   Kyiv · city · capital of Ukraine · Q1 — ann, joe\n"
        "2   Q2 — bob\n"
        "n   not in the knowledge base\n"
        "b   the brackets mark no name\n"
        "UNSURE: eve"
    )
    assert [choice.key for choice in choices_of(*links, nothing)] == ["1", "2", "NIL", "BAD SPAN"]


def test_key_of_links_is_the_entity_with_its_knowledge_base(links):
    assert read_choice(*links, "2", (), None).answer.links == (Link("Q2", kb="news", kb_hash="ab"),)
    assert read_choice(*links, "NIL", (), None).answer.links == (
        Link(NIL, kb="news", kb_hash="ab"),
    )
    assert read_choice(*links, "BAD SPAN", (), None).answer == Answer(key="BAD SPAN")
    now = KnowledgeBase("new", "cd", lambda kb_id: {"Q8": "Q9"}.get(kb_id))
    other = read_choice(*links, "OTHER", ["kb:Q8"], now)
    assert other.answer.links == (Link("Q9", kb="new", kb_hash="cd"),)
    assert read_choice(*links, "OTHER", ["kb:Q7"], now).reason == (
        "Q7 came by comment and is not in the knowledge base"
    )
    assert read_choice(*links, "OTHER", ["kb:Q8"], None).reason == (
        "Q8 came by comment, and there is no --kb to check it against"
    )
    assert read_choice(*links, "OTHER", [], now).reason == ("OTHER needs a comment like kb:Q81299")
