"""A copy of all that the embedded Doccano holds, as one file: made while it runs, proven whole.

A zip: the database, the credentials and key that belong to it, uploaded media, and last
`backup.json`, which names the version of Doccano, and size and SHA-256 of each file.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import shutil
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

import msgspec

from corpus.doccano.environment import DOCCANO, Tell
from corpus.doccano.site import database_path, locked_home, version_of
from corpus.errors import DataError, StoreError, UsageError
from corpus.files import atomic_output, check_place

CONTENTS = "backup.json"
DATABASE = "db.sqlite3"
SETTINGS = ("credentials.env", "secret_key")
MEDIA = "media"
FOLDER = "doccano-backups"
_FORMAT = "corpus-doccano-backup/1"
_BLOCK = 1 << 20
_LARGEST_LIST = 100_000_000  # bytes of backup.json


class Backup(NamedTuple):
    """What a backup holds: SHA-256 and size in bytes of the database, and what is in it."""

    path: str
    doccano: str
    sha256: str
    bytes: int
    projects: int
    examples: int
    spans: int


class Member(msgspec.Struct, frozen=True):
    """A file of the backup."""

    sha256: str
    bytes: int


class Contents(msgspec.Struct, frozen=True):
    """`backup.json`; `made` is UTC."""

    format: str
    doccano: str
    made: str
    counts: dict[str, int]
    files: dict[str, Member]


def back_up(home: Path, target: Path | None = None, *, tell: Tell) -> Backup:
    """The backup stands whole at `target`, else in `doccano-backups` beside `home`, mode 0600.

    Doccano may be running: the database is copied as it is at one moment. UsageError if there is
    nothing to back up or the place is taken, StoreError if the disk is full.
    """
    with locked_home(home, tell):
        return _back_up(home, target, tell)


def is_upgrade(home: Path) -> bool:
    """Whether the database was last used by another version of Doccano than today's."""
    return version_of(home) not in ("", DOCCANO)


def back_up_before_upgrade(home: Path, tell: Tell) -> Backup:
    """The backup of a database that is about to be changed by another version; lock is held."""
    done = _back_up(home, None, tell)
    tell(f"Doccano {done.doccano} is followed by {DOCCANO}; as it was: {done.path}")
    return done


def _back_up(home: Path, target: Path | None, tell: Tell) -> Backup:
    database = database_path(home)
    version = version_of(home)
    if not database.is_file() or not version:
        raise UsageError(
            f"{home} holds no Doccano that was set up",
            "type `corpus doccano up`, or set CORPUS_HOME",
        )
    target = target or _default_target(home, version)
    if target.exists():
        raise UsageError(f"{target} exists", "give another -o; a backup replaces nothing")
    check_place(target)
    _remove_leftovers(target)
    copy = target.with_name(f".{target.name}.database")
    tell(f"copying {database.stat().st_size // 10**6:,} MB")
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        counts = _copy_database(database, copy, target)
        with atomic_output(target) as sink:
            os.fchmod(sink.fileno(), 0o600)
            contents = _write_zip(sink, home, copy, version, counts)
            copy.unlink()  # before the backup appears: killed now, nothing lies beside it
    finally:
        _remove_leftovers(target)
    _sync_folder(target.parent)
    member = contents.files[DATABASE]
    return Backup(str(target), version, member.sha256, member.bytes, **counts)


def _default_target(home: Path, version: str) -> Path:
    folder = home.parent / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return folder / f"doccano-{version}-{stamp}.zip"


def _remove_leftovers(target: Path) -> None:
    """No part of a backup that was killed is left: of this file, or of those of our own folder."""
    own = target.parent.name == FOLDER
    pattern = ".doccano-*.zip.*" if own else f".{glob.escape(target.name)}.*"
    for partial in target.parent.glob(pattern):
        if partial.name.endswith(".partial") or ".database" in partial.name:
            partial.unlink(missing_ok=True)


