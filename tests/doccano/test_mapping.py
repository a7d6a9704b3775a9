import json
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.doccano.mapping import (
    ExportRow,
    batch_mark,
    decode_row,
    encode_row,
    example_uuid,
    from_page_offsets,
    is_ours,
    read_mark,
    read_mentions,
    refuse_document,
    row_comments,
    row_spans,
    spans_mark,
    suggest_spans,
)
from corpus.errors import StoreError
from corpus.model import Candidate, Layer, Link, Mention, make_document, with_ids

# Astral, joined, combining, right-to-left and plain characters, in every order.
TEXTS = st.text(
    st.sampled_from("aé x\u0301😀👩\u200d👧क\u094dषשלال\r\n\u2028🇺🇦"), min_size=1, max_size=24
)


@st.composite
def silver_documents(draw):
    text = draw(TEXTS)
    spans = draw(
        st.sets(
            st.tuples(
                st.integers(0, len(text) - 1), st.integers(1, 6), st.sampled_from(["ORG", "GPE"])
            ),
            max_size=6,
        )
    )
    mentions = {(start, min(start + size, len(text)), label) for start, size, label in spans}
    layer = Layer("silver", mentions=with_ids(Mention("", *mention) for mention in mentions))
    return make_document("a", text, layers=(layer,))


def exported(document, spans):
    """The row of an export of what was sent, as Doccano gives it back."""
    row = json.loads(encode_row(document, spans, project="p", batch="b"))
    del row["example_uuid"]
    return decode_row(json.dumps({"id": 1, "Comments": [], **row}).encode(), "here")


@given(silver_documents())
def test_what_is_sent_reads_back_as_the_same_mentions(document):
    [layer] = document.layers
    spans, refused = suggest_spans(document, "silver")
    assert not refused
    row = exported(document, spans)
    assert (row.text, row_spans(row), spans_mark(spans)) == (
        document.text,
        list(spans),
        read_mark(row.corpus_mark).spans,
    )
    mentions, refused = read_mentions(document.text, row_spans(row), layer, graphemes=False)
    assert (with_ids(mentions), refused) == (layer.mentions, [])


def test_example_uuid_is_of_version_4_and_of_project_and_document():
    made = example_uuid("news.ann.1", "afp-1")
    assert made == example_uuid("news.ann.1", "afp-1")
    assert uuid.UUID(made).version == 4
    others = {example_uuid("news.bob.1", "afp-1"), example_uuid("news.ann.1", "afp-2")}
    assert len({made, *others, example_uuid("news.ann.1a", "fp-1")}) == 4


def test_example_uuid_never_changes_between_versions():
    # Every project on every server rests on this value.
    assert example_uuid("news.ann.1", "afp-1") == "40682e1c-071e-46a9-93bb-bbddab404066"


def test_spans_mark_is_of_the_set_and_names_the_count():
    spans = [(3, 7, "GPE"), (0, 2, "ORG")]
    assert spans_mark(spans) == spans_mark(reversed(spans))
    assert spans_mark(spans).startswith("2:")
    assert spans_mark([[3, 7, "GPE"], [0, 2, "ORG"]]) == spans_mark(spans)
    assert spans_mark(spans) != spans_mark([(3, 7, "GPE"), (0, 2, "GPE")])
    assert spans_mark(()).startswith("0:")


def test_batch_mark_is_of_the_documents_in_order():
    mark = batch_mark(["a", "b"], 1)
    assert mark.startswith("1:")
    assert mark == batch_mark(iter(["a", "b"]), 1)
    assert len({mark, batch_mark(["ab"], 1), batch_mark(["b", "a"], 1)}) == 3


def test_encode_row_has_the_same_keys_and_only_strings_whatever_the_metadata():
    bare = json.loads(encode_row(make_document("a", "x"), (), project="p", batch="b"))
    meta = {"title": ["T", 1], "date": None}
    full = json.loads(encode_row(make_document("a", "x", meta=meta), (), project="p", batch="b"))
    assert list(bare) == list(full)
    # Annotators see them in this order.
    assert list(full)[3:] == ["corpus_title", "corpus_date", "corpus_id", "corpus_mark"]
    assert full["corpus_title"] == "['T', 1]"
    assert all(isinstance(value, str) for key, value in full.items() if key != "label")


