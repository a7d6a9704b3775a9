"""What the embedded Doccano is told: settings, secrets, a database with one administrator.

All of it lies in one folder, `home`, that only its owner can read. Doccano itself is unmodified:
a Django settings file of ours, which imports Doccano's own, is the documented way to set it up.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.doccano.environment import DOCCANO, Tell, environment_path, environment_python
from corpus.doccano.settings import ServerSettings, credentials_path, read_credentials
from corpus.errors import DoccanoError
from corpus.files import read_secret, write_private

ADMINISTRATOR = "admin"
# DATABASES: a web server that waits for the worker's write instead of failing.
# ALLOWED_HOSTS: a web page that resolves its own name to 127.0.0.1 is refused.
# BASE_DIR: uploads must lie below it; nothing else reads it after Doccano's settings.
# polling_interval: an import starts at once, not up to a second later; kombu's option of that
# name is refused by its SQLAlchemy transport.
# gc: an export holds an object a span, and Python's collector looks through all of them again and
# again, for a third of its time; what it leaves is collected after each task instead.
_SETTINGS = """\
import gc
import os

from celery.signals import task_postrun
from config.settings.production import *
from kombu.transport.sqlalchemy import Transport

_home = os.environ["CORPUS_DOCCANO_HOME"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES["default"].update(NAME=os.path.join(_home, "db.sqlite3"), OPTIONS={"timeout": 30})
BASE_DIR = _home
DJANGO_DRF_FILEPOND_UPLOAD_TMP = os.path.join(_home, "uploads")
Transport.polling_interval = 0.2
gc.set_threshold(50_000, 10, 10)
task_postrun.connect(lambda **_: gc.collect(), weak=False)
"""
_INITIALISE = """\
import os

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

with connection.cursor() as cursor:
    cursor.execute("PRAGMA journal_mode=WAL")  # readers do not wait for the writer
call_command("migrate", interactive=False)
call_command("create_roles")
user, _ = get_user_model().objects.get_or_create(username=os.environ["CORPUS_DOCCANO_USERNAME"])
user.is_staff = user.is_superuser = True
user.set_password(os.environ["CORPUS_DOCCANO_PASSWORD"])
user.save()

from config.celery import app

# Made now: web server and worker would both make it at the first import, and one of them fail.
with app.connection_for_write() as connection:
    app.amqp.queues["celery"](connection.default_channel).declare()
"""


def database_path(home: Path) -> Path:
    """Doccano's SQLite database: projects, texts, annotations."""
    return home / "db.sqlite3"


def queue_path(home: Path) -> Path:
    """The SQLite file through which the web server hands imports and exports to the worker."""
    return home / "queue.sqlite3"


def web_pid_file(home: Path) -> Path:
    """The file that names the web server's process."""
    return home / "web.pid"


def worker_pid_file(home: Path) -> Path:
    """The file that names the worker's process."""
    return home / "worker.pid"


def backend_path(environment: Path) -> Path:
    """The folder of Doccano's own Python packages; DoccanoError if it is not there."""
    found = sorted(environment.glob("lib/python3.*/site-packages/backend"))
    if not found:
        raise DoccanoError(f"{environment} holds no Doccano", "delete it and run it again")
    return found[0]


def site_environment(home: Path) -> dict[str, str]:
    """The environment variables of Doccano's processes: nothing of ours leaks in but the locale."""
    backend = backend_path(environment_path(home))
    kept = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "CORPUS_DOCCANO_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "corpus_doccano_settings",
        "PYTHONPATH": os.pathsep.join([str(home / "site"), str(backend)]),
        "PYTHONUNBUFFERED": "1",
        "STANDALONE": "True",
        "DEBUG": "False",
        "SECRET_KEY": read_secret(home / "secret_key"),
        "DATABASE_URL": "sqlite:///:memory:",  # the settings file names the real one
        "CELERY_BROKER_URL": f"sqla+sqlite:///{queue_path(home)}",
        "MEDIA_ROOT": str(home / "media"),
    }


def prepare_site(home: Path) -> None:
    """`home` has its folders, settings and secrets; those that are there stay."""
    for folder in (home, home / "site", home / "media", home / "uploads", home / "logs"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "site" / "corpus_doccano_settings.py").write_text(_SETTINGS, "utf-8")
    read_secret(home / "secret_key")


def is_initialised(home: Path) -> bool:
    """Whether the database has all of this version's tables and the administrator."""
    return version_of(home) == DOCCANO


def version_of(home: Path) -> str:
    """The version of Doccano that the database was last set up for; nothing if none was."""
    try:
        return (home / "initialised").read_text("utf-8").strip()
    except OSError:
        return ""


def initialise(home: Path, *, log: Path) -> None:
    """The database has Doccano's tables, roles and an administrator with the kept password.

    DoccanoError with the last line that Doccano said. A killed one is run again: each of
    Django's migrations is one transaction.
    """
    credentials = credentials_path(home)
    password = (
        read_credentials(credentials).password if credentials.is_file() else secrets.token_urlsafe()
    )
    write_credentials(home, ServerSettings("http://127.0.0.1", ADMINISTRATOR, password))
    # The password travels in the environment, which only its owner can read; arguments are public.
    login = {"CORPUS_DOCCANO_USERNAME": ADMINISTRATOR, "CORPUS_DOCCANO_PASSWORD": password}
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [str(environment_python(environment_path(home))), "-c", _INITIALISE],
            env={**site_environment(home), **login},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
        )
    if done.returncode != 0:
        raise DoccanoError(
            f"Doccano's database cannot be made: {last_line(log)}",
            f"mend that and run it again; all of it is in {log}",
        )
    write_private(home / "initialised", DOCCANO + "\n")


def write_credentials(home: Path, server: ServerSettings) -> None:
    """The credentials file, readable as an .env file, names this server."""
    lines = [
        "# The embedded Doccano of `corpus doccano up`; whoever reads this can log in.",
        f"DOCCANO_URL={server.url}",
        f"DOCCANO_USERNAME={server.username}",
        f"DOCCANO_PASSWORD='{server.password}'",
    ]
    write_private(credentials_path(home), "\n".join(lines) + "\n")


def last_line(log: Path) -> str:
    """The last line with something in it, for a message."""
    try:
        lines = log.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    useful: list[str] = [line.strip() for line in lines if line.strip()]
    return useful[-1] if useful else "it said nothing"


@contextmanager
def locked_home(home: Path, tell: Tell) -> Iterator[None]:
    """One `up` or `down` a folder; what the disk refuses is one line."""
    from filelock import FileLock, Timeout

    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "logs").mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(home / "lock")
        try:
            lock.acquire(timeout=0.2)
        except Timeout:
            tell("waiting for another `corpus doccano` that is at work here")
            lock.acquire(timeout=900)
        try:
            yield
        finally:
            lock.release()
    except Timeout as error:
        raise DoccanoError(f"another `corpus doccano` has held {home} for 15 minutes") from error
    except OSError as error:
        where = error.filename or home
        raise DoccanoError(
            f"{where}: {error.strerror or error}", "let CORPUS_HOME name a folder you can write to"
        ) from error
