"""What every test stands on: a clean environment, the command line, a real Doccano.

The Doccano is started by the very code of `corpus doccano up`: one a session (a worker of
pytest-xdist starts its own). Its data is in a temporary folder; the environment with Doccano in
it is kept in the user's cache between runs, or is the one that CORPUS_DOCCANO_ENV names.
"""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

from corpus.cli import run
from corpus.doccano.client import Doccano
from corpus.doccano.server import start_server, start_worker, stop_server, stop_worker
from corpus.doccano.settings import ServerSettings, credentials_path, read_credentials
from corpus.kb.build import build_kb
from tests.doccano_on_postgresql import running_doccano
from tests.long_table import pytest_terminal_summary as pytest_terminal_summary

# A shell that starts the tests in the background lets them, and what they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Read before a test's clean environment takes it away.
DOCCANO_ENVIRONMENT = os.environ.get("CORPUS_DOCCANO_ENV") or str(
    user_cache_path("corpus", appauthor=False) / "test-doccano"
)
DATABASE = os.environ.get("CORPUS_TEST_DATABASE", "sqlite")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path_factory):
    """No server, home or setting of the person who runs the tests reaches a test."""
    for name in list(os.environ):
        if name.startswith(("DOCCANO_", "CORPUS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CORPUS_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("NO_COLOR", "1")


@dataclass(frozen=True)
class Ran:
    """What one run of the command line gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def run_cli(capsys, monkeypatch) -> Callable[..., Ran]:
    """`run_cli(["convert", path, "-o", out], stdin=b"...")` runs `corpus` in this process."""

    def run_args(args: Sequence[Any], stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run_args


@pytest.fixture
def make_kb(tmp_path) -> Callable[..., Path]:
    """`make_kb({"id": "Q1", "aliases": ["A name"]}, ...)` is a new folder `test.kb` with these."""

    def make(*entities: dict[str, Any], **settings: Any) -> Path:
        source = tmp_path / "entities.jsonl"
        source.write_text("".join(json.dumps(entity) + "\n" for entity in entities))
        build_kb([source], tmp_path / "test.kb", **settings)
        return tmp_path / "test.kb"

    return make


@dataclass(frozen=True)
class RunningDoccano:
    """A live server; `home` is the folder of the embedded Doccano."""

    url: str
    username: str
    password: str
    home: Path

    def stop_worker(self) -> None:
        """Imports and exports are pending from now on."""
        stop_worker(self.home, patience=0)

    def start_worker(self) -> None:
        """Imports and exports are done from now on."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CORPUS_DOCCANO_ENV", DOCCANO_ENVIRONMENT)
            start_worker(self.home)


@pytest.fixture(scope="session")
def doccano_environment() -> str:
    """Where Doccano is installed for the tests: for CORPUS_DOCCANO_ENV."""
    return DOCCANO_ENVIRONMENT


@pytest.fixture(scope="session")
def doccano_server(tmp_path_factory) -> Iterator[RunningDoccano]:
    """A Doccano with web server and worker, empty but for its administrator."""
    home = tmp_path_factory.mktemp("doccano") / "doccano"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORPUS_DOCCANO_ENV", DOCCANO_ENVIRONMENT)
        if DATABASE == "postgresql":
            with running_doccano(home, (find_free_port(), find_free_port())) as server:
                yield server
            return
        try:
            start_server(home, port=find_free_port(), tell=tell)
            server = read_credentials(credentials_path(home))
            yield RunningDoccano(server.url, server.username, server.password, home)
        finally:
            stop_server(home, tell=tell, patience=0)


@pytest.fixture
def doccano(doccano_server, monkeypatch) -> RunningDoccano:
    """The session's server, where DOCCANO_URL and the rest lead the command line to it."""
    monkeypatch.setenv("DOCCANO_URL", doccano_server.url)
    monkeypatch.setenv("DOCCANO_USERNAME", doccano_server.username)
    monkeypatch.setenv("DOCCANO_PASSWORD", doccano_server.password)
    return doccano_server


@pytest.fixture
def without_projects(doccano) -> Callable[[str], None]:
    """`without_projects("news")`: the server has no project whose name begins so."""

    def delete(beginning: str) -> None:
        server = ServerSettings(doccano.url, doccano.username, doccano.password)
        client = Doccano(server)
        for project in list(client.list_projects()):
            if project["name"].startswith(beginning):
                client.delete_project(int(project["id"]))

    return delete


@pytest.fixture
def annotate() -> Callable[..., Any]:
    """`annotate("news", "gold.jsonl")` plays the person: see scripts/scripted_annotator.py."""
    path = Path(__file__).parent.parent / "scripts" / "scripted_annotator.py"
    spec = spec_from_file_location("scripted_annotator", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    play: Callable[..., Any] = module.annotate
    return play


@pytest.fixture
def doccano_without_worker(doccano) -> Iterator[RunningDoccano]:
    """The session's server, whose worker is stopped for this test."""
    doccano.stop_worker()
    yield doccano
    doccano.start_worker()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on now."""
    return find_free_port()


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tell(message: str) -> None:
    """Progress on the real stderr: an installation takes a minute."""
    print(f"doccano: {message}", file=sys.__stderr__, flush=True)