@pytest.mark.parametrize(
    ("id", "text", "reason"),
    [
        ("a", "x", ""),
        ("a", " ", ""),
        ("a", "", "the text is empty, and Doccano stores no empty text"),
        ("a", "x\0", "U+0000 at offset 1 cannot be stored by every server"),
        ("\0", "x", "U+0000 in the id cannot be stored by every server"),
    ],
)
def test_refuse_document_says_why(id, text, reason):
    assert refuse_document(make_document(id, text)) == reason


def test_refuse_document_names_a_lone_surrogate():
    document = msgspec.structs.replace(make_document("a", "x"), text="x\ud800")
    assert refuse_document(document) == "U+D800 at offset 1 cannot be stored by every server"


def test_suggest_spans_sends_a_span_once_and_refuses_its_twin():
    mentions = (Mention("m1", 1, 2, "ORG"), Mention("m2", 1, 2, "ORG"), Mention("m3", 1, 2, "GPE"))
    document = make_document("a", "😀b", layers=(Layer("silver", mentions=mentions),))
    spans, refused = suggest_spans(document, "silver")
    assert spans == ((2, 3, "GPE"), (2, 3, "ORG"))
    assert refused == ((mentions[1], "another mention has the same span and label"),)
    assert suggest_spans(document, "gold") == ((), ())


def test_read_mentions_keeps_id_and_candidates_of_a_twin_but_no_link():
    candidate = Candidate("Q1", 0.9, 0.8)
    known = Layer(
        "silver",
        mentions=(Mention("m7", 0, 2, "ORG", (Link("Q1"),), (candidate,), "aliases"),),
    )
    spans = [(0, 2, "ORG"), (0, 2, "GPE"), (0, 2, "ORG")]
    mentions, refused = read_mentions("ab", spans, known, graphemes=False)
    assert mentions == [
        Mention("m7", 0, 2, "ORG", (), (candidate,), "aliases"),
        Mention("", 0, 2, "GPE"),
        Mention("", 0, 2, "ORG"),
    ]
    assert refused == []


def test_read_mentions_refuses_the_spans_that_no_text_holds_and_keeps_the_rest():
    spans = [(0, 1, "X"), (1, 2, "X"), (2, 3, "X"), (3, 9, "X")]
    mentions, refused = read_mentions("a😀", spans, None, graphemes=False)
    assert mentions == [Mention("", 0, 1, "X")]
    assert refused == [
        ((1, 2, "X"), "UTF-16 offset 2 lies inside a surrogate pair"),
        ((2, 3, "X"), "UTF-16 offset 2 lies inside a surrogate pair"),
        ((3, 9, "X"), "span 3-9 lies outside a text of 3 units"),
    ]


def test_from_page_offsets_counts_graphemes_where_the_project_does():
    text = "Smile 😀😀 cafe\u0301 then OSCE"
    assert from_page_offsets(text, [(19, 23, "ORG")], graphemes=True) == [(20, 24, "ORG")]
    assert from_page_offsets(text, [(22, 26, "ORG")], graphemes=False) == [(20, 24, "ORG")]


def test_row_spans_reads_both_shapes_of_an_export():
    plain = decode_row(b'{"label": [[3, 7, "GPE"], [0, 2, "X"]]}', "here")
    assert row_spans(plain) == [(0, 2, "X"), (3, 7, "GPE")]
    related = b'{"entities": [{"id": 5, "label": "GPE", "start_offset": 3, "end_offset": 7}]}'
    assert row_spans(decode_row(related, "here")) == [(3, 7, "GPE")]
    assert row_spans(ExportRow()) == []


def test_row_comments_reads_both_shapes_of_an_export():
    assert row_comments(ExportRow(comments=["b", "a"])) == ("b", "a")
    assert row_comments(ExportRow(comments=[{"id": 1, "comment": "b"}])) == ("b",)
    assert row_comments(ExportRow()) == ()


def test_is_ours_needs_our_keys():
    ours = ExportRow(text="x", corpus_id="a", corpus_mark="v1 a 0:b 0:c")
    assert is_ours(ours)
    for strange in ({"corpus_id": 5}, {"corpus_id": None}, {"corpus_mark": None}, {"text": None}):
        assert not is_ours(msgspec.structs.replace(ours, **strange))


def test_decode_row_says_where_a_line_is_broken():
    with pytest.raises(StoreError, match=r"^export of all:3:"):
        decode_row(b'{"id": 1', "export of all:3")