def _copy_database(source: Path, copy: Path, target: Path) -> dict[str, int]:
    """How much the copy holds, which is whole: SQLite's own check has passed."""
    try:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=30)) as there,
            contextlib.closing(sqlite3.connect(copy)) as here,
        ):
            there.backup(here)  # one step, so that no writer in between makes it start anew
            here.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            check_database(here, str(source))
            return count_rows(here)
    except sqlite3.Error as error:
        raise StoreError(
            f"{target}: the database cannot be copied ({error})",
            "see that the disk is neither full nor broken, then run it again",
        ) from error


def check_database(database: sqlite3.Connection, name: str) -> None:
    """Raises DataError with the first thing that SQLite finds wrong."""
    try:
        [said] = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise DataError(f"{name}: the database is damaged: {said}", "use an earlier backup")


def count_rows(database: sqlite3.Connection) -> dict[str, int]:
    """Projects, examples and spans."""
    tables = {
        "projects": "projects_project",
        "examples": "examples_example",
        "spans": "labels_span",
    }
    return {
        name: int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own names
        for name, table in tables.items()
    }


def _write_zip(
    sink: BinaryIO, home: Path, copy: Path, version: str, counts: dict[str, int]
) -> Contents:
    files: dict[str, Member] = {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        for name, path in [(DATABASE, copy), *_others(home)]:
            with path.open("rb") as source, zipped.open(name, "w", force_zip64=True) as member:
                files[name] = copy_hashed(source, member)
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        contents = Contents(_FORMAT, version, made, counts, files)
        zipped.writestr(CONTENTS, json.dumps(msgspec.to_builtins(contents), indent=1))
    return contents


def _others(home: Path) -> Iterator[tuple[str, Path]]:
    for name in SETTINGS:
        if (home / name).is_file():
            yield name, home / name
    for path in sorted((home / MEDIA).rglob("*")):
        export = path.parent == home / MEDIA and path.suffix == ".zip"  # made anew when asked for
        if path.is_file() and not path.is_symlink() and not export:
            yield path.relative_to(home).as_posix(), path


def copy_hashed(source: Any, sink: Any, limit: int | None = None) -> Member:
    """What was copied; DataError for more than `limit` bytes."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        size += len(block)
        if limit is not None and size > limit:
            raise DataError(f"a file is larger than the {limit} bytes that it should have")
        digest.update(block)
        sink.write(block)
    return Member(digest.hexdigest(), size)


def read_contents(zipped: zipfile.ZipFile, path: Path) -> Contents:
    """What the backup says of itself; DataError if it is none, or one that we cannot restore."""
    try:
        info = zipped.getinfo(CONTENTS)
        if info.file_size > _LARGEST_LIST:
            raise DataError(f"{path}: {CONTENTS} is too large", "give a file of `doccano backup`")
        contents = msgspec.json.decode(zipped.read(info), type=Contents)
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path} is no backup of `corpus doccano backup`, or not a whole one",
            "give another file",
        ) from error
    if contents.format != _FORMAT:
        raise DataError(
            f"{path} is a {contents.format[:60]!r}, this corpus reads {_FORMAT!r}",
            "use the version of corpus that wrote it",
        )
    if _numbers(contents.doccano) > _numbers(DOCCANO):
        raise DataError(
            f"{path} is of Doccano {contents.doccano}, newer than {DOCCANO}", "use a newer corpus"
        )
    for name in contents.files:
        if not _is_ours(name):
            raise DataError(
                f"{path} names {name[:100]!r}, which no backup holds", "do not trust it"
            )
    return contents


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(part) if part.isdecimal() else 0 for part in parts)


def _is_ours(name: str) -> bool:
    """Whether a backup may write a file of this name: none leaves the folder."""
    path = PurePosixPath(name)
    plain = name == path.as_posix() and not path.is_absolute() and ".." not in path.parts
    inside = len(path.parts) > 1 and path.parts[0] == MEDIA
    return (
        plain
        and "\\" not in name
        and "\0" not in name
        and (name in (DATABASE, *SETTINGS) or inside)
    )


def require_room(folder: Path, needed: int, why: str) -> None:
    """Raises StoreError unless so many bytes are free there."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StoreError(
            f"{why} needs {needed // 10**6 + 1:,} MB under {folder}, {free // 10**6:,} MB are free",
            "make room and run it again; nothing was changed",
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
