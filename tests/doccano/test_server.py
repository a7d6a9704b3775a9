"""`corpus doccano up` on a real Doccano: idempotent, completed after any kill, on loopback only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpus.doccano.canary import import_canary
from corpus.doccano.client import Doccano
from corpus.doccano.daemon import daemon_pid
from corpus.doccano.server import server_status, start_server, stop_server
from corpus.doccano.settings import credentials_path, read_credentials
from corpus.errors import DoccanoAuthError, DoccanoError, DoccanoTaskError

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def same_environment(doccano_environment, monkeypatch):
    """Every start of these tests uses the environment that is installed."""
    monkeypatch.setenv("CORPUS_DOCCANO_ENV", doccano_environment)


def kill(home, *names):
    """As the kernel does when memory is short: at once, and nobody tidies up."""
    for name in names:
        pid_file = home / f"{name}.pid"
        os.kill(daemon_pid(pid_file), signal.SIGKILL)  # its children live a second longer
        while daemon_pid(pid_file) is not None:
            time.sleep(0.02)


def test_up_of_what_runs_is_quick_and_changes_nothing(doccano_server):
    start_server(
        doccano_server.home, tell=lambda _: None
    )  # another test may have stopped its worker
    before = server_status(doccano_server.home)
    assert before.healthy
    started, told = time.monotonic(), []
    assert start_server(doccano_server.home, tell=told.append) == before
    assert told == []
    assert time.monotonic() - started < 3  # about 0.2 s where the machine is idle


def test_up_keeps_secrets_from_others_and_the_password_out_of_arguments(doccano_server):
    home = doccano_server.home
    assert home.stat().st_mode & 0o777 == 0o700
    for name in ("credentials.env", "secret_key", "logs/web.log", "logs/worker.log"):
        assert (home / name).stat().st_mode & 0o777 == 0o600, name
    key = (home / "secret_key").read_text().strip()
    assert len(key) > 50 and len(doccano_server.password) > 40
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes()
        except OSError:
            continue
        assert doccano_server.password.encode() not in arguments
        assert key.encode() not in arguments


def test_up_listens_on_loopback_only_and_serves_its_own_name_only(doccano_server):
    port = urlsplit(doccano_server.url).port
    listening = Path("/proc/net/tcp").read_text()
    ours = [line.split()[1] for line in listening.splitlines() if f":{port:04X} " in line]
    assert {address.partition(":")[0] for address in ours} == {"0100007F"}
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/v1/me", headers={"Host": "rebound.example"})
    assert connection.getresponse().status == 400
    connection.close()


def test_up_hides_its_canary_and_a_leftover_one(doccano_server):
    server = read_credentials(credentials_path(doccano_server.home))
    client = Doccano(server)
    before = {project["id"] for project in client.list_projects()}
    import_canary(server)
    assert {project["id"] for project in client.list_projects()} == before
    assert server_status(doccano_server.home).projects == len(before)


def test_up_restarts_a_dead_worker_and_leaves_the_web_server(doccano_server):
    home = doccano_server.home
    before = server_status(home)
    kill(home, "worker")
    dead = server_status(home)
    assert (dead.worker_pid, dead.answers, dead.healthy) == (None, True, False)
    after = start_server(home, tell=print)
    assert after.healthy
    assert (after.web_pid, after.url) == (before.web_pid, before.url)
    assert after.worker_pid not in (None, before.worker_pid)


def test_up_restarts_a_dead_web_server_on_its_port(doccano_server):
    home = doccano_server.home
    before = server_status(home)
    kill(home, "web")
    assert not server_status(home).healthy
    after = start_server(home, tell=print)
    assert after.healthy
    assert (after.worker_pid, after.url) == (before.worker_pid, before.url)


def test_up_killed_between_start_and_proof_is_completed_by_the_next(doccano_server):
    home = doccano_server.home
    kill(home, "web", "worker")
    command = [sys.executable, "-m", "corpus", "doccano", "up"]
    variables = {**os.environ, "CORPUS_HOME": str(home.parent)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=variables) as process:
        for line in process.stderr:
            if line.startswith("waiting"):
                process.kill()
    assert process.returncode == -signal.SIGKILL
    killed = server_status(home)
    assert not killed.healthy
    after = start_server(home, tell=print)
    assert after.healthy
    assert after.web_pid == killed.web_pid


def test_two_ups_at_once_make_one_server(doccano_server):
    home = doccano_server.home
    kill(home, "web", "worker")
    command = [sys.executable, "-m", "corpus", "doccano", "up", "--json"]
    variables = {**os.environ, "CORPUS_HOME": str(home.parent)}
    ups = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=variables)
        for _ in range(2)
    ]
    outputs = [up.communicate() for up in ups]
    assert [up.returncode for up in ups] == [0, 0]
    assert outputs[0][0] == outputs[1][0]
    assert b"waiting for another `corpus doccano` that is at work here" in b"".join(
        errors for _, errors in outputs
    )


def test_port_in_use_is_said_with_the_way_out(doccano_server, free_port):
    home = doccano_server.home
    before = server_status(home)
    kill(home, "web", "worker")
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", free_port))
        stranger.listen()
        with pytest.raises(DoccanoError) as error:
            start_server(home, port=free_port, tell=print)
    assert str(error.value) == (
        f"port {free_port} on 127.0.0.1 cannot be used: Address already in use; "
        f"stop the program that has it, or type `corpus doccano up --port {free_port + 1}`"
    )
    moved = start_server(home, port=free_port, tell=print)
    assert moved.url == f"http://127.0.0.1:{free_port}" != before.url
    assert read_credentials(credentials_path(home)).url == moved.url
    back = start_server(home, port=urlsplit(before.url).port, tell=print)
    assert (back.url, back.worker_pid) == (before.url, moved.worker_pid)


def test_canary_names_a_worker_that_does_not_work(doccano_without_worker):
    server = read_credentials(credentials_path(doccano_without_worker.home))
    with pytest.raises(DoccanoTaskError, match=r"did not end within 1 s"):
        import_canary(server, time_limit=1)
    assert server_status(doccano_without_worker.home).queue == 1
    assert "canary" not in str(Doccano(server).list_projects())


def test_changed_password_is_said_with_the_file_to_mend(doccano_server):
    home = doccano_server.home
    path = credentials_path(home)
    right = path.read_text()
    kill(home, "worker")
    path.write_text(right.replace(doccano_server.password, "wrong"))
    with pytest.raises(DoccanoAuthError) as error:
        start_server(home, tell=print)
    assert str(error.value) == (
        f"Doccano runs, but refuses the password in {path}; "
        "if it was changed on the page, write the new one into that file and run it again"
    )
    path.write_text(right)
    assert start_server(home, tell=print).healthy


def test_home_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DoccanoError) as error:
        start_server(tmp_path / "file" / "doccano", tell=print)
    assert str(error.value) == (
        f"{tmp_path / 'file' / 'doccano'}: Not a directory; "
        "let CORPUS_HOME name a folder you can write to"
    )


@pytest.mark.long
def test_up_killed_at_any_step_is_completed_by_the_next(monkeypatch, tmp_path, free_port):
    monkeypatch.delenv("CORPUS_DOCCANO_ENV")
    home = tmp_path / "doccano"
    command = [sys.executable, "-m", "corpus", "doccano", "up", "--port", str(free_port)]
    variables = {**os.environ, "CORPUS_HOME": str(tmp_path)}
    try:
        for step, pause in [("installing", 8), ("setting up", 4), ("starting", 0.5)]:
            with subprocess.Popen(
                command, stderr=subprocess.PIPE, text=True, env=variables, start_new_session=True
            ) as process:
                for line in process.stderr:
                    if line.startswith(step):
                        time.sleep(pause)
                        os.killpg(process.pid, signal.SIGKILL)
            assert process.returncode == -signal.SIGKILL, step
            assert not server_status(home).healthy
        monkeypatch.setenv("CORPUS_HOME", str(tmp_path))
        assert start_server(home, tell=print).healthy
        import_canary(read_credentials(credentials_path(home)))
    finally:
        stop_server(home, tell=print)
