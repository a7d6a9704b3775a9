"""CoNLL in its dialects, and what it cannot hold."""

from pathlib import Path

import pytest

from corpus.errors import FormatError
from corpus.formats import FORMATS
from corpus.formats.conll import read_conll
from corpus.formats.exporting import VERIFIED
from corpus.manifest import open_stage, rejects_path, repairs_path
from corpus.model import (
    Change,
    Layer,
    Link,
    Mention,
    Token,
    count_mentions,
    make_document,
    problems_of,
)
from corpus.store import read_records
from tests.formats.any_documents import written

WNUT = Path(__file__).parents[3] / "shared/data/wnut17/emerging.dev.conll"


def read(tmp_path, text, **options):
    path = tmp_path / "in.conll"
    path.write_bytes(text.encode())
    found = list(read_conll(path, **options))
    assert [p for document in found for p in problems_of(document)] == []
    return found


def labelled(document):
    return [(document.text[m.start : m.end], m.label) for m in document.layers[0].mentions]


@pytest.mark.parametrize(
    "tags",
    [
        "I-LOC B-LOC I-LOC O I-PER",  # IOB1
        "B-LOC B-LOC I-LOC O B-PER",  # IOB2
        "S-LOC B-LOC E-LOC O S-PER",  # BIOES
        "U-LOC B-LOC L-LOC O U-PER",  # BILOU
    ],
)
def test_every_scheme_gives_the_same_mentions(tmp_path, tags):
    words = ["Minsk", "Kyiv", "Oblast", "met", "Ann"]
    lines = "".join(f"{w} {t}\n" for w, t in zip(words, tags.split(), strict=True))
    (document,) = read(tmp_path, lines)
    assert labelled(document) == [("Minsk", "LOC"), ("Kyiv Oblast", "LOC"), ("Ann", "PER")]


def test_docstart_ids_sentences_columns_and_comments(tmp_path):
    text = (
        "# made by hand\n-DOCSTART- (947testa CRICKET)\n\nEU NNP B-NP B-ORG\r\nsaid VB B-VP O\n\n"
        "No DT O O\n\n-DOCSTART- -X- -X- O\n\n# O O O\n"
    )
    with open_stage("convert", tmp_path / "out", []) as stage:
        first, second = read(tmp_path, text, layer="silver", stage=stage)
        (tmp_path / "out").write_bytes(b"")
    assert (first.id, second.id) == ("947testa CRICKET", "in.conll#2")
    assert (first.text, second.text) == ("EU said No", "#")
    assert first.sentences == ((0, 7), (8, 10))
    assert first.meta == {"comments": ["made by hand"]}
    assert first.layers[0].name == "silver"
    assert labelled(first) == [("EU", "ORG")]
    assert stage.manifest.notes == {"tokens with further CoNLL columns, not carried": 4}


def test_without_a_document_line_each_block_is_a_document(tmp_path):
    found = read(tmp_path, "#kyiv\tB-LOC\n\n\nRT\tO\n:\u00a0)\tO\n")
    assert [document.text for document in found] == ["#kyiv", "RT :\u00a0)"]
    assert [document.id for document in found] == ["in.conll#1", "in.conll#2"]


def test_a_comment_that_says_nothing_is_no_token(tmp_path):
    (document,) = read(tmp_path, "#\n# newdoc id = d\n# \nKyiv\tB-LOC\n#\nmet\tO\n")
    assert (document.id, document.text, document.meta) == ("d", "Kyiv met", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a O\nb\n", "2: 1 columns where CoNLL has 2 to 4; a line is a token and its tag, "
         "divided by a tab or a blank"),
        ("a B-\n", "1: 'B-' is no tag; tags are O or B-, I-, E-, S-, L- or U- and a label, in "
         "the last column"),
    ],
)  # fmt: skip
def test_a_line_that_is_none_is_named(tmp_path, text, message):
    with pytest.raises(FormatError) as caught:
        read(tmp_path, text)
    assert str(caught.value) == f"{tmp_path / 'in.conll'}:{message}"


def test_bytes_that_are_not_utf8_are_named_with_their_column(tmp_path):
    path = tmp_path / "in.conll"
    path.write_bytes(b"a O\nb\xff O\n")
    with pytest.raises(FormatError, match=r"in\.conll:2:2: not UTF-8 \(byte 0xff\)"):
        list(read_conll(path))


GOLD = (Layer("gold"),)
MIXED = make_document(
    "mixed",
    "Kyivbased NATO, in Kyiv Oblast \n met",
    lang="en",
    layers=(
        Layer(
            "gold",
            mentions=(
                Mention("1", 0, 4, "GPE", (Link("Q1"),)),
                Mention("2", 10, 14, "ORG"),
                Mention("3", 19, 23, "GPE"),
                Mention("4", 19, 30, "GPE"),
                Mention("5", 30, 31, "GPE"),
            ),
        ),
        Layer("silver", mentions=(Mention("1", 10, 14, "ORG"),)),
    ),
)


