"""A build that is killed leaves no half knowledge base, and the old one as it was."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from corpus.kb.knowledge_base import KB
from corpus.kb.layout import FILES

MANY = 4_000


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "many.jsonl"
    with path.open("w") as sink:
        for number in range(MANY):
            names = [f"Name {number} of {other}" for other in range(5)]
            sink.write(json.dumps({"id": f"Q{number}", "aliases": names}) + "\n")
    return path


def start_and_kill(command, tmp_path, file):
    """Kill the build as soon as the file stands in its unfinished folder."""
    process = subprocess.Popen([sys.executable, "-m", "corpus", *map(str, command)])
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(f".x.kb.{process.pid}.partial/{file}")):
        assert process.poll() is None, "the build ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("file", ["entities.sqlite", "cards.jsonl", "staging.sqlite"])
def test_killed_build_leaves_nothing_and_runs_again(run_cli, source, tmp_path, file):
    out = tmp_path / "x.kb"
    command = ["kb", "build", source, "-o", out]
    start_and_kill(command, tmp_path, file)
    assert not out.exists()
    ran = run_cli(["kb", "info", out])
    assert (ran.code, ran.out) == (2, "")
    assert run_cli(command).code == 0
    assert KB(out).info.entities == MANY
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []


def test_killed_build_over_an_old_one_keeps_the_old_one(run_cli, source, tmp_path):
    out, small = tmp_path / "x.kb", tmp_path / "small.jsonl"
    small.write_text('{"id": "Q1", "label": "One"}\n')
    run_cli(["kb", "build", small, "-o", out])
    before = KB(out).info
    start_and_kill(["kb", "build", source, "-o", out, "--force"], tmp_path, "staging.sqlite")
    assert KB(out).info == before
    assert run_cli(["kb", "build", source, "-o", out, "--force"]).code == 0
    assert KB(out).info.entities == MANY
