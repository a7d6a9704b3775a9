"""corpus init, as a person types it."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_init_makes_a_project_and_says_what_is_next(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = run_cli(["init", "news", "--labels", "PER,DRUG", "--annotators", "ann,bob"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "news/labels.txt\nnews/guidelines.md\nnews/.gitignore\nnews/corpus.toml\n"
        "news/project.yml\nnext: corpus run -C news\n"
    )
    assert Path("news/labels.txt").read_text() == (
        "# The label set: a label a line; after a tab, what it is for.\nPER\tpeople\nDRUG\n"
    )
    guidelines = Path("news/guidelines.md").read_text()
    assert "| PER | people | Joe Biden, Lavrov |\n| DRUG | (say what) | (say which) |" in guidelines
    assert ".env\n" in Path("news/.gitignore").read_text()
    assert Path("news/articles").is_dir()
    ran = run_cli(["init", "news"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: news: has a corpus.toml already; change that file, then: "
        "corpus init DIR --renew, for project.yml\n",
    )


def test_init_as_json_and_renew(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = run_cli(["init", ".", "--name", "news", "--json"])
    assert json.loads(ran.out) == {
        "folder": ".",
        "written": ["labels.txt", "guidelines.md", ".gitignore", "corpus.toml", "project.yml"],
    }
    Path("labels.txt").write_text("ONE\n")
    assert run_cli(["init", ".", "--renew"]).out == "project.yml\nnext: corpus run\n"
    assert "--label ONE --guidelines" in Path("project.yml").read_text()


def read_all(screen):
    """All that a terminal has shown; at its end Linux says EIO."""
    shown = b""
    with contextlib.suppress(OSError):
        while block := os.read(screen, 10_000):
            shown += block
    os.close(screen)
    return shown


def test_five_questions_are_asked_at_a_terminal(tmp_path):
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "corpus", "init", "news", "--labels", "PER"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(terminal)
    os.write(screen, b"wire\n\nkb.jsonl other.csv\nann bob\n")
    out, _ = process.communicate(timeout=60)
    shown = read_all(screen).decode()
    assert process.returncode == 0, shown
    asked = [
        "What is the corpus called? [news]",
        "Where are the articles (a folder, a file, a glob)? [articles]",
        "Which files make the knowledge base (empty: none)?",
        "Who annotates? [ann]",
    ]
    places = [shown.find(question) for question in asked]
    assert -1 not in places and places == sorted(places), shown
    assert "Which labels" not in shown
    toml = (tmp_path / "news" / "corpus.toml").read_text()
    assert 'name = "wire"' in toml and 'kb = ["kb.jsonl", "other.csv"]' in toml
    assert 'annotators = ["ann", "bob"]' in toml
    assert out.decode().endswith("next: corpus run -C news\n")
