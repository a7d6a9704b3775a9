"""What a person sees of `corpus export` and `corpus import`."""

import json

import pytest

from corpus.formats import FORMATS
from corpus.model import Layer, Mention, make_document
from corpus.store import read_documents, write_documents

NESTED = make_document(
    "d",
    "The OSCE met",
    lang="en",
    layers=(Layer("gold", mentions=(Mention("1", 0, 8, "ORG"), Mention("2", 4, 8, "ORG"))),),
)


@pytest.fixture
def gold(tmp_path):
    write_documents([NESTED], tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


def test_an_export_says_what_it_kept_rejected_and_compared(run_cli, gold, tmp_path):
    out = tmp_path / "gold.conll"
    ran = run_cli(["export", gold, "-o", out])
    assert ran.code == 1
    assert ran.out.splitlines() == [
        f"{out}: 1 document, 1 mention",
        f"  rejected 0 documents, 1 mention: {out}.rejects.jsonl",
        "  documents tokenized to be written as CoNLL (BIO): 1",
        "  documents whose language CoNLL (BIO) cannot hold: 1",
        "  documents without sentences, one sentence in CoNLL (BIO): 1",
        "  mentions whose id CoNLL (BIO) cannot hold: 1",
        "  documents read again and found equal: 1",
    ]
    assert run_cli(["export", gold, "-o", out]).out.startswith(f"{out} is up to date\n")
    again = run_cli(["export", gold, "-o", tmp_path / "b.conll", "--allow-rejects", "--json"])
    assert again.code == 0
    assert json.loads(again.out)["mentions"]["rejected"] == 1


def test_without_verify_nothing_is_read_again(run_cli, gold, tmp_path):
    ran = run_cli(["export", gold, "-o", tmp_path / "gold.spacy", "--no-verify"])
    assert ran.out.splitlines() == [
        f"{tmp_path / 'gold.spacy'}: 1 document, 2 mentions",
        "  mentions in doc.spans alone, doc.ents cannot hold them: 1",
    ]


def test_standard_output_is_a_file_too(run_cli, gold):
    ran = run_cli(["export", gold, "-o", "-", "--format", "bioes", "--allow-rejects"])
    assert ran.out == "-DOCSTART- (d)\n\nThe\tB-ORG\nOSCE\tE-ORG\nmet\tO\n\n"
    assert ran.err.startswith(
        "-: 1 document, 1 mention\n  rejected 0 documents, 1 mention: give -o"
    )


def test_an_import_of_annotators_can_be_taken_as_confirmed(run_cli, tmp_path):
    touched = Layer("annotator:bob", state="touched")
    layers = (Layer("silver"), Layer("annotator:ann"), touched)
    write_documents([make_document("d", "Kyiv", layers=layers)], tmp_path / "all.jsonl")
    run_cli(["convert", tmp_path / "all.jsonl", "-o", tmp_path / "all.spacy"])
    command = ["import", tmp_path / "all.spacy", "-o", tmp_path / "back.jsonl"]
    for options, ann in (([], None), (["--confirmed", "--force"], "confirmed")):
        assert run_cli([*command, *options]).code == 0
        (document,) = read_documents(tmp_path / "back.jsonl")
        states = {layer.name: layer.state for layer in document.layers}
        assert states == {"silver": None, "annotator:ann": ann, "annotator:bob": "touched"}


def test_an_import_makes_documents(run_cli, tmp_path):
    (tmp_path / "a.conll").write_text("Kyiv\tB-GPE\n\n")
    ran = run_cli(["import", tmp_path / "a.conll", "-o", tmp_path / "a.jsonl", "--layer", "silver"])
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'a.jsonl'}: 1 document, 1 mention\n")
    (document,) = read_documents(tmp_path / "a.jsonl")
    assert (document.layers[0].name, document.text) == ("silver", "Kyiv")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["export", "gold.jsonl", "-o", "x.bin"], "x.bin: its name tells no format; give --format, "
         f"one of: {' '.join(FORMATS)}"),
        (["export", "gold.jsonl", "-o", "x", "--format", "word"], "--format word: no such format; "
         f"the formats are: {' '.join(FORMATS)}"),
        (["export", "gold.jsonl", "-o", "x.conll", "--misaligned", "no"], "--misaligned no: no "
         "such choice; choose split, expand or reject"),
        (["export", "gold.jsonl", "-o", "-", "--format", "brat"], "-: brat is a folder; give -o "
         "the name of one"),
        (["export", "gold.jsonl", "-o", "x", "--format", "re3d"], "--format re3d: is only read; "
         "corpus import reads it"),
        (["export", "-", "-o", "x", "--format", "spacy", "--kb", "k"], "-: --kb reads the "
         "documents twice; save them as a file first"),
        (["import", "gold.jsonl", "-o", "y", "--format", "neleval"], "gold.jsonl: neleval holds no "
         "texts; name them with --documents"),
        (["import", "x.conll", "-o", "y"], "x.conll: no such file; check the path"),
        (["import", "empty", "--format", "conll", "-o", "y"], "empty: is an empty folder; check "
         "the path"),
        (["import", "gold.jsonl", "--format", "conll", "-o", "y", "--documents", "gold.jsonl"],
         "--documents: conll holds its own texts; leave it out"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_says_what_to_type(
    run_cli, gold, tmp_path, monkeypatch, args, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    ran = run_cli(args)
    assert (ran.code, ran.err) == (2, f"corpus: error: {message}\n")


def test_a_file_that_is_none_of_the_format_is_named_with_its_line(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.conll").write_text("Kyiv\tB-GPE\nmet\n")
    ran = run_cli(["import", "a.conll", "-o", "y"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: a.conll:2: 1 columns where CoNLL has 2 to 4; a line is a token and its "
        "tag, divided by a tab or a blank\n",
    )


def test_an_export_that_reads_back_otherwise_is_an_error(run_cli, gold, tmp_path, monkeypatch):
    from corpus.formats import docbin_reader

    real = docbin_reader.read_docbin

    def shifted(*args, **options):
        for document in real(*args, **options):
            yield make_document(document.id, document.text + ".")

    monkeypatch.setattr(docbin_reader, "read_docbin", shifted)
    out = tmp_path / "gold.spacy"
    ran = run_cli(["export", gold, "-o", out])
    assert (ran.code, ran.err) == (
        1,
        f"corpus: error: {out}: document 'd' reads back otherwise than it was written; do not use "
        "this file; this is a fault of corpus, please report it\n",
    )


def test_neleval_comes_back_onto_the_documents_that_hold_its_texts(run_cli, gold, tmp_path):
    out = tmp_path / "gold.tab"
    ran = run_cli(["export", gold, "-o", out, "--format", "neleval"])
    assert "  documents read again and found equal: 1" in ran.out.splitlines()
    args = ["import", out, "--format", "neleval", "--documents", gold, "--layer", "silver"]
    assert run_cli([*args, "-o", tmp_path / "back.jsonl"]).code == 0
    (document,) = read_documents(tmp_path / "back.jsonl")
    assert [(layer.name, len(layer.mentions)) for layer in document.layers] == [
        ("gold", 2),
        ("silver", 2),
    ]


def test_without_its_package_uima_says_what_to_install(run_cli, gold, tmp_path, monkeypatch):
    import sys

    from corpus.formats import uima

    uima._types.cache_clear()
    monkeypatch.setitem(sys.modules, "cassis", None)
    ran = run_cli(["export", gold, "-o", tmp_path / "x", "--format", "uima-xmi"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: UIMA CAS needs the package dkpro-cassis; pip install dkpro-cassis\n",
    )
