"""WebAnno TSV: what hypothesis once found."""

from corpus.formats.webanno import write_webanno
from corpus.formats.webanno_reader import read_webanno
from corpus.model import Layer, make_document


def test_a_sentence_that_begins_with_a_blank_stays_where_it_is(tmp_path):
    text = " aa's \U0001f600  b."
    document = make_document("d", text, sentences=((0, 7), (8, 11)), layers=(Layer("gold"),))
    write_webanno([document], tmp_path / "out")
    [back] = read_webanno(tmp_path / "out")
    assert (back.text, back.sentences) == (text, ((0, 7), (8, 11)))
