"""What comes between while push and pull run: a second one, a restart, a full disk."""

import os
import resource
import signal
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from corpus.doccano.daemon import daemon_pid
from corpus.doccano.server import server_status, start_server
from corpus.store import write_documents
from tests.conftest import tell
from tests.doccano.conftest import Project
from tests.doccano.test_kills import begin, files_of, sent_state, server_state

pytestmark = pytest.mark.server

KYIV = (3, 7, "GPE")


@pytest.fixture
def documents(make_silver):
    return [make_silver(f"doc-{number}", "In Kyiv", KYIV) for number in range(9)]


@pytest.fixture
def pushed(doccano, project, documents, monkeypatch):
    """The project with its documents on disk, pushed in small batches."""
    monkeypatch.setattr("corpus.doccano.push.BATCH_SIZE", 3)
    write_documents(documents, project.documents)
    return project


def push_of(project: Project):
    return ["push", project.documents, "--project", project.name]


def pull_of(project: Project, folder):
    return [
        *("pull", "--project", project.name),
        *("--documents", project.documents, "-o", project.folder / folder),
    ]


def code_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_two_pushes_at_once_store_each_document_once(pushed, documents, run_cli):
    first, second = begin(push_of(pushed)), begin(push_of(pushed))
    assert {code_of(first), code_of(second)} <= {0, 1}
    ran = run_cli(push_of(pushed))
    assert (ran.code, ran.err) == (0, "")
    assert server_state(pushed) == sent_state(documents)


def test_two_pulls_at_once_into_one_folder_are_one_after_the_other(pushed, run_cli):
    assert run_cli(push_of(pushed)).code == 0
    first, second = begin(pull_of(pushed, "both")), begin(pull_of(pushed, "both"))
    # The second says that another is working there, or finds all as it should be.
    assert sorted((code_of(first), code_of(second))) in ([0, 0], [0, 2])
    assert run_cli(pull_of(pushed, "both")).code == 0
    assert run_cli(pull_of(pushed, "alone")).code == 0
    assert files_of(pushed.folder / "both") == files_of(pushed.folder / "alone")


def test_web_server_that_is_restarted_meanwhile_is_waited_for(
    pushed, documents, doccano, doccano_environment, run_cli, monkeypatch
):
    home = doccano.home
    child = begin(push_of(pushed))
    time.sleep(0.5)
    web = daemon_pid(home / "web.pid")
    assert web is not None
    os.killpg(web, signal.SIGKILL)
    while daemon_pid(home / "web.pid") is not None:
        time.sleep(0.02)
    monkeypatch.setenv("CORPUS_DOCCANO_ENV", doccano_environment)
    start_server(home, tell=tell)
    monkeypatch.delenv("CORPUS_DOCCANO_ENV")
    assert server_status(home).answers
    assert code_of(child) in (0, 1)
    ran = run_cli(push_of(pushed))
    assert (ran.code, ran.err) == (0, "")
    assert server_state(pushed) == sent_state(documents)


def test_worker_killed_meanwhile_loses_nothing(pushed, documents, doccano, run_cli):
    child = begin([*push_of(pushed), "--time-limit", "5"])
    time.sleep(0.7)
    doccano.stop_worker()
    doccano.start_worker()
    assert code_of(child) in (0, 1)
    ran = run_cli(push_of(pushed))
    assert (ran.code, ran.err) == (0, "")
    assert server_state(pushed) == sent_state(documents)


def test_a_full_disk_on_our_side_is_said_and_nothing_is_half_written(pushed, run_cli):
    assert run_cli(push_of(pushed)).code == 0
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))
        ran = run_cli(pull_of(pushed, "full"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"corpus: error: {pushed.folder}/full/snapshots/.incoming-full.zip: writing failed "
        "(file too large); free some room and run it again\n"
    )
    assert run_cli(pull_of(pushed, "full")).code == 0
    assert run_cli(pull_of(pushed, "roomy")).code == 0
    assert files_of(pushed.folder / "full") == files_of(pushed.folder / "roomy")


def processes_of(home):
    """The server's processes: those in the groups of its web server and its worker."""
    groups = {daemon_pid(home / "web.pid"), daemon_pid(home / "worker.pid")} - {None}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) in groups:
                yield int(folder.name)
        except ProcessLookupError:
            pass


@contextmanager
def full_disk_of(home, size):
    """No file of the server grows over `size` bytes: what it writes behind that fails.

    The log that SQLite writes ahead of the database is emptied first, so that this is its room.
    """
    with closing(sqlite3.connect(home / "db.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert (home / "db.sqlite3-wal").stat().st_size == 0
    unlimited = resource.RLIM_INFINITY
    for pid in processes_of(home):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, unlimited))
    try:
        yield
    finally:
        for pid in processes_of(home):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="limits of others need Linux")
@pytest.mark.parametrize(
    "room", [250_000, *(pytest.param(size, marks=pytest.mark.long) for size in (0, 100_000))]
)
def test_a_full_disk_on_the_server_s_side_is_said_and_the_next_push_completes(
    doccano, project, make_silver, run_cli, monkeypatch, room
):
    monkeypatch.setattr("corpus.doccano.push.BATCH_SIZE", 3)
    text = "In Kyiv" + " and so on" * 5000
    documents = [make_silver(f"doc-{number}", text, KYIV) for number in range(9)]
    write_documents(documents[:1], project.documents)
    assert run_cli(push_of(project)).code == 0
    write_documents(documents, project.documents)
    with full_disk_of(doccano.home, room):
        ran = run_cli([*push_of(project), "--time-limit", "10"])
        assert ran.code == 1
        [line] = ran.err.splitlines()
        # Which call fails depends on what the server's files already hold.
        assert line.startswith("corpus: error: ")
    ran = run_cli(push_of(project))
    assert (ran.code, ran.err) == (0, "")
    assert server_state(project) == sent_state(documents)