def test_what_conll_cannot_hold_is_a_reject(tmp_path):
    path = tmp_path / "out.conll"
    bare = make_document("bare", "No layer")
    stage = written([MIXED, bare], path, FORMATS["conll"])
    assert path.read_text() == (
        "-DOCSTART- (mixed)\n\nKyiv\tB-GPE\nbased\tO\nNATO\tB-ORG\n,\tO\nin\tO\nKyiv\tB-GPE\n"
        "Oblast\tI-GPE\nmet\tO\n\n"
    )
    counts = stage.mentions
    assert (counts.received, counts.kept, counts.repaired, counts.rejected) == (5, 2, 1, 2)
    assert stage.documents.rejected == 1
    rejects = list(read_records(rejects_path(path), Change))
    assert [(change.mention, change.reason) for change in rejects] == [
        ("5", "it begins or ends with a blank"),
        ("3", "it overlaps a longer mention"),
        ("", "it has no layer to write; without one it would read as having no entities"),
    ]
    (repair,) = read_records(repairs_path(path), Change)
    assert (repair.mention, repair.reason) == (
        "1",
        "kept in the file, not learnable by this tokenizer",
    )
    assert stage.manifest.notes == {
        "mentions of layer 'silver', not exported": 1,
        "mentions whose links CoNLL (BIO) cannot hold": 1,
        "mentions whose id CoNLL (BIO) cannot hold": 3,
        "documents whose blanks CoNLL (BIO) cannot hold exactly": 1,
        "documents whose language CoNLL (BIO) cannot hold": 1,
        "documents tokenized to be written as CoNLL (BIO)": 1,
        "documents without sentences, one sentence in CoNLL (BIO)": 1,
        VERIFIED: 1,
    }


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("conll", "A\tB-P\nB\tB-P\nC\tI-P\nD\tO\n\nE\tB-P\n\n"),
        ("iob", "A\tI-P\nB\tB-P\nC\tI-P\nD\tO\n\nE\tI-P\n\n"),
        ("bioes", "A\tS-P\nB\tB-P\nC\tE-P\nD\tO\n\nE\tS-P\n\n"),
        ("bilou", "A\tU-P\nB\tB-P\nC\tL-P\nD\tO\n\nE\tU-P\n\n"),
        ("conll2003", "A -X- -X- I-P\nB -X- -X- B-P\nC -X- -X- I-P\nD -X- -X- O\n\n"
         "E -X- -X- I-P\n\n"),
    ],
)  # fmt: skip
def test_every_scheme_is_written_as_its_own(tmp_path, name, rows):
    mentions = (Mention("1", 0, 1, "P"), Mention("2", 2, 5, "P"), Mention("3", 8, 9, "P"))
    document = make_document(
        "d", "A B C D E", sentences=((0, 7), (8, 9)), layers=(Layer("gold", mentions=mentions),)
    )
    written([document], tmp_path / "out", FORMATS[name])
    start = "-DOCSTART- -X- -X- O" if name == "conll2003" else "-DOCSTART- (d)"
    assert (tmp_path / "out").read_text() == f"{start}\n\n{rows}"


def test_a_sentence_border_inside_a_mention_is_left_out_and_counted(tmp_path):
    layers = (Layer("gold", mentions=(Mention("1", 0, 3, "P"),)),)
    document = make_document("d", "A B", sentences=((0, 1), (2, 3)), layers=layers)
    stage = written([document], tmp_path / "out", FORMATS["conll"])
    assert (
        stage.manifest.notes["sentence borders inside a mention, which CoNLL (BIO) cannot hold"]
        == 1
    )
    assert (tmp_path / "out").read_text() == "-DOCSTART- (d)\n\nA\tB-P\nB\tI-P\n\n"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (make_document("a\tb", "x", layers=GOLD), "its id holds a tab or a line break"),
        (make_document(" a", "x", layers=GOLD), "its id begins or ends with a blank"),
        (
            make_document(
                "a", "-DOCSTART-", tokens=(Token(0, 10, False),), layers=(Layer("gold"),)
            ),
            "token 0-10 is nothing that such a line can hold",
        ),
    ],
)
def test_a_document_that_conll_cannot_hold_is_a_reject(tmp_path, document, reason):
    written([document], tmp_path / "out", FORMATS["conll"])
    (change,) = read_records(rejects_path(tmp_path / "out"), Change)
    assert (change.document, change.reason) == (document.id, reason)


@pytest.mark.skipif(not WNUT.exists(), reason="WNUT17 is not beside this checkout: not read")
def test_wnut17_reads_whole_and_comes_back_as_it_was(tmp_path):
    found = list(read_conll(WNUT))
    assert (len(found), sum(len(d.tokens) for d in found)) == (1009, 15733)
    assert sum(map(count_mentions, found)) == WNUT.read_text().count("\tB-") == 836
    written(found, tmp_path / "out.conll", FORMATS["conll"])
    assert list(read_conll(tmp_path / "out.conll")) == found
