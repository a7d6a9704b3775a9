"""corpus adjudicate, as a person types it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.model import Layer, Mention, make_document
from corpus.store import read_documents, write_documents

ORG = Mention(id="m", start=4, end=8, label="ORG")
ANN = Layer(name="annotator:ann", state="confirmed", mentions=(ORG,))
BOB = Layer(name="annotator:bob", state="confirmed", mentions=(ORG,))
TEXT = "The OSCE met."


@pytest.fixture
def pulled(tmp_path: Path) -> Path:
    folder = tmp_path / "annotations"
    folder.mkdir()
    documents = [
        make_document("settled", TEXT, layers=(ANN,)),
        make_document("waiting", TEXT),
        make_document("disputed", TEXT, layers=(ANN, BOB)),
    ]
    write_documents(documents, folder / "documents.jsonl")
    return folder


def test_adjudicate_says_what_became_of_each_document(
    run_cli: Callable, pulled: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    ran = run_cli(["adjudicate", pulled, "-o", gold])
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        f"{gold}: 2 documents, 2 mentions\n"
        f"  rejected 1 document, 2 mentions: {gold}.rejects.jsonl\n"
        "  waiting: 1\n"
    )
    assert [d.id for d in read_documents(gold)] == ["settled", "waiting"]


def test_adjudicate_again_is_up_to_date_and_says_again_what_was_rejected(
    run_cli: Callable, pulled: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    run_cli(["adjudicate", pulled, "-o", gold])
    before = gold.stat()
    ran = run_cli(["adjudicate", pulled, "-o", gold])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{gold} is up to date\n"
        f"  rejected 1 document, 2 mentions: {gold}.rejects.jsonl\n"
        "  waiting: 1\n"
    )
    assert gold.stat().st_mtime_ns == before.st_mtime_ns


def test_adjudicate_of_a_file_with_one_annotator_has_no_rejects(
    run_cli: Callable, pulled: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    source = pulled / "documents.jsonl"
    ran = run_cli(["adjudicate", source, "-o", gold, "--annotator", "bob", "--json"])
    result = json.loads(ran.out)
    assert (ran.code, result["documents"]["written"]) == (0, 3)
    assert result["notes"] == {"waiting": 2}
    assert run_cli(["adjudicate", source, "-o", gold, "--annotator", "bob"]).out == (
        f"{gold} is up to date\n  waiting: 2\n"
    )


def test_adjudicate_to_standard_output_lists_rejects_on_stderr(
    run_cli: Callable, pulled: Path, tmp_path: Path
) -> None:
    ran = run_cli(["adjudicate", pulled, "-o", "-"])
    assert ran.code == 1
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == ["settled", "waiting"]
    assert ran.err == (
        "-: 2 documents, 2 mentions\n"
        "  rejected 1 document, 2 mentions: give -o FILE to list them all\n"
        "  waiting: 1\n"
        "  rejected disputed: 2 confirmed layers (annotator:ann, annotator:bob); name one with "
        "--annotator\n"
    )


def test_adjudicate_reads_standard_input(run_cli: Callable, pulled: Path, tmp_path: Path) -> None:
    content = (pulled / "documents.jsonl").read_bytes()
    ran = run_cli(["adjudicate", "-", "-o", "-", "--annotator", "ann"], stdin=content)
    assert (ran.code, len(ran.out.splitlines())) == (0, 3)


def test_adjudicate_names_a_rule_that_is_none(run_cli: Callable, pulled: Path) -> None:
    ran = run_cli(["adjudicate", pulled, "-o", "gold.jsonl", "--rule", "majority"])
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "corpus: error: --rule majority: no such rule; the rules are: single\n"
    assert not Path("gold.jsonl").exists()


def test_adjudicate_of_a_folder_without_documents_says_so(
    run_cli: Callable, tmp_path: Path
) -> None:
    ran = run_cli(["adjudicate", tmp_path, "-o", tmp_path / "gold.jsonl"])
    assert ran.code == 2
    assert ran.err == (
        f"corpus: error: {tmp_path}/documents.jsonl: no such file; check the path; a glob must "
        "match something\n"
    )
