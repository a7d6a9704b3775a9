"""The documents scored so far, in a file beside the output: a killed ranking goes on where it was.

They wait there for the order, which only the last of them settles. The file is of SQLite: what a
kill tears is taken back when it is opened next, and it sorts without holding all in memory.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain, count, islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from corpus.addresses import is_remote
from corpus.errors import StoreError, UsageError
from corpus.manifest import Manifest
from corpus.ranking.signals import Signals

_log = logging.getLogger(__name__)

PIECE = 1_000
"""Documents that reach the disk together: as many at most are scored again after a kill."""

_TABLES = """
DROP TABLE IF EXISTS scored;
DROP TABLE IF EXISTS lines;
CREATE TABLE scored (
    at INTEGER PRIMARY KEY, annotated INTEGER, score REAL, document TEXT, uncertainty REAL,
    rarity REAL, ambiguity REAL, closeness REAL, mentions INTEGER, all_mentions INTEGER);
CREATE TABLE lines (at INTEGER PRIMARY KEY, line BLOB);
"""
_ADD = "INSERT INTO scored VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Scored(NamedTuple):
    """A document's score, what makes it, and its line; `all_mentions` are those of all layers."""

    annotated: bool
    score: float
    document: str
    signals: Signals
    all_mentions: int
    line: bytes


class ScoredFile:
    """The first documents of the inputs, scored, in their order."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __len__(self) -> int:
        found = self._database.execute("SELECT coalesce(max(at), 0) FROM scored").fetchone()
        return int(found[0])

    def add(self, rows: Iterable[Scored]) -> None:
        """The next documents stand there too, each PIECE of them as soon as it is whole."""
        places = count(len(self) + 1)
        stream = iter(rows)
        for first in stream:
            self._database.execute("BEGIN")
            for row in chain([first], islice(stream, PIECE - 1)):
                at = next(places)
                values = (at, *row[:3], *msgspec.structs.astuple(row.signals), row.all_mentions)
                self._database.execute(_ADD, values)
                self._database.execute("INSERT INTO lines VALUES (?, ?)", (at, row.line))
            self._database.execute("COMMIT")

    def in_order(self) -> Iterator[Scored]:
        """Those worth most first, those with gold last; equal ones by id."""
        rows = self._database.execute(
            "SELECT * FROM scored ORDER BY annotated, score DESC, document, at"
        )
        for at, annotated, score, document, *signals, all_mentions in rows:
            found = self._database.execute("SELECT line FROM lines WHERE at = ?", (at,))
            line: bytes = found.fetchone()[0]
            yield Scored(bool(annotated), score, document, Signals(*signals), all_mentions, line)


def scored_path(output: str | Path) -> Path:
    """Where the scored documents of an unfinished output stand."""
    output = Path(output)
    return output.with_name(f".{output.name}.scored.partial")


@contextlib.contextmanager
def open_scored(output: Path, manifest: Manifest, *, anew: bool = False) -> Iterator[ScoredFile]:
    """What an earlier run of the same job has scored, nothing with `anew`; gone if all ends well.

    The same job: inputs, settings and versions as the manifest says. An output in a bucket has
    nothing beside it, so that it begins anew. Raises UsageError while another run works there or
    where no file can be made, StoreError if the disk is full.
    """
    path = scored_path(output)
    with _refusals(path, output):
        database = _connect("" if is_remote(output) else path, _job_of(manifest), anew=anew)
        with contextlib.closing(database):
            yield ScoredFile(database)
            if not is_remote(output):
                remove_scored(output)


def remove_scored(output: str | Path) -> None:
    """No scored documents stand beside the output."""
    if is_remote(output):
        return
    path = scored_path(output)
    # The journal first: alone it would be taken for that of the next file.
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    path.unlink(missing_ok=True)


@contextlib.contextmanager
def _refusals(path: Path, output: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise UsageError(
                f"{output}: another rank is working there", "wait for it, or give another -o"
            ) from error
        if "unable to open" in str(error):
            raise UsageError(f"{path}: cannot be written ({error})", "give another -o") from error
        raise StoreError(
            f"{path}: writing failed ({str(error).lower()})", "free some room and run it again"
        ) from error


def _connect(path: str | Path, job: bytes, *, anew: bool) -> sqlite3.Connection:
    try:
        return _opened(path, job, anew=anew)
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise  # locked, or no room
        _log.info("%s is damaged (%s), so all is scored again", path, error)
        Path(f"{path}-journal").unlink(missing_ok=True)
        Path(path).unlink(missing_ok=True)
        return _opened(path, job, anew=anew)


def _opened(path: str | Path, job: bytes, *, anew: bool) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        # The first transaction takes the lock, and the connection keeps it to its end.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA page_size = 16384")  # holds several articles: less is left empty
        database.execute("BEGIN EXCLUSIVE")
        database.execute("CREATE TABLE IF NOT EXISTS job (job BLOB)")
        earlier = database.execute("SELECT job FROM job").fetchone()
        if anew or earlier != (job,):
            database.execute("DELETE FROM job")
            for statement in filter(str.strip, _TABLES.split(";")):
                database.execute(statement)
            database.execute("INSERT INTO job VALUES (?)", (job,))
        database.execute("COMMIT")
        problem = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise sqlite3.DatabaseError(problem)
    except BaseException:
        database.close()
        raise
    return database


def _job_of(manifest: Manifest) -> bytes:
    job = [manifest.command, manifest.inputs, manifest.settings, manifest.versions]
    return msgspec.json.encode(job, order="deterministic")
