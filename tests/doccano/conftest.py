"""A real Doccano for the tests, started by the very code of `corpus doccano up`.

One server a session (a worker of pytest-xdist starts its own). Its data is in a temporary
folder; the environment with Doccano in it is kept in the user's cache between runs, or is the
one that CORPUS_DOCCANO_ENV names.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from corpus.doccano.server import start_server, start_worker, stop_server, stop_worker
from corpus.doccano.settings import credentials_path, read_credentials

# Read before any test's clean environment takes it away.
ENVIRONMENT = os.environ.get("CORPUS_DOCCANO_ENV") or str(
    user_cache_path("corpus", appauthor=False) / "test-doccano"
)


@dataclass(frozen=True)
class RunningDoccano:
    """A live server; `home` is the folder that `corpus doccano` would be given."""

    url: str
    username: str
    password: str
    home: Path

    def stop_worker(self) -> None:
        """Imports and exports are pending from now on."""
        stop_worker(self.home)

    def start_worker(self) -> None:
        """Imports and exports are done from now on."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CORPUS_DOCCANO_ENV", ENVIRONMENT)
            start_worker(self.home)


def tell(message: str) -> None:
    """Progress, on the real stderr: an installation takes a minute."""
    print(f"doccano: {message}", file=sys.__stderr__, flush=True)


@pytest.fixture(scope="session")
def doccano_server(tmp_path_factory) -> Iterator[RunningDoccano]:
    """A Doccano with web server and worker, empty but for its administrator."""
    home = tmp_path_factory.mktemp("doccano") / "doccano"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORPUS_DOCCANO_ENV", ENVIRONMENT)
        try:
            start_server(home, port=free_port(), tell=tell)
            server = read_credentials(credentials_path(home))
            yield RunningDoccano(server.url, server.username, server.password, home)
        finally:
            stop_server(home, tell=tell)


@pytest.fixture
def doccano(doccano_server, monkeypatch) -> RunningDoccano:
    """The session's server, named by DOCCANO_URL and the rest, so that the command line finds it."""
    monkeypatch.setenv("DOCCANO_URL", doccano_server.url)
    monkeypatch.setenv("DOCCANO_USERNAME", doccano_server.username)
    monkeypatch.setenv("DOCCANO_PASSWORD", doccano_server.password)
    return doccano_server


@pytest.fixture
def doccano_without_worker(doccano) -> Iterator[RunningDoccano]:
    """The session's server, whose worker is stopped for this test."""
    doccano.stop_worker()
    yield doccano
    doccano.start_worker()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
