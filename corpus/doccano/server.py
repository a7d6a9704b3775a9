"""The embedded Doccano: installed, set up, started, proven, stopped; one at a time a folder.

Each step leaves a mark when it is whole, so that `up` killed anywhere is completed by the next
one. Web server and worker listen on loopback only and outlive the command.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.doccano.backup import back_up_before_upgrade, is_upgrade
from corpus.doccano.daemon import daemon_pid, start_daemon, stop_daemons
from corpus.doccano.environment import (
    Tell,
    environment_path,
    environment_python,
    has_doccano,
    install_environment,
)
from corpus.doccano.restore import finish_restore
from corpus.doccano.settings import credentials_path, read_credentials
from corpus.doccano.site import (
    backend_path,
    database_path,
    initialise,
    is_initialised,
    last_line,
    locked_home,
    prepare_site,
    queue_path,
    site_environment,
    web_pid_file,
    worker_pid_file,
    write_credentials,
)
from corpus.errors import DoccanoAuthError, DoccanoError, DoccanoTaskError
from corpus.files import write_private

PORT = 8000
HOST = "127.0.0.1"
PATIENCE = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of the embedded Doccano; `queue` and `projects` are None before it is set up.

    `proven`: a canary import has gone through since the last start.
    """

    home: str
    credentials: str
    installed: bool
    url: str
    web_pid: int | None
    answers: bool
    worker_pid: int | None
    proven: bool
    queue: int | None
    projects: int | None

    @property
    def healthy(self) -> bool:
        """Whether a push would work now."""
        return self.installed and self.answers and self.worker_pid is not None and self.proven


def start_server(home: Path, *, port: int | None = None, tell: Tell) -> ServerStatus:
    """The embedded Doccano runs and an import has gone through; what already runs is left alone.

    `port`: the last one if None, else 8000. DependencyError or DoccanoError say what is missing.
    """
    with locked_home(home, tell):
        status = server_status(home)
        if status.healthy and port in (None, _read_state(home)["port"]):
            return status
        finish_restore(home)
        environment = environment_path(home)
        if not has_doccano(environment):
            _stop(home, tell)
            _require_free(port or int(_read_state(home)["port"]))  # not only after minutes of pip
            install_environment(environment, log=home / "logs" / "install.log", tell=tell)
        prepare_site(home)
        if not is_initialised(home):
            if is_upgrade(home):
                _stop(home, tell)
                back_up_before_upgrade(home, tell)
            tell("setting up the database (about ten seconds)")
            initialise(home, log=home / "logs" / "initialise.log")
        started = time.monotonic()
        _start_web(home, port, tell)
        start_worker(home)
        _await_web(home)
        _prove(home, tell)
        tell(f"started in {time.monotonic() - started:.0f} s")
        return server_status(home)


def stop_server(home: Path, *, tell: Tell, patience: float = PATIENCE) -> bool:
    """Neither web server nor worker runs; whether one did.

    The task under way has `patience` seconds to end.
    """
    if not home.is_dir():
        return False
    with locked_home(home, tell):
        return _stop(home, tell, patience)


def server_status(home: Path) -> ServerStatus:
    """What runs now, seen from outside: pids, an answer, the queue; nothing is changed."""
    from corpus.doccano.canary import answers

    state = _read_state(home)
    port = int(state["port"])
    web = daemon_pid(web_pid_file(home))
    return ServerStatus(
        home=str(home),
        credentials=str(credentials_path(home)),
        installed=is_initialised(home) and has_doccano(environment_path(home)),
        url=f"http://{HOST}:{port}",
        web_pid=web,
        answers=web is not None and answers(HOST, port),
        worker_pid=daemon_pid(worker_pid_file(home)),
        proven=bool(state["proven"]),
        queue=_count(queue_path(home), "SELECT count(*) FROM kombu_message WHERE visible"),
        projects=_count(database_path(home), "SELECT count(*) FROM projects_project"),
    )


def start_worker(home: Path) -> None:
    """A worker runs; `proven` is withdrawn if it had to be started."""
    if daemon_pid(worker_pid_file(home)) is not None:
        return
    _write_state(home, proven=False)
    options = ["--loglevel=info", "--concurrency=2", "--without-gossip", "--without-mingle"]
    backend = backend_path(environment_path(home))
    _start(home, "worker", ["celery", "--app=config", f"--workdir={backend}", "worker", *options])


def stop_worker(home: Path, *, patience: float = PATIENCE) -> bool:
    """No worker runs; whether one did."""
    return stop_daemons([worker_pid_file(home)], patience=patience)


