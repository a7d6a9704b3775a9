"""A Doccano 1.8.4 on PostgreSQL, both started for the tests and gone with them.

PostgreSQL is Debian's; it refuses to run as root, so that root starts it as `nobody`. Doccano
takes the database from DATABASE_URL (with `sslmode=disable`, or it asks for TLS) and needs
psycopg2, which stands in a folder of its own beside the environment that Doccano is installed in.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from corpus.doccano.canary import answers
from corpus.doccano.daemon import start_daemon, stop_daemons
from corpus.doccano.environment import (
    environment_path,
    environment_python,
    has_doccano,
    install_environment,
)
from corpus.doccano.site import backend_path, prepare_site, site_environment

PSYCOPG = "psycopg2-binary==2.9.*"
_SETTINGS = """\
import os

from config.settings.production import *
from kombu.transport.sqlalchemy import Transport

BASE_DIR = os.environ["CORPUS_DOCCANO_HOME"]
DJANGO_DRF_FILEPOND_UPLOAD_TMP = os.path.join(BASE_DIR, "uploads")
Transport.polling_interval = 0.2
"""
_INITIALISE = """\
import os, sys
import django

django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

assert connection.vendor == "postgresql", connection.vendor
call_command("migrate", interactive=False, verbosity=0)
call_command("create_roles")
get_user_model().objects.create_superuser("admin", "", os.environ["PASSWORD"])
"""


@dataclass(frozen=True)
class DoccanoOnPostgreSQL:
    """A live server, like that of the other tests."""

    url: str
    username: str
    password: str
    home: Path
    start_worker: Callable[[], None] = field(repr=False)
    stop_worker: Callable[[], None] = field(repr=False)


def find_postgresql() -> Path | None:
    """The folder of the newest PostgreSQL's programs."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else []
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found += sorted((path.parent for path in debian), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


def require_postgresql() -> Path:
    """That folder; else the test is skipped, loudly."""
    folder = find_postgresql()
    if folder is None:
        pytest.skip("NOT TESTED ON POSTGRESQL: none is here (apt install postgresql)")
    return folder


@contextlib.contextmanager
def running_postgresql(programs: Path, port: int) -> Iterator[str]:
    """The URL of an empty database on that port of loopback; its files are gone afterwards."""
    someone = {"user": "nobody", "group": "nogroup", "extra_groups": ()} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="corpus-postgresql-"))
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    if someone:
        for path in (folder, folder / "password"):
            shutil.chown(path, "nobody", "nogroup")

    def run(program: str, *args: object) -> None:
        command = [str(programs / program), *map(str, args)]
        subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=120, **someone)

    data, options = folder / "data", f"-p {port} -h 127.0.0.1 -k '' -c fsync=off"
    try:
        run("initdb", "-D", data, "-U", "doccano", "-A", "scram-sha-256", "--no-sync", "-E", "UTF8",
            "--locale=C.UTF-8", f"--pwfile={folder / 'password'}")  # fmt: skip
        run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        yield f"postgresql://doccano:{password}@127.0.0.1:{port}/postgres?sslmode=disable"
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@contextlib.contextmanager
def running_doccano(home: Path, ports: tuple[int, int]) -> Iterator[DoccanoOnPostgreSQL]:
    """A Doccano with web server and worker on an empty PostgreSQL, which end with the block."""
    programs = require_postgresql()
    environment = environment_path(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not has_doccano(environment):
        install_environment(environment, log=home / "install.log", tell=print)
    python = str(environment_python(environment))
    psycopg = install_psycopg(python)
    prepare_site(home)
    (home / "site" / "corpus_doccano_settings.py").write_text(_SETTINGS, "utf-8")
    with running_postgresql(programs, ports[0]) as database:
        variables = site_environment(home)
        variables["PYTHONPATH"] += f":{psycopg}"
        variables |= {"DATABASE_URL": database, "CELERY_BROKER_URL": f"sqla+{database}"}
        password = secrets.token_urlsafe()
        subprocess.run(
            [python, "-c", _INITIALISE], env={**variables, "PASSWORD": password}, check=True
        )
        backend, pids = backend_path(environment), (home / "web.pid", home / "worker.pid")

        def start(name: str, *command: str) -> None:
            pid_file, log = home / f"{name}.pid", home / "logs" / f"{name}.log"
            start_daemon(
                [python, "-m", *command], pid_file=pid_file, log=log, environment=variables
            )

        def start_worker() -> None:
            options = ("--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=info")
            start("worker", "celery", "--app=config", f"--workdir={backend}", "worker", *options)

        def stop_worker() -> None:
            stop_daemons([home / "worker.pid"], patience=0)

        try:
            threads = ("--workers=2", "--worker-class=gthread", "--threads=4", "--keep-alive=0")
            bind = f"--bind=127.0.0.1:{ports[1]}"
            start("web", "gunicorn", "config.wsgi", bind, "--timeout=120", *threads,
                  f"--chdir={backend}")  # fmt: skip
            start_worker()
            await_answer(ports[1], home / "logs" / "web.log")
            url = f"http://127.0.0.1:{ports[1]}"
            yield DoccanoOnPostgreSQL(url, "admin", password, home, start_worker, stop_worker)
        finally:
            stop_daemons(pids, patience=0)


def install_psycopg(python: str) -> Path:
    """A folder with psycopg2 for that Python, kept between runs; else the test is skipped."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    version = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    folder = user_cache_path("corpus", appauthor=False) / f"test-psycopg2-{version.stdout.strip()}"
    if not (folder / "psycopg2").is_dir():
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--no-input", "--target", str(partial)]
        done = subprocess.run([*pip, PSYCOPG], capture_output=True, text=True)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            pytest.skip(f"NOT TESTED ON POSTGRESQL: psycopg2 cannot be installed: {reason}")
        partial.replace(folder)
    return folder


def await_answer(port: int, log: Path, *, timeout: float = 60.0) -> None:
    deadline = time.monotonic() + timeout
    while not answers("127.0.0.1", port):
        assert time.monotonic() < deadline, log.read_text("utf-8", errors="replace")[-2000:]
        time.sleep(0.1)
