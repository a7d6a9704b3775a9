"""A project from corpus init to a trained model, by corpus run and by weasel, on a live server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import spacy

from corpus.flow.project import PROJECT
from corpus.manifest import manifest_path, read_manifest
from corpus.model import layer_of
from corpus.store import read_documents

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"

pytestmark = pytest.mark.server


def annotate(project: str) -> None:
    """A script plays the annotator: it corrects to the seeds' gold, and confirms."""
    script = ROOT / "scripts" / "scripted_annotator.py"
    subprocess.run([sys.executable, script, project, SEEDS / "gold.jsonl"], check=True)


@pytest.fixture
def project(run_cli, tmp_path, monkeypatch):
    """A new project on the seeds with two annotators; its name is its folder's."""
    monkeypatch.chdir(tmp_path)
    name = f"flow-{os.urandom(3).hex()}"
    ran = run_cli(["init", name, "--articles", SEEDS / "articles", "--kb", SEEDS / "kb.jsonl",
                   "--annotators", "ann,bob"])  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    monkeypatch.chdir(tmp_path / name)
    toml = Path(PROJECT).read_text("utf-8")
    Path(PROJECT).write_text(re.sub(r"steps = \d+", "steps = 20", toml).replace("80,10", "60,30"))
    assert run_cli(["init", ".", "--renew"]).code == 0
    return name


def test_corpus_run_stops_for_people_and_leads_to_a_model(doccano, run_cli, project):
    ran = run_cli(["run"])
    assert ran.code == 0, ran.err
    assert ran.out.endswith(
        "waiting for people: ann has confirmed 0 of 14, bob has confirmed 0 of 14\n"
        f"  they work at {doccano.url} in {project}.ann.1, {project}.bob.1\n"
        "  when they are done: corpus run; with what is confirmed: corpus run --partial\n"
    )
    annotate(f"{project}.ann.1")
    ran = run_cli(["run", "--json"])
    assert json.loads(ran.out) == {
        "ran": ["push", "pull"],
        "stopped": "waiting",
        "because": "waiting for people: bob has confirmed 0 of 14\n"
        f"  they work at {doccano.url} in {project}.ann.1, {project}.bob.1\n"
        "  when they are done: corpus run; with what is confirmed: corpus run --partial",
    }
    status = json.loads(run_cli(["status", "--json"]).out)
    assert [(p["person"], p["confirmed"], p["untouched"]) for p in status["people"]] == [
        ("ann", 14, 0), ("bob", 0, 14),
    ]  # fmt: skip
    assert {(p["name"], p["confirmed"]) for p in status["server_projects"]} == {
        (f"{project}.ann.1", 14), (f"{project}.bob.1", 0),
    }  # fmt: skip
    assert (status["next"], status["because"]) == (
        "corpus run", "bob has confirmed 0 of 14, at the last pull",
    )  # fmt: skip

    annotate(f"{project}.bob.1")
    ran = run_cli(["run"])
    assert (ran.code, "waiting for people: ann has confirmed 0 of" in ran.out) == (0, True), ran
    annotate(f"{project}-links.ann.1")
    ran = run_cli(["run"])
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "done"), ran.err

    gold = list(read_documents("linked-gold.jsonl"))
    assert len(gold) == 14
    mentions = [m for document in gold for m in layer_of(document, "gold").mentions]
    assert sum(bool(m.links) for m in mentions) > 200
    assert "ner" in spacy.load("model/model-best").pipe_names
    assert read_manifest(manifest_path("model.json")).settings == {"steps": 20}
    assert run_cli(["check", "."]).code == 0

    ran = run_cli(["run"])
    assert (ran.code, ran.out) == (0, "nothing to do, all is up to date\n"), ran
    assert json.loads(run_cli(["run", "pull", "--json"]).out)["ran"] == ["pull"]
    status = run_cli(["status"]).out
    assert "  ann: 14 of 14 documents confirmed, 0 touched\n" in status
    assert status.endswith("everything is up to date\n")

    # Other ratios are a new split, which only a person may ask for; then the rest follows.
    Path(PROJECT).write_text(Path(PROJECT).read_text("utf-8").replace("60,30,10", "30,60,10"))
    assert "  split             splits/splits.jsonl          stale" in run_cli(["status"]).out
    ran = run_cli(["run"])
    split = "corpus split linked-gold.jsonl -o splits --ratios 30,60,10 --fresh"
    assert (ran.code, ran.out) == (
        1,
        "split: made with ratios [60.0, 30.0, 10.0], now [30.0, 60.0, 10.0]; documents keep their "
        f"split unless you say: {split}\n",
    )
    assert run_cli(split.split()[1:]).code == 0
    assert json.loads(run_cli(["run", "--json"]).out)["ran"] == ["train"]


@pytest.mark.long
def test_weasel_runs_the_project_to_a_model(doccano, project):
    def weasel(workflow: str) -> str:
        command = [sys.executable, "-m", "weasel", "run", workflow]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    weasel("prepare")
    assert "Skipping 'suggest': nothing changed" in weasel("prepare")
    annotate(f"{project}.ann.1")
    annotate(f"{project}.bob.1")
    weasel("links")
    annotate(f"{project}-links.ann.1")
    weasel("finish")
    assert "ner" in spacy.load("model/model-best").pipe_names
    assert Path("report.html").stat().st_size > 50_000
