"""What a terminal shows while a command works, through a real one (a pseudo-terminal)."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from corpus.cli.bar import tell
from corpus.manifest import open_stage
from corpus.model import make_document
from corpus.reading import Reading
from corpus.store import write_documents

OFTEN = "from corpus.cli import bar; bar._OFTEN = 0.0; from corpus.cli import main; main()"


def on_a_terminal(folder, *command):
    """All that the command wrote to its terminal, without what moves the cursor or colours."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "COLUMNS": "160", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-c", OFTEN, *command], cwd=folder, env=env, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so that the other end is closed
            piece = b""
        if not piece:
            break
        written += piece
    os.close(ours)
    assert process.wait(60) in (0, 1)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode())


@pytest.mark.parametrize("workers", ["1", "2"])
def test_convert_tells_documents_a_second_rejects_and_the_time_left(tmp_path, workers):
    text = " ".join(f"word{number}" for number in range(400))
    rows = [{"id": str(n), "text": text} if n % 100 else {"id": str(n)} for n in range(30_000)]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    command = ("convert", "in.jsonl", "-o", "out.jsonl", "--lang", "en", "--workers", workers)
    shown = on_a_terminal(tmp_path, *command)
    told = re.findall(
        r"convert +\S+ +([\d,]+) documents, ([\d,]+)/s, (\d+) rejects?, 0:\d\d:\d\d, "
        r"about 0:\d\d:\d\d left",
        shown,
    )
    assert len(told) >= 2, shown
    documents = [int(each[0].replace(",", "")) for each in told]
    assert documents == sorted(documents)
    assert 0 < documents[-1] <= 30_000
    assert 1 <= int(told[-1][2]) <= 300
    assert "rejected 300 documents" in shown


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("export", ["export", "in.jsonl", "-o", "out.conll", "--allow-rejects"]),
        ("sign", ["signatures", "in.jsonl", "-o", "out.signatures"]),
        ("split", ["split", "in.jsonl", "-o", "splits", "--layer", "gold"]),
    ],
)
def test_other_stages_tell_the_same(tmp_path, words, command):
    from corpus.model import Layer

    documents = (
        make_document(str(n), f"Article {n} about town {n * 7}. " * 20, layers=(Layer("gold"),))
        for n in range(8000)
    )
    write_documents(documents, tmp_path / "in.jsonl")
    shown = on_a_terminal(tmp_path, *command)
    pattern = rf"{words} +\S+ +[\d,]+( documents)?, [\d,]+/s, 0 rejects, 0:\d\d:\d\d, about 0:\d\d"
    assert re.search(pattern, shown), shown


def test_what_is_told(tmp_path):
    nothing = Reading({})
    assert tell(12, 40, None, nothing, 3.0) == "12 of 40, 4/s, 0:00:03, about 0:00:07 left"
    assert tell(1200, None, None, nothing, 2.0) == "1,200, 600/s, 0:00:02"
    (tmp_path / "in").write_bytes(b"x")
    stage = open_stage("convert", tmp_path / "out", [tmp_path / "in"])
    assert stage.sizes == {str(tmp_path / "in"): 1}
    stage.documents.received, stage.documents.rejected = 5000, 2
    stage.mentions.rejected = 1
    reading = Reading({"a": 100, "b": 300})
    reading.note("a", None)
    assert tell(3, None, stage, reading, 60.0) == (
        "5,000 documents, 83/s, 3 rejects, 0:01:00, about 0:03:00 left"
    )
    reading.note("b", None)
    assert tell(3, None, stage, reading, 60.0) == "5,000 documents, 83/s, 3 rejects, 0:01:00"
