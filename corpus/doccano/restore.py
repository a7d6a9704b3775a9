"""A backup takes the place of what the embedded Doccano holds, which stays beside it.

First all of it is laid out and proven in a folder of its own; then a mark is set, and each file
is moved by one rename. Killed before the mark, nothing has changed; killed after it, whoever comes
next moves the rest: `corpus doccano up` too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from corpus.doccano.backup import (
    DATABASE,
    MEDIA,
    SETTINGS,
    Contents,
    check_database,
    copy_hashed,
    count_rows,
    read_contents,
    require_room,
)
from corpus.doccano.daemon import daemon_pid, stop_daemons
from corpus.doccano.environment import Tell
from corpus.doccano.site import (
    database_path,
    locked_home,
    web_pid_file,
    worker_pid_file,
)
from corpus.errors import DataError, DoccanoError, StoreError, UsageError
from corpus.files import write_private

_STAGED = "restore"  # the folder of what is about to come
_MARK = "restoring"  # the file that names the folder of what goes
_VERSION = "initialised"
# In the order of moving. What SQLite keeps beside a database goes with it, and first; what waits
# in the queue is of the projects that go.
_BESIDE = (f"{DATABASE}-wal", f"{DATABASE}-shm", "queue.sqlite3")
_MOVED = (*_BESIDE, DATABASE, *SETTINGS, MEDIA, _VERSION)
_USE_OTHER = "give another file; nothing was changed"


class Restored(NamedTuple):
    """What stands there now, and the folder of what stood there before, if anything did."""

    doccano: str
    replaced: str
    projects: int
    examples: int
    spans: int


def restore(home: Path, backup: Path, *, stop: bool = False, tell: Tell) -> Restored:
    """The embedded Doccano holds what the backup holds; it does not run.

    Raises DoccanoError if it runs and is not to be stopped, DataError for a backup that is not
    whole: nothing is changed then.
    """
    if not backup.is_file():
        raise UsageError(f"{backup}: no such file", "give a file that `doccano backup` wrote")
    with locked_home(home, tell):
        finish_restore(home)
        running = any(daemon_pid(one(home)) is not None for one in (web_pid_file, worker_pid_file))
        if running and not stop:
            raise DoccanoError(
                "Doccano is running, and people may be working in it",
                "type `corpus doccano down` first, or add --stop",
            )
        tell(f"checking {backup}")
        shutil.rmtree(home / _STAGED, ignore_errors=True)  # of one that was killed
        try:
            contents = _lay_out(home / _STAGED, backup)
            if running:
                tell("stopping Doccano (an import that is under way has 20 s to finish)")
                stop_daemons([web_pid_file(home), worker_pid_file(home)])
            _settle(database_path(home))
            replaced = _free_folder(home)
            write_private(home / _MARK, replaced.name + "\n")
        except BaseException:
            shutil.rmtree(home / _STAGED, ignore_errors=True)
            raise
        finish_restore(home)
        kept = str(replaced) if replaced.is_dir() else ""
        return Restored(contents.doccano, kept, **contents.counts)


def finish_restore(home: Path) -> bool:
    """No restore is half done in `home`, whose lock is held; whether one was."""
    try:
        replaced = home / (home / _MARK).read_text("utf-8").strip()
    except OSError:
        return False
    staged = home / _STAGED
    for name in _MOVED:
        new, old, away = staged / name, home / name, replaced / name
        # What is staged no more stands in its place already, and is not to go away.
        due = new.exists() or (name in _BESIDE and (staged / DATABASE).exists())
        if due and old.exists() and not away.exists():
            replaced.mkdir(mode=0o700, exist_ok=True)
            old.rename(away)
        if new.exists():
            new.rename(old)
    (home / _MARK).unlink()
    shutil.rmtree(staged, ignore_errors=True)
    return True


def _lay_out(staged: Path, backup: Path) -> Contents:
    """The backup's files in `staged`, each as its hash says, and a database that SQLite accepts."""
    staged.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(backup) as zipped:
            contents = read_contents(zipped, backup)
            if DATABASE not in contents.files:
                raise DataError(f"{backup} holds no database", "give another file")
            needed = sum(member.bytes for member in contents.files.values())
            require_room(staged, needed, "the backup")
            for name, member in contents.files.items():
                target = staged / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with zipped.open(name) as source, _private_file(target) as sink:
                    if copy_hashed(source, sink, member.bytes) != member:
                        raise DataError(f"{backup}: {name} is not what was backed up", _USE_OTHER)
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{backup} is no whole backup ({error})", _USE_OTHER) from error
    except OSError as error:
        raise StoreError(
            f"{staged}: writing failed ({error.strerror or error})",
            "free some room and run it again; nothing was changed",
        ) from error
    _prove(staged / DATABASE, backup, contents)
    (staged / MEDIA).mkdir(mode=0o700, exist_ok=True)
    write_private(staged / _VERSION, contents.doccano + "\n")
    return contents


def _prove(database: Path, backup: Path, contents: Contents) -> None:
    with contextlib.closing(sqlite3.connect(database)) as staged:
        check_database(staged, str(backup))
        if count_rows(staged) != contents.counts:
            raise DataError(f"{backup}: the database holds something else", _USE_OTHER)
        staged.execute("PRAGMA journal_mode=WAL")  # as `corpus doccano up` sets it


@contextlib.contextmanager
def _private_file(path: Path) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
        yield sink
        sink.flush()
        os.fsync(sink.fileno())


def _settle(database: Path) -> None:
    """What SQLite keeps beside the database is in it, if it can still be read at all."""
    if database.is_file():
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(database)) as there,
        ):
            there.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _free_folder(home: Path) -> Path:
    """A name for the folder of what is replaced, which nothing has yet."""
    stamp = time.strftime("replaced-%Y%m%d-%H%M%S", time.gmtime())
    names = (stamp, *(f"{stamp}-{number}" for number in range(2, 1000)))
    return next(home / name for name in names if not (home / name).exists())
