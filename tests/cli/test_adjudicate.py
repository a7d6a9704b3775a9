"""corpus adjudicate, as a person types it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.decisions import Answer, Mark, decide
from corpus.gold.decided import add_decisions
from corpus.gold.disputes import decisions_path, read_disputes
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
        "  rejected disputed: 2 confirmed layers (annotator:ann, annotator:bob); choose a "
        "--rule, or an --annotator\n"
    )


def test_adjudicate_reads_standard_input(run_cli: Callable, pulled: Path, tmp_path: Path) -> None:
    content = (pulled / "documents.jsonl").read_bytes()
    ran = run_cli(["adjudicate", "-", "-o", "-", "--annotator", "ann"], stdin=content)
    assert (ran.code, len(ran.out.splitlines())) == (0, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--rule", "loudest"],
            "--rule loudest: no such rule; the rules are: single, unanimous, majority, weighted, "
            "expert",
        ),
        (["--rule", "expert"], "--rule expert needs --expert; say, for example: --expert ann"),
        (["--expert", "ann"], "--expert is not for --rule single; say --rule expert"),
        (
            ["--rule", "weighted", "--weights", "ann=2,bob"],
            "--weights bob: not a name with a number of its own; write them like: ann=2,bob=1; "
            "who is not named weighs 1",
        ),
        (
            ["--rule", "weighted", "--weights", "ann=2,ann=1"],
            "--weights ann=1: not a name with a number of its own; write them like: ann=2,bob=1; "
            "who is not named weighs 1",
        ),
        (
            ["--decisions", "x.jsonl"],
            "--decisions is not for --rule single; it leaves no disputes",
        ),
    ],
)
def test_adjudicate_names_what_is_wrong_with_a_rule(
    run_cli: Callable, pulled: Path, options: list[str], message: str
) -> None:
    ran = run_cli(["adjudicate", pulled, "-o", pulled / "gold.jsonl", *options])
    assert (ran.code, ran.out, ran.err) == (2, "", f"corpus: error: {message}\n")
    assert not (pulled / "gold.jsonl").exists()


PER = Mention(id="p", start=0, end=3, label="PER")


@pytest.fixture
def differing(tmp_path: Path) -> Path:
    folder = tmp_path / "annotations"
    folder.mkdir()
    eve = Layer(name="annotator:eve", state="confirmed", mentions=(ORG, PER))
    documents = [
        make_document("settled", TEXT, layers=(ANN, BOB)),
        make_document("open", TEXT, layers=(ANN, eve)),
    ]
    write_documents(documents, folder / "documents.jsonl")
    return folder


def test_adjudicate_by_majority_says_what_is_open_and_what_to_type(
    run_cli: Callable, differing: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    ran = run_cli(["adjudicate", differing, "-o", gold, "--rule", "majority"])
    assert ran.code == 1
    assert ran.out == (
        f"{gold}: 2 documents, 6 mentions\n  settled by rule: 2\n  disputed documents: 1\n"
        "  disputes: 1\n"
    )
    assert ran.err == (
        f"corpus: 1 open dispute: {gold}.disputes.jsonl\n"
        f"  decide them: corpus disputes decide {gold}\n"
        f"  or in Doccano: corpus disputes push {gold} --project NAME.disputes\n"
    )
    assert run_cli(["check", tmp_path]).code == 0


def test_adjudicate_again_replays_decisions_without_force(
    run_cli: Callable, differing: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    by_majority = ["adjudicate", differing, "-o", gold, "--rule", "majority"]
    assert run_cli([*by_majority, "--allow-rejects"]).code == 0
    [open_one] = read_disputes(gold)
    yes = Answer(marks=(Mark(0, 3, "PER"),))
    add_decisions(decisions_path(gold), [decide(open_one.dispute, yes, "judge")])
    ran = run_cli(by_majority)
    assert (ran.code, ran.err) == (0, "")
    assert "settled by decision: 1\n" in ran.out
    assert [one.dispute.decided.author for one in read_disputes(gold)] == ["judge"]
    assert [len(d.layers[-1].mentions) for d in read_documents(gold)] == [1, 2]
    assert run_cli(["check", tmp_path]).code == 0
    assert run_cli(by_majority).out.startswith(f"{gold} is up to date")


def test_adjudicate_of_a_folder_without_documents_says_so(
    run_cli: Callable, tmp_path: Path
) -> None:
    ran = run_cli(["adjudicate", tmp_path, "-o", tmp_path / "gold.jsonl"])
    assert ran.code == 2
    assert ran.err == (
        f"corpus: error: {tmp_path}/documents.jsonl: no such file; check the path; a glob must "
        "match something\n"
    )
