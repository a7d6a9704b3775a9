"""PostgreSQL behind Doccano instead of SQLite: a push, people's work, a pull, each as ever.

The whole suite of this folder runs on it with CORPUS_TEST_DATABASE=postgresql, as
`scripts/test --long` does.
"""

from __future__ import annotations

import os

import pytest

from corpus.doccano.client import Doccano
from corpus.doccano.settings import ServerSettings
from tests.conftest import DATABASE, DOCCANO_ENVIRONMENT, find_free_port
from tests.doccano.conftest import Project
from tests.doccano_on_postgresql import running_doccano

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(request, tmp_path_factory):
    if DATABASE == "postgresql":
        yield request.getfixturevalue("doccano_server")
        return
    home = tmp_path_factory.mktemp("postgresql") / "doccano"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORPUS_DOCCANO_ENV", DOCCANO_ENVIRONMENT)
        with running_doccano(home, (find_free_port(), find_free_port())) as server:
            yield server


@pytest.fixture
def project(server, tmp_path):
    client = Doccano(ServerSettings(server.url, server.username, server.password), time_limit=60)
    return Project(client, f"on postgresql {os.urandom(3).hex()}.ann.1", tmp_path)


def test_push_work_pull_on_postgresql(project, make_silver):
    texts = {f"d{n}": f"😀 Kyiv and the OSCE, {n}. {'x' * 300}" for n in range(120)}
    documents = [
        make_silver(id, text, (2, 6, "GPE"), (15, 19, "ORG")) for id, text in texts.items()
    ]
    pushed = project.push(documents)
    assert pushed.result.clean and pushed.result.sent == 120
    assert project.push(documents).result.sent == 0
    project.confirm("d3")
    project.delete_spans("d4")
    project.add_span("d5", 0, 2, "ORG")  # the emoji, in UTF-16 units
    project.comment("d6", "doubtful")
    pulled = project.pull()
    assert pulled.rejects == []
    both = [(2, 6, "GPE"), (15, 19, "ORG")]
    assert pulled.spans("d3") == pulled.spans("d119") == both
    assert pulled.spans("d4") == []
    assert pulled.spans("d5") == [(0, 1, "ORG"), *both]
    states = {id: pulled.layer(id).state for id in ("d1", "d3", "d4", "d5", "d6")}
    assert states == {
        "d1": "untouched",
        "d3": "confirmed",
        "d4": "touched",
        "d5": "touched",
        "d6": "touched",
    }


def test_what_postgresql_cannot_store_is_refused_before_it_is_sent(project, make_silver):
    refused = project.push([make_silver("nul", "a\x00b"), make_silver("a", "Kyiv", (0, 4, "GPE"))])
    assert refused.verdicts() == [("nul", "refused")]
    assert list(project.examples()) == ["a"]
