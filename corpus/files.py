"""Files as bytes: found with their shards, opened, and replaced only when they are whole."""

from __future__ import annotations

import contextlib
import errno
import glob
import io
import logging
import os
import re
import secrets
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from corpus import places
from corpus.addresses import file_name, is_on_web, is_remote
from corpus.compression import BUFFER, compressed, decompressed
from corpus.errors import StoreError, UsageError
from corpus.reading import note_reading
from corpus.remote import open_object, written_object

_log = logging.getLogger(__name__)

STDIO = "-"
"""The path that means standard input or output."""

_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}


def is_stream(path: str | Path) -> bool:
    """Whether this is standard input or output, a pipe or a device: neither hashed nor replaced."""
    if is_remote(path):
        return False
    place = Path(path)
    return str(path) == STDIO or (place.exists() and not place.is_file() and not place.is_dir())


def open_input(path: str | Path) -> BinaryIO:
    """The bytes of the file, decompressed if it is gzip, bzip2 or Zstandard; `-` is standard input.

    Raises UsageError if there is no such file or it may not be read.
    """
    raw: io.BufferedReader
    try:
        if str(path) == STDIO:
            stdin = sys.stdin.buffer
            raw = (
                stdin
                if isinstance(stdin, io.BufferedReader)
                else io.BufferedReader(cast(io.RawIOBase, stdin))
            )
        else:
            raw = open_bytes(path)
        _log.info("reads %s", "standard input" if str(path) == STDIO else path)
        return decompressed(raw, file_name(path))
    except OSError as error:
        raise UsageError(f"{path}: {reason_of(error)}", "give a file that can be read") from error


def open_bytes(path: str | Path) -> io.BufferedReader:
    """The bytes of the file as they stand there."""
    opened = open_object(str(path)) if is_remote(path) else None
    source = opened or io.BufferedReader(io.FileIO(path), BUFFER)
    note_reading(str(path), source)
    return source


def check_place(path: str | Path) -> None:
    """Nothing, where a file can stand under that name. Raises UsageError with the way out."""
    target = Path(path)
    if is_on_web(path):
        raise UsageError(f"{path}: a web server is only read", "give a file, or s3://BUCKET/NAME")
    if is_remote(path):
        return  # a bucket has no folders, and tells at the first byte what it takes
    if target.is_dir():
        raise UsageError(f"{path}: is a folder", "give the name of a file in it")
    if not target.parent.is_dir():
        raise UsageError(
            f"{path}: there is no folder {target.parent}",
            f"make it first: mkdir -p {shlex.quote(str(target.parent))}",
        )


@contextlib.contextmanager
def atomic_output(path: str | Path) -> Iterator[BinaryIO]:
    """A file, compressed if so named, that appears only when the block ends well.

    Anything that stops the block, Ctrl-C too, leaves the old file as it was; what a killed run
    left beside it is removed by the next. `-` is standard output; pipes and devices are written
    as they are. Raises UsageError if the place cannot be written, StoreError if the disk is full.
    """
    if is_stream(path):
        with _open_stream(path) as sink:
            yield sink
        return
    check_place(path)
    if is_remote(path):
        with written_object(str(path)) as raw, compressed(raw, str(path)) as sink:
            yield sink
        return
    target = Path(os.path.realpath(path))  # a link stays, its file is replaced
    remove_partials(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        raw = partial.open("w+b")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({reason_of(error)})", "give another -o"
        ) from error
    try:
        with raw:
            with compressed(raw, target.name) as sink:
                yield sink
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(target)
        _log.info("wrote %s (%s bytes)", path, f"{target.stat().st_size:,}")
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise  # not of this file: the block reads others, or asks a server
        raise StoreError(
            f"{path}: writing failed ({reason_of(error)})", "free some room and run it again"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _open_stream(path: str | Path) -> Iterator[BinaryIO]:
    if str(path) != STDIO:
        with Path(path).open("wb") as sink:
            yield sink
        return
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def atomic_folder(path: str | Path, what: str = "the output") -> Iterator[Path]:
    """A folder that appears under its name only when the block ends well.

    Raises UsageError where it cannot be made, or where something else than a folder stands.
    `what` the folder is, is said then.
    """
    path = Path(path)
    if is_remote(path):
        raise UsageError(f"{path}: {what} is a folder on this machine", "copy it afterwards")
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path}: is a file, and {what} is a folder", "give another -o")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    _remove_abandoned_folders(path)
    try:
        partial.mkdir()
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({reason_of(error)})",
            "give another -o",
        ) from error
    try:
        yield partial
        # A folder cannot replace another in one step: the old one steps aside first.
        if path.exists():
            path.rename(old)
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)
        elif old.exists():
            old.rename(path)


