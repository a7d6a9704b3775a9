"""corpus run, as a person types it, as far as it goes without a server."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def project(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_cli(["init", "news"])
    Path("news/articles/a.txt").write_text("KYIV. The OSCE met.\n")
    return tmp_path / "news"


def test_only_what_is_not_fresh_is_run(run_cli, project):
    ran = run_cli(["run", "convert", "-C", "news"])
    assert (ran.code, ran.out) == (0, "documents.jsonl: 1 document\ndone\n")
    assert ran.err == "convert: not made yet\n$ corpus convert articles -o documents.jsonl\n"
    ran = run_cli(["run", "convert", "-C", "news"])
    assert (ran.code, ran.out, ran.err) == (0, "nothing to do, all is up to date\n", "")
    (project / "articles" / "b.txt").write_text("More.")
    ran = run_cli(["run", "convert", "-C", "news", "--json"])
    assert json.loads(ran.out) == {"ran": ["convert"], "stopped": "", "because": ""}
    assert "$ corpus convert articles -o documents.jsonl --force\n" in ran.err
    assert Path.cwd() == project.parent


def test_a_dry_run_runs_nothing(run_cli, project):
    ran = run_cli(["run", "--dry-run", "-C", "news"])
    assert ran.code == 0
    assert [line for line in ran.err.splitlines() if line.startswith("$ corpus push")] == [
        "$ corpus push documents.jsonl --project news.ann.1 --label PER --label ORG --label GPE "
        "--label LOC --label EVENT --label LAW --label MISC --guidelines guidelines.md --add-labels"
    ]
    assert not (project / "documents.jsonl").exists()


def test_rejects_stop_it_and_are_allowed_when_asked(run_cli, project):
    (project / "articles" / "bad.txt").write_bytes(b"\x00\x01")
    ran = run_cli(["run", "convert", "-C", "news"])
    assert ran.code == 1
    assert ran.out.endswith("convert: exit code 1; what to do stands above\n")
    (project / "articles" / "bad2.txt").write_bytes(b"\x00\x01")
    assert run_cli(["run", "convert", "-C", "news", "--allow-rejects"]).code == 0


def test_without_a_server_it_says_how_to_get_one(run_cli, project):
    ran = run_cli(["run", "-C", "news"])
    assert ran.code == 1
    assert "no Doccano server is known; type `corpus doccano up`" in ran.err


def test_a_stage_that_there_is_not_is_said(run_cli, project):
    ran = run_cli(["run", "links", "-C", "news"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: links: no such stage; the stages are: convert, push, pull, adjudicate, "
        "split, train, report\n",
    )
