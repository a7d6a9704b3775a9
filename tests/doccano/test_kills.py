"""`corpus push` and `corpus pull` killed with SIGKILL at a random moment, then run again.

What a killed run and a second one leave is what one whole run leaves: on the server and on disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time

import pytest

from corpus.cli import run
from corpus.doccano.mapping import spans_mark, suggest_spans, text_mark
from corpus.doccano.pull import OUTPUT
from corpus.manifest import manifest_path
from corpus.store import write_documents
from tests.doccano.conftest import Project
from tests.doccano.test_faults import make_documents, seeds

pytestmark = pytest.mark.server

SAMPLE = 10
WHOLE = 100


def begin(args) -> int:
    """The command runs in a process of its own, which has this id."""
    child = os.fork()
    if not child:
        code = 70
        with contextlib.suppress(BaseException):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            code = run([str(arg) for arg in args])
        os._exit(code)
    return child


def run_and_kill(args, seconds) -> None:
    """The command is killed after so many seconds, if it still runs."""
    child = begin(args)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def seconds_of(args) -> float:
    """How long the command takes that nobody kills."""
    started = time.monotonic()
    os.waitpid(begin(args), 0)
    return time.monotonic() - started


def server_state(project):
    """All that the server holds of the project, but for ids, clocks and names of imports."""
    [there] = [p for p in project.client.list_projects() if p["name"] == project.name]
    types = sorted(one["text"] for one in project.client.list_span_types(there["id"]))
    rows = sorted(
        (row.corpus_id, row.text, sorted(map(tuple, row.label)), row.corpus_mark.split(" ")[:3])
        for row in project.export()
    )
    return types, rows


def sent_state(documents):
    """What the server should hold of these documents."""
    rows = []
    for document in documents:
        spans = suggest_spans(document, "silver").spans
        mark = ["v1", text_mark(document.sha256), spans_mark(spans)]
        rows.append((document.id, document.text, sorted(spans), mark))
    return sorted({label for row in rows for _, _, label in row[2]}), sorted(rows)


def files_of(folder):
    """The bytes of the folder's files, but for the clock in the manifest."""
    found = {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }
    # Doccano's zips carry dates; their names carry the hash of what they say.
    manifest = json.loads(found.pop(manifest_path(OUTPUT)))
    names = [os.path.basename(mark["path"]) for mark in manifest.pop("inputs")]
    del manifest["clock"]
    return names, manifest, {p: p.suffix == ".zip" or data for p, data in found.items()}


@pytest.fixture(scope="module")
def times():
    """How many seconds each command takes here and now that nobody kills."""
    return {}


@pytest.fixture
def run_kill(doccano, client, make_silver, tmp_path, monkeypatch, run_cli):
    monkeypatch.setattr("corpus.doccano.push.BATCH_SIZE", 2)

    def start(seed):
        dice = random.Random(1000 + seed)
        documents = make_documents(make_silver, dice)
        project = Project(client, f"kill-{seed}-{os.urandom(3).hex()}.ann.1", tmp_path)
        write_documents(documents, project.documents)
        return dice, documents, project

    return start


@pytest.mark.parametrize("seed", seeds(SAMPLE, WHOLE))
def test_push_and_pull_killed_anywhere_end_as_if_they_were_not(
    seed, run_kill, times, run_cli, tmp_path
):
    dice, documents, project = run_kill(seed)
    if not times:
        measured = ["push", project.documents, "--project", f"measured-{project.name}"]
        times["push"] = seconds_of(measured)
    push = ["push", project.documents, "--project", project.name]
    run_and_kill(push, dice.random() * times["push"])
    ran = run_cli(push)
    assert ran.code == 0, ran.err + ran.out
    assert server_state(project) == sent_state(documents)
    for id in dice.sample([document.id for document in documents], k=2):
        project.confirm(id)
    killed, clean = tmp_path / "killed", tmp_path / "clean"
    pull = ["pull", "--project", project.name, "--documents", project.documents, "-o"]
    run_and_kill([*pull, killed], dice.random() * times.get("pull", 0.5))
    assert run_cli([*pull, killed]).code == 0
    times["pull"] = seconds_of([*pull, clean])
    assert files_of(killed) == files_of(clean)
