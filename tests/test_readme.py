"""README: its commands do what it says, one after the other, on the live Doccano."""

import re
import shlex
import shutil
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from corpus.model import layer_of
from corpus.store import read_documents

ROOT = Path(__file__).parent.parent
ELSEWHERE = ("pip install", "scripts/", "corpus doccano up")  # tested by themselves


def commands(page: Path, section: str) -> Iterator[list[str]]:
    """The commands of a section's blocks in their order, comments left out."""
    text = page.read_text("utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "corpus" and not line.startswith(ELSEWHERE):
                yield words[1:]


def spans(document):
    """(start, end, label, targets and roles) of every gold mention."""
    return sorted(
        (m.start, m.end, m.label, tuple(sorted((link.target, link.role) for link in m.links)))
        for m in layer_of(document, "gold").mentions
    )


@pytest.fixture
def annotate():
    path = str(ROOT / "scripts" / "scripted_annotator.py")
    loader = SourceFileLoader("scripted_annotator", path)
    module = module_from_spec(spec_from_loader("scripted_annotator", loader))
    loader.exec_module(module)
    return module.annotate


@pytest.mark.server
def test_commands_of_the_readme_lead_to_linked_gold_and_splits(
    doccano, run_cli, annotate, tmp_path, monkeypatch
):
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    ran = []
    for words in commands(ROOT / "README.md", "The main job"):
        found = run_cli(words)
        assert found.code == 0, f"corpus {shlex.join(words)}: {found.err}"
        ran.append(words[0])
        if words[0] == "push":
            annotate(words[words.index("--project") + 1], "seeds/gold.jsonl")
    assert {"convert", "kb", "suggest", "push", "pull", "adjudicate", "split", "check"} <= set(ran)
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
