"""corpus check --audit, as a person types it."""

import json
import os

import pytest

from corpus.model import Layer, Mention, make_document, with_ids
from corpus.store import read_documents, write_documents


def document(id, text, spans):
    mentions = with_ids([Mention("", start, end, "GPE") for start, end in spans])
    return make_document(id, text, lang="en", layers=(Layer("gold", mentions=mentions),))


@pytest.fixture
def gold(tmp_path):
    documents = [document(f"d{n}", "From Kyiv.", [(5, 9)]) for n in range(4)]
    documents.append(document("odd", "Kyiv, from Kyiv.", [(0, 4)]))
    write_documents(documents, tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


DOUBT = (
    "0.83 missed-mention odd:11-15 'Kyiv' GPE: not marked, 5 of 6 places are, "
    "in this document too\n"
)


def test_audit_prints_writes_and_gives_documents_to_push(run_cli, gold, tmp_path):
    queue, review = tmp_path / "doubts.jsonl", tmp_path / "review.jsonl"
    command = ["check", gold, "--audit", "--no-debug-data", "-o", queue, "--review", review]
    ran = run_cli(command)
    assert ran.code == 0
    assert ran.out == (
        f"{DOUBT}audited 5 documents, 5 mentions: 1 doubt (missed-mention 1)\n"
        "checked 1 file (5 documents, 5 mentions, 0 manifests): all is well\n"
    )
    assert ran.err == (
        f"corpus: every doubt, the surest first: {queue}\n"
        f"corpus: to send them back: corpus push {review} --layer gold --project NAME\n"
    )
    (line,) = queue.read_text().splitlines()
    assert json.loads(line)["document"] == "odd"
    (sent,) = read_documents(review)
    assert sent.meta["title"].startswith("'Kyiv' 11-15: not marked")
    ran = run_cli(command)
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {queue}: exists; give another name, or --force to replace it\n",
    )
    result = json.loads(run_cli([*command, "--force", "--json"]).out)
    assert result["audit"]["kinds"] == {"missed-mention": 1}
    assert run_cli(["check", tmp_path]).code == 0  # the new files are sound too


def test_audit_of_a_folder_of_splits(run_cli, gold, tmp_path):
    run_cli(["split", gold, "-o", tmp_path / "splits", "--ratios", "1,1,1"])
    ran = run_cli(["check", tmp_path / "splits", "--audit", "--no-debug-data"])
    assert ran.out.startswith(DOUBT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gold.jsonl", "--review", "x.jsonl"], "--review: belongs to the audit; give --audit too"),
        (["gold.jsonl", "--audit", "--layer", "silver"], "no document has a layer 'silver'; name "
         "another with --layer"),
        ([".", "--audit"], ".: several stages of the same documents may stand in a folder; name "
         "the documents to audit"),
    ],
)  # fmt: skip
def test_what_cannot_be_audited_is_said(run_cli, gold, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    ran = run_cli(["check", *arguments])
    assert (ran.code, ran.err) == (2, f"corpus: error: {message}\n")


def test_nothing_is_audited_that_is_not_sound(run_cli, gold):
    gold.write_text(gold.read_text().replace('"start":5', '"start":50'))
    ran = run_cli(["check", gold, "--audit"])
    assert ran.code == 1
    assert ran.err == "corpus: not audited: mend what is found first\n"


@pytest.mark.server
def test_documents_for_review_go_back_to_doccano(doccano, run_cli, gold, tmp_path):
    review, name = tmp_path / "review.jsonl", f"review {os.urandom(4).hex()}"
    run_cli(["check", gold, "--audit", "--no-debug-data", "--review", review])
    ran = run_cli(["push", review, "--layer", "gold", "--project", name, "--json"])
    result = json.loads(ran.out)
    assert (ran.code, result["documents"]["stored"], result["spans"]["stored"]) == (0, 1, 1)
    pulled = tmp_path / "pulled"
    ran = run_cli(["pull", "--project", name, "--documents", review, "-o", pulled])
    assert ran.code == 0, ran.err
    (document,) = read_documents(pulled / "documents.jsonl")
    assert document.meta["audit"] == [
        "'Kyiv' 11-15: not marked, 5 of 6 places are, in this document too"
    ]
