"""Processes that outlive the command which starts them, and are found and stopped by a later one.

A pid file is `pid start-time`: a pid that the system has since given to another program has
another start time, so that a stranger is never taken for ours nor killed. Standard library
only: `start_daemon` runs this file as a script, whose child is nobody's zombie.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def start_daemon(
    command: Sequence[str], *, pid_file: Path, log: Path, environment: Mapping[str, str]
) -> None:
    """`command` runs in a session of its own, its output is in `log`, `pid_file` names it.

    OSError if it cannot be run at all; one that dies later is seen by `daemon_pid`.
    """
    launcher = [sys.executable, "-I", "-S", __file__, str(pid_file), str(log), *command]
    done = subprocess.run(launcher, env=dict(environment), capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(done.stderr.strip())


def daemon_pid(pid_file: Path) -> int | None:
    """The pid of the running process that `pid_file` names, or None."""
    try:
        pid_text, _, started = pid_file.read_text("utf-8").strip().partition(" ")
        pid = int(pid_text)
    except (OSError, ValueError):
        return None
    return pid if pid > 1 and started and start_time(pid) == started else None


def stop_daemons(pid_files: Sequence[Path], *, patience: float = 20.0) -> bool:
    """Whether any process was running; none is now, nor its children; the pid files are gone.

    SIGTERM to all of them first; after `patience` seconds SIGKILL for their whole sessions.
    """
    running = {path: pid for path in pid_files if (pid := daemon_pid(path)) is not None}
    for pid in running.values():
        _send(os.kill, pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(map(daemon_pid, running)):
        time.sleep(0.05)
    for path, pid in running.items():
        if daemon_pid(path) is not None:
            _send(os.killpg, pid, signal.SIGKILL)
            while daemon_pid(path) is not None:
                time.sleep(0.05)
    for path in pid_files:
        path.unlink(missing_ok=True)
    return bool(running)


def start_time(pid: int) -> str | None:
    """When the process started, in the system's own words; None if it is gone or a zombie."""
    if sys.platform.startswith("linux"):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
        except OSError:
            return None
        # After the name in parentheses, which may hold anything: state, then 18 fields, then ours.
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else f"{fields[19]}@{boot}"
    ps = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    state, _, started = subprocess.run(ps, capture_output=True, text=True).stdout.partition(" ")
    return None if not started or state.startswith("Z") else "_".join(started.split())


def _send(kill: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        kill(pid, number)
    except ProcessLookupError:  # it went by itself in this very moment
        return


def _launch(pid_file: str, log: str, command: list[str]) -> int:
    """0, leaving a child of init that has named itself in `pid_file` and become `command`."""
    ours, theirs = os.pipe()
    if os.fork() != 0:
        os.close(theirs)
        # The other end closes by itself when the child becomes `command`.
        complaint = os.read(ours, 1000)
        sys.stderr.write(complaint.decode())
        return 1 if complaint else 0
    try:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number, target in enumerate((os.open(os.devnull, os.O_RDONLY), out, out)):
            os.dup2(target, number)
        partial = Path(pid_file + ".partial")
        partial.write_text(f"{os.getpid()} {start_time(os.getpid())}\n", "utf-8")
        partial.replace(pid_file)
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(theirs, str(error).encode())
        os._exit(127)


if __name__ == "__main__":
    sys.exit(_launch(sys.argv[1], sys.argv[2], sys.argv[3:]))