@contextlib.contextmanager
def locked_folder(folder: Path, lock: str, command: str) -> Iterator[None]:
    """No other process holds that lock of the folder. Raises UsageError if one does."""
    from filelock import FileLock, Timeout

    held = FileLock(folder / lock)
    try:
        held.acquire(timeout=0)
    except Timeout as error:
        raise UsageError(
            f"{folder}: another {command} is working there", "wait for it, or give another -o"
        ) from error
    try:
        yield
    finally:
        held.release()


def _remove_abandoned_folders(path: Path) -> None:
    """Tidy up after a build that was killed: an old folder that had stepped aside comes back."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
        _, pid, kind = leftover.name.rsplit(".", 2)
        if kind not in ("partial", "old") or not pid.isdigit() or _is_running(int(pid)):
            continue
        if kind == "old" and not path.exists():
            leftover.rename(path)
        else:
            shutil.rmtree(leftover, ignore_errors=True)


def remove_partials(path: str | Path) -> None:
    """Remove what runs that were killed left of this file; those still running keep theirs."""
    target = Path(path)
    for partial in target.parent.glob(f".{glob.escape(target.name)}.*.partial"):
        process = partial.name.split(".")[-2]
        if process.isdecimal() and not _is_running(int(process)):
            partial.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def write_private(path: Path, text: str) -> None:
    """The file holds `text` and nobody but its owner can read it, at no moment."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    partial.replace(path)


def read_secret(path: Path) -> str:
    """The random key in `path`, made once: sessions outlive a restart."""
    if not path.is_file():
        write_private(path, secrets.token_urlsafe(50) + "\n")
    return path.read_text("utf-8").strip()


def shard_path(path: str | Path, number: int) -> Path:
    """The path of one shard: `documents.jsonl.gz` and 3 give `documents-00003.jsonl.gz`."""
    path = Path(path)
    stem, dot, suffixes = path.name.partition(".")
    return path.with_name(f"{stem}-{number:05d}{dot}{suffixes}")


def unsharded_path(path: str | Path) -> Path:
    """The path that a shard is one of; of what is no shard, the path itself."""
    stem, dot, suffixes = Path(path).name.partition(".")
    return Path(path).with_name(f"{re.sub(r'-[0-9]{5}$', '', stem)}{dot}{suffixes}")


def shards_of(path: str | Path) -> list[Path]:
    """The files named as shards of that path, in order, there or not there all of them."""
    target = Path(path)
    stem, dot, suffixes = target.name.partition(".")
    if not target.name or is_on_web(path):
        return []
    shard = re.compile(re.escape(stem) + "-[0-9]{5}" + re.escape(dot + suffixes))
    there = places.beginning_with(target.parent, f"{stem}-")
    return [each for each in there if shard.fullmatch(each.name)]


def find_shards(path: str | Path) -> list[Path | str]:
    """The files behind a path: itself, else its shards in order, else what its glob matches.

    Raises UsageError if there are none, or a shard between others is missing.
    """
    if is_stream(path) or places.is_file(path):
        return [path]
    shards = shards_of(path)
    for number, shard in enumerate(shards):
        if shard != shard_path(path, number):
            raise UsageError(
                f"{path}: its shard {shard_path(path, number)} is missing",
                "make it again, or name the shards that are there by a glob",
            )
    if not shards:
        found = sorted(map(Path, places.matching(str(path)))) if places.has_magic(str(path)) else []
        shards = [match for match in found if is_remote(match) or match.is_file()]
    if not shards and not is_remote(path) and Path(path).is_dir():
        raise UsageError(f"{path}: is a folder", "name the file of documents in it")
    if not shards:
        raise UsageError(f"{path}: no such file", "check the path; a glob must match something")
    return list(shards)


def reason_of(error: BaseException) -> str:
    """Why the system refused, in its words, in lower case."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
