"""Long articles in pieces: where they are cut, and what puts them back together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.doccano.mapping import decode_row, encode_row, read_mark, suggest_spans
from corpus.doccano.pieces import cut_document, document_of, piece_of, what_lacks
from corpus.doccano.span_examples import joint_state, rebuild_document
from corpus.model import Layer, Mention, layer_of, make_document, with_ids, with_layer

TEXT = "One is here.\n\nTwo is there.\n\nThree, 😀 and far.\nFour"


def silver(text, *spans, id="a"):
    mentions = with_ids(Mention(id="", start=s, end=e, label="GPE") for s, e in spans)
    return with_layer(make_document(id, text), Layer(name="silver", mentions=mentions))


def texts(document, longest):
    return [part.text for part, _ in cut_document(document, "silver", longest)]


def rows_of(document, longest):
    rows = []
    for part, piece in cut_document(document, "silver", longest):
        spans = suggest_spans(part, "silver").spans
        line = encode_row(part, spans, project="p", batch="1:a", piece=str(piece or ""))
        rows.append(decode_row(line, "here"))
    return rows


@pytest.mark.parametrize(
    ("longest", "pieces"),
    [
        (100, [TEXT]),
        (len(TEXT), [TEXT]),
        (len(TEXT) - 1, ["One is here.\n\nTwo is there.\n\nThree, 😀 and far.\n", "Four"]),
        (30, ["One is here.\n\nTwo is there.\n\n", "Three, 😀 and far.\nFour"]),
        (20, ["One is here.\n\n", "Two is there.\n\n", "Three, 😀 and far.\n", "Four"]),
        (1, ["One is here.\n\n", "Two is there.\n\n", "Three, 😀 and far.\n", "Four"]),
    ],
)
def test_cuts_are_between_paragraphs_and_as_few_as_can_be(longest, pieces):
    assert texts(make_document("a", TEXT), longest) == pieces


@pytest.mark.parametrize(
    "text", ["", "one line that has no end", "\n\n\none", "one\n\n \n", "\n \n\n", "a\r\n\r\n"]
)
def test_text_of_one_paragraph_and_blanks_is_not_cut(text):
    [(whole, piece)] = cut_document(make_document("a", text), "silver", 1)
    assert (whole.text, whole.id, piece) == (text, "a", None)


def test_no_mention_is_cut_and_none_is_lost():
    document = silver(TEXT, (7, 20), (0, 3), (14, 17), (36, 37), (29, 34), (13, 14))
    parts = list(cut_document(document, "silver", 20))
    assert [part.text for part, _ in parts] == [TEXT[:29], TEXT[29:47], TEXT[47:]]
    again = [
        (mention.start + piece.start, mention.end + piece.start)
        for part, piece in parts
        for mention in layer_of(part, "silver").mentions
    ]
    assert sorted(again) == sorted((m.start, m.end) for m in layer_of(document, "silver").mentions)


def test_mentions_that_touch_a_border_do_not_hold_it():
    document = silver("One\nTwo", (0, 4), (4, 7))
    assert texts(document, 5) == ["One\n", "Two"]
    assert texts(silver("One\nTwo", (0, 5)), 5) == ["One\nTwo"]


def test_piece_says_in_its_id_and_mark_what_it_is_a_piece_of():
    first, second = rows_of(silver(TEXT, (29, 34)), 30)
    assert (first.corpus_id, second.corpus_id) == ("a (1/2)", "a (2/2)")
    piece = piece_of(read_mark(second.corpus_mark))
    assert (piece.number, piece.total, piece.start) == (2, 2, 29)
    assert document_of(first) == document_of(second) == "a"
    assert not read_mark(second.corpus_mark).is_blind


def test_id_that_looks_like_a_piece_s_is_a_document():
    [row] = rows_of(make_document("a (2/2)", "One"), 100)
    assert (piece_of(read_mark(row.corpus_mark)), document_of(row)) == (None, "a (2/2)")


def test_mark_of_a_blind_piece_keeps_both():
    layer = Layer(name="silver", blind=True)
    part, piece = list(cut_document(with_layer(make_document("a", TEXT), layer), "silver", 30))[1]
    line = encode_row(part, (), project="p", batch="0:a", layer="silver", piece=str(piece))
    mark = read_mark(decode_row(line, "here").corpus_mark)
    assert (mark.is_blind, piece_of(mark)) == (True, piece)


def test_what_lacks_names_the_pieces_that_are_not_there():
    pieces = [piece for _, piece in cut_document(make_document("a", TEXT), "silver", 20)]
    assert what_lacks(pieces) == ""
    assert what_lacks(pieces[1:3]) == (
        "of its 4 pieces the server does not have 1, 4; push the documents again"
    )
    others = [piece for _, piece in cut_document(make_document("a", TEXT), "silver", 30)]
    reason = "its pieces on the server are of more than one text or --max-chars"
    assert what_lacks([pieces[0], others[1]]) == reason


def test_document_is_rebuilt_from_all_of_its_pieces_alone():
    document = make_document("a", TEXT, meta={"title": "T", "date": "2024-05-01", "lang": "en"})
    rows = rows_of(document, 20)
    rebuilt, reason = rebuild_document(rows[::-1])
    assert (rebuilt.id, rebuilt.text, reason) == ("a", TEXT, "")
    assert rebuilt.meta == {"title": "T", "date": "2024-05-01"}
    assert rebuild_document(rows[1:]) == (
        None,
        "of its 4 pieces the server does not have 1; push the documents again",
    )
    rows[0] = decode_row(
        b'{"text": "Own is here.\\n\\n", "corpus_mark": "%s"}'
        % (str(rows[0].corpus_mark).encode()),
        "here",
    )
    assert rebuild_document(rows) == (None, "its text was changed on the server after the push")


@pytest.mark.parametrize(
    ("states", "joint"),
    [
        (["confirmed"], "confirmed"),
        (["confirmed", "confirmed"], "confirmed"),
        (["confirmed", "untouched"], "touched"),
        (["untouched", "untouched"], "untouched"),
        (["touched", "untouched"], "touched"),
    ],
)
def test_state_of_a_document_is_that_of_all_its_pieces(states, joint):
    assert joint_state(states) == joint


articles = st.lists(
    st.sampled_from(
        ["\n", "\n\n", "\r\n", " ", "😀", "e\u0301", "👩\u200d👧", "Kyiv", "a", "\u2028"]
    ),
    max_size=40,
).map("".join)


@st.composite
def annotated(draw):
    text = draw(articles)
    places = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(places, places), max_size=6))
    return silver(text, *{(min(one), max(one)) for one in spans if one[0] != one[1]})


@given(document=annotated(), longest=st.integers(1, 30))
def test_pieces_put_together_are_the_document(document, longest):
    parts = list(cut_document(document, "silver", longest))
    assert "".join(part.text for part, _ in parts) == document.text
    mentions = [
        (mention.start + start, mention.end + start, mention.id)
        for part, piece in parts
        for start in [piece.start if piece else 0]
        for mention in layer_of(part, "silver").mentions
    ]
    whole = layer_of(document, "silver").mentions
    assert sorted(mentions) == sorted((one.start, one.end, one.id) for one in whole)
    rows = rows_of(document, longest)
    rebuilt, _ = rebuild_document(rows[::-1])
    assert (rebuilt.id, rebuilt.text) == ("a", document.text)
    assert len(rows) == 1 or not any(row.text.isspace() for row in rows)
