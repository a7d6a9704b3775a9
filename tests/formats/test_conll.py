"""CoNLL in its dialects, and what it cannot hold."""

from pathlib import Path

import pytest

from corpus.errors import DataError, FormatError
from corpus.formats.conll import read_conll
from corpus.formats.conll_writer import write_conll
from corpus.manifest import open_stage
from corpus.model import Layer, Link, Mention, count_mentions, make_document, problems_of

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
    with open_stage("export", path, []) as stage:
        stage.documents.received = stage.documents.kept = stage.documents.written = 2
        stage.mentions.received = stage.mentions.kept = stage.mentions.written = count_mentions(
            MIXED
        )
        assert write_conll([MIXED, make_document("bare", "No layer")], path, stage=stage) == 1
    assert path.read_text() == (
        "-DOCSTART- (mixed)\n\nKyiv\tB-GPE\nbased\tO\nNATO\tB-ORG\n,\tO\nin\tO\nKyiv\tB-GPE\n"
        "Oblast\tI-GPE\nmet\tO\n\n"
    )
    assert stage.mentions.problems() + stage.documents.problems() == []
    counts = stage.mentions
    assert (counts.kept, counts.repaired, counts.rejected) == (2, 1, 3)
    assert stage.documents.rejected == 1
    rejects = Path(f"{path}.rejects.jsonl").read_text().splitlines()
    assert len(rejects) == 4
    assert "without one every token would read as O" in rejects[-1]


def test_without_a_stage_a_reject_is_an_error(tmp_path):
    with pytest.raises(DataError) as caught:
        write_conll([MIXED], tmp_path / "out.conll")
    assert str(caught.value) == (
        f"{tmp_path / 'out.conll'}: document 'mixed': mention 1: CoNLL holds one layer"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not WNUT.exists(), reason="WNUT17 is not beside this checkout: not read")
def test_wnut17_reads_whole_and_comes_back_as_it_was(tmp_path):
    found = list(read_conll(WNUT))
    assert (len(found), sum(len(d.tokens) for d in found)) == (1009, 15733)
    assert sum(map(count_mentions, found)) == WNUT.read_text().count("\tB-") == 836
    write_conll(found, tmp_path / "out.conll")
    assert list(read_conll(tmp_path / "out.conll")) == found
