"""corpus datasheet, as a person types it."""

import json

import pytest

from corpus.model import Layer, Mention, make_document
from corpus.store import write_documents


@pytest.fixture
def gold(tmp_path):
    gold = Layer("gold", mentions=(Mention("1", 0, 4, "GPE"),))
    ann = Layer("annotator:ann", state="confirmed", mentions=gold.mentions)
    documents = [
        make_document(f"d{n}", f"Kyiv met {n}.", lang="en", layers=(ann, gold)) for n in range(10)
    ]
    write_documents(documents, tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


def test_datasheet_of_splits(run_cli, gold, tmp_path):
    run_cli(["split", gold, "-o", tmp_path / "splits", "--ratios", "60,20,20"])
    guide = tmp_path / "guide.md"
    guide.write_text("Mark what has a name.")
    command = ["datasheet", tmp_path / "splits", "-o", tmp_path / "D.md", "--title", "News"]
    ran = run_cli([*command, "--guidelines", guide, "--licence", "CC0"])
    assert (ran.code, ran.out, ran.err) == (0, "", f"corpus: written: {tmp_path / 'D.md'}\n")
    card = (tmp_path / "D.md").read_text()
    assert card.startswith("# News\n\n10 documents with 10 mentions in the layer `gold`.\n")
    assert "|  | train | dev | test |\n|---|---|---|---|\n| documents | 6 | 2 | 2 |\n" in card
    assert "Near-duplicate pairs across splits: 0.\n" in card
    assert "- All of it was annotated by one person.\n" in card
    assert "Guidelines: `guide.md`, SHA-256 `" in card
    assert str(tmp_path) not in card
    marks = json.loads((tmp_path / "splits" / "splits.jsonl.manifest.json").read_text())["outputs"]
    assert len(marks) == 7
    assert all(mark["sha256"] in card for mark in marks)
    ran = run_cli(command)
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path / 'D.md'}: exists; give another -o, or --force to replace it\n",
    )
    again = run_cli([*command, "--guidelines", guide, "--licence", "CC0", "--force"])
    assert again.code == 0
    assert (tmp_path / "D.md").read_text() == card


def test_datasheet_to_standard_output_with_agreement_and_doubts(run_cli, gold, tmp_path):
    doubts = tmp_path / "doubts.jsonl"
    run_cli(["check", gold, "--audit", "-o", doubts])
    agreement = tmp_path / "agreement.json"
    agreement.write_text('{"overall": {}, "documents": {"given": 10, "compared": 4}}')
    ran = run_cli(["datasheet", gold, "-o", "-", "--doubts", doubts, "--agreement", agreement])
    assert (ran.code, ran.err) == (0, "")
    assert "- The audit doubts 3 places: debug-data 3.\n" in ran.out
    assert "\n4 of 10 documents were confirmed by two annotators or more." in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-"], 2, "-: has no manifest; save it as a file first"),
        (["."], 2, ".: no folder that split or pull wrote; name the file of documents"),
        (["none.jsonl"], 2, "none.jsonl: no such file; check the path; a glob must match "
         "something"),
        (["gold.jsonl", "--agreement", "gold.jsonl"], 1, None),
        (["gold.jsonl", "--agreement", "list.json"], 1, "list.json: is not what agreement prints; "
         "make it with corpus agreement … --json > agreement.json"),
        (["gold.jsonl", "--guidelines", "none.md"], 2, "none.md: no such file; give a file that "
         "can be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(run_cli, gold, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.json").write_text("[]")
    ran = run_cli(["datasheet", *arguments, "-o", "-"])
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("corpus: error: ") and ran.err.count("\n") == 1
    if message:
        assert ran.err == f"corpus: error: {message}\n"
