"""The workspace that check is tried on."""

import os
import shutil
from pathlib import Path

import pytest

from corpus.cli import run
from tests.check.workspaces import ENTITIES, TEXT, annotate, export


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "work"
    (folder / "articles").mkdir(parents=True)
    for number in range(4):
        (folder / "articles" / f"{number}.txt").write_text(TEXT.format(number))
    (folder / "entities.jsonl").write_text(ENTITIES)
    before = Path.cwd()
    os.chdir(folder)
    try:
        for command in (
            "convert articles -o documents.jsonl --lang en",
            "kb build entities.jsonl -o seeds.kb",
            "suggest documents.jsonl --kb seeds.kb -o silver.jsonl",
        ):
            assert run(command.split()) == 0
        annotate("silver.jsonl", "annotated.jsonl")
        assert run(["adjudicate", "annotated.jsonl", "-o", "gold.jsonl"]) == 1
        export("gold.jsonl", "splits")
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def work(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace, moved to another place: its manifests must still find their files."""
    folder = tmp_path / "work"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder
