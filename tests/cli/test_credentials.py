"""The password is in no output, no file that is written and no process's arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Marked:
    """Runs `corpus` as a person does, with marked words in its environment; keeps what it says."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder = folder
        self.variables = {**os.environ, **variables, "CORPUS_HOME": str(folder / "home")}
        self.said = b""

    def __call__(self, *args: object, code: int = 0, **variables: str) -> None:
        ran = subprocess.run(
            [sys.executable, "-m", "corpus", "-v", *map(str, args)],
            capture_output=True,
            cwd=self.folder,
            env={**self.variables, **variables},
        )
        assert ran.returncode == code, ran.stderr.decode()
        self.said += ran.stdout + ran.stderr


@contextmanager
def watched_arguments(mark: bytes) -> Iterator[list[bytes]]:
    """The command lines with the mark in them, of all processes that run meanwhile."""
    found: list[bytes] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = path.read_bytes()
                except OSError:
                    continue
                if mark in line:
                    found.append(line)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def files_with(mark: bytes, *folders: Path) -> list[Path]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    return [path for path in files if mark in path.read_bytes()]


@pytest.mark.server
def test_password_is_nowhere_but_in_the_credentials_file(
    doccano_server, free_port, tmp_path_factory
):
    server, folder = doccano_server, tmp_path_factory.mktemp("credentials")
    mark = server.password.encode()
    assert len(mark) > 40
    corpus = Marked(
        folder,
        {
            "DOCCANO_URL": server.url,
            "DOCCANO_USERNAME": server.username,
            "DOCCANO_PASSWORD": server.password,
        },
    )
    name = f"credentials {os.urandom(3).hex()}"
    with watched_arguments(mark) as arguments:
        corpus("convert", ROOT / "seeds" / "articles" / "minsk.txt", "-o", "documents.jsonl")
        corpus("kb", "build", ROOT / "seeds" / "kb.jsonl", "-o", "seeds.kb")
        corpus("suggest", "documents.jsonl", "--kb", "seeds.kb", "-o", "silver.jsonl")
        corpus("push", "silver.jsonl", "--project", name)
        corpus("pull", "--project", name, "--documents", "silver.jsonl", "-o", "annotations")
        # What goes wrong says no more: no server, another password, a project of another type.
        dead = f"http://127.0.0.1:{free_port}"
        corpus("push", "silver.jsonl", "--project", name, code=1, DOCCANO_URL=dead)
        wrong = {"DOCCANO_USERNAME": "nobody"}
        corpus("pull", "--project", name, "-o", "other", code=1, **wrong)
        corpus("push", "silver.jsonl", "--project", " x", code=2)
        corpus("doccano", "autolabel", "--project", name, code=2)
    assert arguments == []
    assert corpus.said.count(b"\n") > 10
    assert b"corpus: POST auth/login/: 200 in " in corpus.said
    assert mark not in corpus.said
    assert files_with(mark, folder, server.home) == [server.home / "credentials.env"]


@pytest.mark.server
def test_token_of_serve_is_in_its_file_and_nowhere_else(doccano_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("token")
    corpus = Marked(folder, {})
    corpus("kb", "build", ROOT / "seeds" / "kb.jsonl", "-o", "seeds.kb")
    command = [sys.executable, "-m", "corpus", "-v", "serve", "--kb", "seeds.kb", "--port", "0"]
    serve = subprocess.Popen(
        [*command, "--json"],
        cwd=folder,
        env=corpus.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        lines = []
        while not lines or lines[-1] != b"}\n":
            lines.append(serve.stdout.readline())
        told = json.loads(b"".join(lines))
        token = Path(told["token"]).read_bytes().strip()
        with watched_arguments(token) as arguments:
            variables = {
                "DOCCANO_URL": doccano_server.url,
                "DOCCANO_USERNAME": doccano_server.username,
                "DOCCANO_PASSWORD": doccano_server.password,
            }
            name = f"token {os.urandom(3).hex()}"
            corpus("convert", ROOT / "seeds" / "articles" / "minsk.txt", "-o", "documents.jsonl")
            corpus("push", "documents.jsonl", "--project", name, "--label", "GPE", **variables)
            corpus("doccano", "autolabel", "--project", name, "--url", told["url"], **variables)
        assert arguments == []
    finally:
        serve.terminate()
        out, errors = serve.communicate()
    assert token not in corpus.said + b"".join(lines) + out + errors
    assert files_with(token, folder) == [Path(told["token"])]
    logs = (doccano_server.home / "logs").iterdir()
    assert [path for path in logs if token in path.read_bytes()] == []