def _stop(home: Path, tell: Tell, patience: float = PATIENCE) -> bool:
    daemons = [web_pid_file(home), worker_pid_file(home)]
    if any(map(daemon_pid, daemons)):
        tell(f"stopping (an import that is under way has {patience:g} s to finish)")
    return stop_daemons(daemons, patience=patience)


def _start_web(home: Path, port: int | None, tell: Tell) -> None:
    port = port or int(_read_state(home)["port"])
    if daemon_pid(web_pid_file(home)) is not None:
        if port == _read_state(home)["port"]:
            return
        stop_daemons([web_pid_file(home)])
    _require_free(port)
    tell(f"starting Doccano on http://{HOST}:{port}")
    _write_state(home, proven=False, port=port)
    server = read_credentials(credentials_path(home))
    write_credentials(home, replace(server, url=f"http://{HOST}:{port}"))
    command = ["gunicorn", "config.wsgi", f"--bind={HOST}:{port}", "--preload"]
    # Threads, since a browser keeps spare connections open that would block a one-request worker;
    # no keep-alive, since a connection that closes under a POST would leave its fate unknown.
    command += ["--workers=2", "--worker-class=gthread", "--threads=4", "--keep-alive=0"]
    command += ["--timeout=120", "--graceful-timeout=2", "--capture-output"]
    _start(home, "web", [*command, f"--chdir={backend_path(environment_path(home))}"])


def _start(home: Path, name: str, command: list[str]) -> None:
    log = home / "logs" / f"{name}.log"
    if log.is_file() and log.stat().st_size > 10_000_000:
        log.replace(log.with_suffix(".log.1"))
    python = str(environment_python(environment_path(home)))
    start_daemon(
        [python, "-m", *command],
        pid_file=home / f"{name}.pid",
        log=log,
        environment=site_environment(home),
    )


def _await_web(home: Path, *, timeout: float = 60.0) -> None:
    from corpus.doccano.canary import answers

    port, log = int(_read_state(home)["port"]), home / "logs" / "web.log"
    deadline = time.monotonic() + timeout
    while not answers(HOST, port):
        if daemon_pid(web_pid_file(home)) is None:
            raise DoccanoError(f"Doccano's web server ended: {last_line(log)}", f"its log is {log}")
        if time.monotonic() > deadline:
            raise DoccanoError(
                f"Doccano's web server gives no answer in {timeout:.0f} s", f"its log is {log}"
            )
        time.sleep(0.1)


def _prove(home: Path, tell: Tell) -> None:
    from corpus.doccano.canary import import_canary

    if _read_state(home)["proven"]:
        return
    tell("waiting until a first import has gone through")
    credentials, log = credentials_path(home), home / "logs" / "worker.log"
    try:
        import_canary(read_credentials(credentials))
    except DoccanoAuthError as error:
        raise DoccanoAuthError(
            f"Doccano runs, but refuses the password in {credentials}",
            "if it was changed on the page, write the new one into that file and run it again",
        ) from error
    except DoccanoTaskError as error:
        raise DoccanoTaskError(
            f"Doccano's worker does not work: {error.message}; {log} ends: {last_line(log)}",
            "type `corpus doccano down`, then `corpus doccano up`",
        ) from error
    _write_state(home, proven=True)


def _require_free(port: int) -> None:
    # Processes of a web server that was killed outright hold its port for about a second.
    deadline = time.monotonic() + 5
    while reason := _refused(port):
        if time.monotonic() > deadline:
            raise DoccanoError(
                f"port {port} on {HOST} cannot be used: {reason}",
                f"stop the program that has it, or type `corpus doccano up --port {port + 1}`",
            )
        time.sleep(0.1)


def _refused(port: int) -> str:
    """Why nobody can listen there now, or nothing."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _read_state(home: Path) -> dict[str, int]:
    try:
        return {"port": PORT, "proven": 0, **json.loads((home / "state.json").read_text("utf-8"))}
    except (OSError, ValueError):
        return {"port": PORT, "proven": 0}


def _write_state(home: Path, **changes: int) -> None:
    write_private(home / "state.json", json.dumps({**_read_state(home), **changes}) + "\n")


def _count(database: Path, query: str) -> int | None:
    if not database.is_file():
        return None
    try:
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=5)
    except sqlite3.Error:
        return None
    try:
        return int(connection.execute(query).fetchone()[0])
    except sqlite3.Error:  # no such table: half set up
        return None
    finally:
        connection.close()
