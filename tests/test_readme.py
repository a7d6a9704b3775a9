"""README: its commands do what it says, one after the other, on the live Doccano."""

import shutil
from pathlib import Path

import pytest

from corpus.model import layer_of
from corpus.store import read_documents
from tests.pages import ROOT, Reader, read_blocks

ELSEWHERE = ("pip install", "scripts/", "corpus doccano up")  # tested by themselves


def spans(document):
    """(start, end, label, targets and roles) of every gold mention."""
    return sorted(
        (m.start, m.end, m.label, tuple(sorted((link.target, link.role) for link in m.links)))
        for m in layer_of(document, "gold").mentions
    )


@pytest.mark.server
def test_commands_of_the_readme_lead_to_linked_gold_and_splits(
    doccano, without_projects, run_cli, annotate, tmp_path, monkeypatch
):
    without_projects("news")
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)

    def people(words):
        if words[0] == "push":
            annotate(words[words.index("--project") + 1], "seeds/gold.jsonl")

    reader = Reader(run_cli, left_out=ELSEWHERE, after=people)
    reader.follow(read_blocks(ROOT / "README.md", section="The main job"))
    ran = {command.split()[1] for command in reader.ran}
    assert {"convert", "kb", "suggest", "push", "pull", "adjudicate", "split", "check"} <= ran
    gold = {document.id: document for document in read_documents("seeds/gold.jsonl")}
    found = {document.id: spans(document) for document in read_documents("linked-gold.jsonl")}
    wanted = {id: spans(document) for id, document in gold.items()}
    # One key stands for both places of Moscow, one of them metonymic: a person would SPLIT them.
    both = (("Q159", "metonymic"), ("Q649", "literal"))
    at = wanted["minsk.txt"].index((1336, 1342, "GPE", both[1:]))
    wanted["minsk.txt"][at] = (1336, 1342, "GPE", both)
    assert found == wanted
    for name in ("train", "dev", "test"):
        assert Path(f"splits/{name}.spacy").is_file()
