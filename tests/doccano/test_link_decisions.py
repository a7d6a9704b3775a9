import pytest

from corpus.doccano.link_decisions import Decision, KnowledgeBase, read_decision
from corpus.model import Link

FROZEN = ("Q649", "Q159")
SHOWN = KnowledgeBase("news", "abc")
NOW = KnowledgeBase(
    "news",
    "def",
    {
        "Q1": "Q1",
        "Q2": "Q2",
        "Q42": "Q42",
        "Q159": "Q159",
        "Q649": "Q649",
        "Q9": "Q159",
        "Q8": "Q42",
    }.get,
)


def decide(labels, comments=(), now=NOW):
    return read_decision(labels, comments, FROZEN, shown=SHOWN, now=now)


def link(target, role="literal", kb_hash="abc"):
    return Link(target=target, role=role, kb="news", kb_hash=kb_hash)


@pytest.mark.parametrize(
    ("labels", "comments", "expected"),
    [
        (["1"], [], Decision("1", (link("Q649"),))),
        (["2"], [], Decision("2", (link("Q159"),))),
        (["NIL"], [], Decision("NIL", (link("NIL"),))),
        (["OTHER"], [" kb: Q42 "], Decision("OTHER", (link("Q42", kb_hash="def"),))),
        (["1"], ["meto:Q159"], Decision("1", (link("Q649"), link("Q159", "metonymic", "def")))),
        (
            ["NIL"],
            ["META:Q1", "Meto:Q159"],
            Decision(
                "NIL", (link("NIL"), link("Q159", "metonymic", "def")), notes=("comment: META:Q1",)
            ),
        ),
        (
            ["OTHER"],
            ["kb:Q1", "look again", "kb:Q2"],
            Decision(
                "OTHER",
                (link("Q2", kb_hash="def"),),
                notes=("comment: look again", "an earlier comment, which does not count: kb:Q1"),
            ),
        ),
        (
            ["2"],
            ["meto:Q159"],
            Decision(
                "2",
                (link("Q159"),),
                notes=("a comment that does not count: meto:Q159, as the key says",),
            ),
        ),
        (["BAD SPAN"], [], Decision("BAD SPAN")),
        (
            ["BAD SPAN"],
            ["meto:Q2", "kb:Q1"],
            Decision(
                "BAD SPAN",
                notes=(
                    "a comment that does not count beside BAD SPAN: kb:Q1",
                    "a comment that does not count beside BAD SPAN: meto:Q2",
                ),
            ),
        ),
        (["2"], ["kb:Q1"], Decision("2", reason="the key is 2, and a comment says kb:Q1")),
        (["NIL"], ["kb:Q1"], Decision("NIL", reason="the key is NIL, and a comment says kb:Q1")),
        (["2"], ["kb:Q159"], Decision("2", (link("Q159"),))),
        (["UNSURE"], ["who?"], Decision("UNSURE", notes=("comment: who?",))),
        (["SPLIT"], [], Decision("SPLIT")),
        ([], [], Decision("", reason="no key was chosen")),
        (["2", "1"], [], Decision("", reason="several keys were chosen: 1, 2")),
        (["7"], [], Decision("7", reason="key 7 was chosen, and there are only 2 candidates")),
        (
            ["OTHER"],
            ["the city"],
            Decision(
                "OTHER",
                reason="OTHER was chosen without a comment like kb:Q81299",
                notes=("comment: the city",),
            ),
        ),
        (
            ["OTHER"],
            ["kb:nothing"],
            Decision("OTHER", reason="nothing came by comment and is not in the knowledge base"),
        ),
        (
            ["1"],
            ["meto:nothing"],
            Decision("1", reason="nothing came by comment and is not in the knowledge base"),
        ),
        (
            ["OTHER"],
            ["kb:Q8", "meto:Q9"],
            Decision(
                "OTHER",
                (link("Q42", kb_hash="def"), link("Q159", "metonymic", "def")),
                repairs=(
                    "the comment kb:Q8 means Q42: news redirects it there",
                    "the comment meto:Q9 means Q159: news redirects it there",
                ),
            ),
        ),
        (["2"], ["kb:Q9"], Decision("2", (link("Q159"),))),
        (["1"], ["kb:Q9"], Decision("1", reason="the key is 1, and a comment says kb:Q9")),
        (["PERSON"], [], Decision("PERSON", reason="'PERSON' is no label of a link project")),
    ],
)
def test_read_decision_gives_links_or_the_reason(labels, comments, expected):
    assert decide(labels, comments) == expected


def test_read_decision_keeps_a_choice_whose_candidate_has_left_the_kb():
    assert decide(["1"], now=KnowledgeBase("news", "def", lambda kb_id: None)) == Decision(
        "1", (link("Q649"),), notes=("Q649 has left the knowledge base since the push",)
    )


def test_read_decision_says_where_a_chosen_candidate_is_redirected_to_and_leaves_it():
    assert decide(["1"], now=KnowledgeBase("news", "def", {"Q649": "Q7"}.get)) == Decision(
        "1",
        (link("Q649"),),
        notes=("Q649 is Q7 since the push: corpus kb migrate moves the link",),
    )


def test_read_decision_takes_no_id_on_trust():
    assert decide(["OTHER"], ["kb:Q42"], now=None).reason == (
        "Q42 came by comment, and there is no --kb to check it against"
    )
    assert decide(["1"], now=None) == Decision("1", (link("Q649"),))
