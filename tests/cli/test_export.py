"""What a person sees of `corpus export` and `corpus import`."""

import json

import pytest
from msgspec.structs import replace

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


def test_a_document_that_is_lost_is_seen_beside_one_that_was_rejected(
    run_cli, tmp_path, monkeypatch
):
    from corpus.formats import conll

    real = conll.read_conll
    monkeypatch.setattr(conll, "read_conll", lambda *a, **o: list(real(*a, **o))[:-1])
    gold, out = tmp_path / "gold.jsonl", tmp_path / "gold.conll"
    bare = make_document("bare", "No layer")
    lost = make_document("lost", "Kyiv", layers=(Layer("gold"),))
    write_documents([NESTED, bare, lost], gold)
    assert run_cli(["export", gold, "-o", out]).err.startswith(
        f"corpus: error: {out}: document 'lost' reads back otherwise than it was written; "
    )


@pytest.mark.parametrize("name", ["gold.spacy", "gold.conll", "gold.tab"])
def test_an_export_in_shards_holds_what_one_file_holds(run_cli, tmp_path, name):
    gold, out = tmp_path / "gold.jsonl", tmp_path / "out" / name
    out.parent.mkdir()
    bare = make_document("bare", "No layer")
    documents = [replace(NESTED, id=str(number)) for number in range(5)]
    write_documents([*documents[:3], bare, *documents[3:]], gold)
    form = ["--format", "neleval"] if name == "gold.tab" else []
    command = ["export", gold, "-o", out, *form, "--allow-rejects"]
    whole = run_cli([*command, "--json"])
    ran = run_cli([*command, "--json", "--shard-size", "2", "--force"])
    assert (ran.code, whole.code) == (0, 0)
    assert json.loads(ran.out) == json.loads(whole.out)
    assert not out.exists()
    stem, suffix = name.split(".")
    assert sorted(each.name for each in out.parent.glob(f"{stem}-*.{suffix}")) == [
        f"{stem}-{number:05}.{suffix}" for number in range(3)
    ]
    assert run_cli([*command, "--shard-size", "2"]).out.startswith(f"{out} is up to date\n")
    found = run_cli(["check", out.parent])
    assert found.code == 0, found.out
    assert run_cli([*command, "--force"]).code == 0
    assert [each.name for each in out.parent.glob(f"*.{suffix}")] == [name]


def test_where_there_can_be_no_shards_it_is_said(run_cli, gold, tmp_path):
    for output, format, message in (
        (tmp_path / "brat", "brat", "brat is a folder, of all documents; leave it out"),
        (tmp_path / "hf", "huggingface", "huggingface is a folder, of all documents; leave it out"),
        ("-", "conll", "- is one stream; leave it out, or give -o FILE"),
        (tmp_path / "{}.conll", "conll", "goes with one output; leave it out, or the {} in -o"),
    ):
        ran = run_cli(["export", gold, "-o", output, "--format", format, "--shard-size", "9"])
        assert (ran.code, ran.err) == (2, f"corpus: error: --shard-size: {message}\n")


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
