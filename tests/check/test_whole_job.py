"""The whole job on a live server, with the real commands: the workspace must be provably sound."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.manifest import manifest_path, read_manifest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.server


def annotate(project: str) -> None:
    """A script plays the annotator: it corrects to the seeds' gold, and confirms."""
    script = ROOT / "scripts" / "scripted_annotator.py"
    subprocess.run([sys.executable, script, project, ROOT / "seeds" / "gold.jsonl"], check=True)


def test_workspace_of_the_whole_job_is_clean_at_every_step(
    doccano: object, run_cli: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ann, bob = (f"check-{os.urandom(3).hex()}.{person}.1" for person in ("ann", "bob"))

    def step(command: str, code: int = 0) -> None:
        ran = run_cli(command.split())
        assert (ran.code, ran.err) == (code, ""), ran
        ran = run_cli(["check", ".", "--json"])
        assert json.loads(ran.out)["findings"] == [], command
        assert ran.code == 0

    step(f"convert {ROOT}/seeds/articles -o documents.jsonl")
    step(f"kb build {ROOT}/seeds/kb.jsonl -o seeds.kb")
    step("suggest documents.jsonl --kb seeds.kb -o silver.jsonl")
    step(f"push silver.jsonl --project {ann} --label PER --label EVENT")
    step(f"push silver.jsonl --project {bob} --label PER --label EVENT")
    step(f"pull --project {ann} --documents silver.jsonl -o annotations")
    annotate(ann)
    step(f"pull --project {ann} --documents silver.jsonl -o annotations")
    step(f"pull --project {bob} --documents silver.jsonl -o annotations")
    step("adjudicate annotations -o gold.jsonl")
    step("split gold.jsonl -o splits --ratios 60,20,20")
    step("convert gold.jsonl -o gold.spacy")

    gold = read_manifest(manifest_path("gold.jsonl"))
    assert gold.documents.written >= 12
    assert gold.added_by["gold"] > 50
