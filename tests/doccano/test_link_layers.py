"""The rest of the link layers is proven on the server, in test_link_pull.py."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.doccano.link_decisions import KnowledgeBase
from corpus.doccano.link_layers import LinkReading, read_layer
from corpus.doccano.link_rows import Stored
from corpus.doccano.mapping import text_mark
from corpus.model import Layer, Mention, make_document, with_ids

TEXT = "ab" * 12
DOCUMENT = make_document("d", TEXT)
READING = LinkReading(
    "annotator:ann", 1, "gold", KnowledgeBase("kb", "h", lambda id: id if id[0] == "Q" else None)
)


def stored(number, places, chosen=("1",), *, confirmed=True, comments=(), label="X"):
    return Stored(
        example=number,
        document="d",
        key=f"k{number}",
        places=tuple(places),
        label=label,
        candidates=("Q1", "Q2"),
        kb="kb",
        kb_hash="h",
        document_mark=text_mark(DOCUMENT.sha256),
        sent="1",
        chosen=chosen,
        comments=comments,
        changed=False,
        confirmed=confirmed,
    )


def spans(*places, label="X"):
    return Layer("gold", mentions=with_ids(Mention("", s, e, label) for s, e in places))


def test_read_layer_gives_one_decision_to_mentions_of_one_place_and_label():
    layer = spans((0, 2), (0, 2))
    pulled = read_layer(DOCUMENT, layer, [stored(1, [(0, 2)])], READING)
    assert [m.source for m in pulled.layer.mentions] == ["key:1", "key:1"]
    assert pulled.layer.state == "confirmed"


def test_read_layer_takes_the_first_of_two_decisions_and_lists_the_other():
    decisions = [stored(1, [(0, 2)], ("2",)), stored(2, [(0, 2)], ("NIL",))]
    pulled = read_layer(DOCUMENT, spans((0, 2)), decisions, READING)
    assert [m.source for m in pulled.layer.mentions] == ["key:2"]
    [change] = pulled.refused
    assert (change.mention, change.reason) == ("0-2:X", "example 1 decides it already")


def test_read_layer_without_the_spans_layer_lists_every_place():
    pulled = read_layer(DOCUMENT, None, [stored(1, [(0, 2), (4, 6)])], READING)
    assert pulled.layer is None
    assert [(c.mention, c.reason) for c in pulled.refused] == [
        ("0-2:X", "the document has no layer 'gold'"),
        ("4-6:X", "the document has no layer 'gold'"),
    ]


def test_read_layer_of_a_document_that_nobody_was_asked_about_is_none():
    assert read_layer(DOCUMENT, spans((0, 2)), [], READING).layer is None


PLACES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 3)).map(lambda p: (p[0], p[0] + p[1])),
    min_size=1,
    max_size=8,
    unique=True,
)
KEYS = st.sampled_from([(), ("1",), ("2",), ("3",), ("NIL",), ("OTHER",), ("SPLIT",), ("1", "2")])


@given(PLACES, st.lists(st.tuples(PLACES, KEYS, st.booleans()), max_size=5))
def test_read_layer_keeps_every_mention_and_accounts_for_every_confirmed_place(places, drawn):
    layer = spans(*places)
    decisions = [
        stored(number, asked, chosen, confirmed=confirmed)
        for number, (asked, chosen, confirmed) in enumerate(drawn)
    ]
    pulled = read_layer(DOCUMENT, layer, decisions, READING)
    refused = {(change.where, change.mention) for change in pulled.refused}
    if pulled.layer is None:
        assert decisions == []
        return
    told = [(m.id, m.start, m.end, m.label) for m in pulled.layer.mentions]
    assert told == [(m.id, m.start, m.end, m.label) for m in layer.mentions]
    answered = {(m.start, m.end): m.source for m in pulled.layer.mentions if m.source}
    for decision in decisions:
        for start, end in decision.places:
            listed = (f"example {decision.example}", f"{start}-{end}:X") in refused
            if decision.confirmed:
                assert listed or (start, end) in answered or decision.known.split
    if not any(decision.confirmed for decision in decisions):
        assert answered == {}
        assert pulled.layer.state in ("touched", "untouched")
