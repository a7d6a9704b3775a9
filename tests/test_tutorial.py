"""docs/tutorial.md: everything that it types leads where it says, on the live Doccano."""

import pytest
import spacy

from corpus.store import read_documents
from tests.pages import ROOT, Reader, read_blocks

TUTORIAL = ROOT / "docs" / "tutorial.md"
ELSEWHERE = ("mkdir ", "python3 -m venv", "pip install", "corpus doccano")  # tested by themselves


@pytest.mark.server
def test_the_tutorial_leads_from_an_empty_folder_to_a_model(
    doccano, without_projects, run_cli, tmp_path, monkeypatch
):
    without_projects("news")
    (tmp_path / "corpus").symlink_to(ROOT)
    (tmp_path / "tutorial").mkdir()
    monkeypatch.chdir(tmp_path / "tutorial")
    reader = Reader(run_cli, left_out=ELSEWHERE)
    reader.follow(read_blocks(TUTORIAL))
    assert len(reader.ran) > 20
    assert len(list(read_documents("linked-gold.jsonl"))) == 14
    assert spacy.load("model").pipe_names == ["tok2vec", "ner", "sentencizer", "entity_linker"]
