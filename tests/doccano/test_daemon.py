"""Daemons outlive who started them, are found again, and no stranger is ever taken for one."""

from __future__ import annotations

import os
import sys
import time

import pytest

from corpus.doccano.daemon import daemon_pid, start_daemon, start_time, stop_daemons

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def start(tmp_path, code):
    pid_file, log = tmp_path / "d.pid", tmp_path / "d.log"
    start_daemon([sys.executable, "-c", code], pid_file=pid_file, log=log, environment=os.environ)
    return pid_file, log


def wait_for(what, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_daemon_has_its_own_session_and_log_and_ends_at_sigterm(tmp_path):
    pid_file, log = start(tmp_path, "import time; print('hello', flush=True); time.sleep(60)")
    pid = daemon_pid(pid_file)
    assert pid is not None
    assert os.getsid(pid) == pid != os.getsid(0)
    wait_for(lambda: log.read_text() == "hello\n")
    assert log.stat().st_mode & 0o777 == 0o600
    assert stop_daemons([pid_file])
    assert start_time(pid) is None
    assert not pid_file.exists()
    assert not stop_daemons([pid_file])


def test_daemon_that_ended_by_itself_is_not_running(tmp_path):
    pid_file, _ = start(tmp_path, "pass")
    wait_for(lambda: daemon_pid(pid_file) is None)
    assert not stop_daemons([pid_file])


def test_daemon_that_ignores_sigterm_is_killed_with_its_children(tmp_path):
    pid_file, log = start(tmp_path, STUBBORN)
    wait_for(lambda: log.read_text().strip())
    child = int(log.read_text())
    assert stop_daemons([pid_file], patience=0.2)
    wait_for(lambda: start_time(child) is None)


def test_daemon_pid_given_to_another_program_is_neither_ours_nor_killed(tmp_path):
    pid_file, _ = start(tmp_path, "import time; time.sleep(60)")
    pid = daemon_pid(pid_file)
    recycled = tmp_path / "recycled.pid"
    recycled.write_text(f"{pid} {start_time(os.getpid())}\n")
    assert daemon_pid(recycled) is None
    assert not stop_daemons([recycled])
    assert daemon_pid(pid_file) == pid
    stop_daemons([pid_file])


@pytest.mark.parametrize("text", ["", "x y", "0 1", "-1 1", "123"])
def test_daemon_pid_file_that_is_damaged_names_nobody(tmp_path, text):
    (tmp_path / "d.pid").write_text(text)
    assert daemon_pid(tmp_path / "d.pid") is None


def test_daemon_that_cannot_be_run_says_why(tmp_path):
    with pytest.raises(OSError, match=r"No such file or directory"):
        start_daemon(
            [str(tmp_path / "nothing")],
            pid_file=tmp_path / "d.pid",
            log=tmp_path / "d.log",
            environment=os.environ,
        )
    wait_for(lambda: daemon_pid(tmp_path / "d.pid") is None)
