"""Records on disk: JSONL read and written as streams, atomically, `.gz` transparently.

A line is one record in UTF-8 JSON, ended by LF (never split elsewhere: U+2028 and U+0085
are text). Equal records give equal bytes, gzip headers included.
"""

from __future__ import annotations

import contextlib
import glob
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import msgspec

from corpus.errors import CorpusError, StoreError, UsageError
from corpus.model import Document, problems_of

T = TypeVar("T")

STDIO = "-"
"""The path that means standard input or output."""

_GZIP_LEVEL = 2  # of isal's 0-3: within a few per cent of zlib 6 in size, several times faster
_encoder = msgspec.json.Encoder(order="deterministic")


def open_input(path: str | Path) -> BinaryIO:
    """The bytes of the file, decompressed if it is gzip; `-` is standard input.

    Raises UsageError if there is no such file or it may not be read.
    """
    if str(path) == STDIO:
        return sys.stdin.buffer
    try:
        raw = Path(path).open("rb")  # noqa: SIM115 - the caller closes it
        magic = raw.peek(2)[:2]
    except OSError as error:
        raise UsageError(f"{path}: {_reason(error)}", "give a file that can be read") from error
    if magic != b"\x1f\x8b":
        return raw
    from isal import igzip

    return cast(BinaryIO, io.BufferedReader(igzip.IGzipFile(fileobj=raw, mode="rb")))


@contextlib.contextmanager
def atomic_output(path: str | Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when the block ends well; `.gz` is compressed.

    Anything that stops the block, Ctrl-C too, leaves the old file as it was. `-` is standard
    output, as it is. Raises UsageError if the place cannot be written, StoreError if the disk
    is full.
    """
    if str(path) == STDIO:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        raw = partial.open("w+b")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({_reason(error)})", "give another -o"
        ) from error
    try:
        with raw:
            with _compressed(raw, target) as sink:
                yield sink
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(target)
    except OSError as error:
        raise StoreError(
            f"{path}: writing failed ({_reason(error)})", "free some room and run it again"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _compressed(raw: BinaryIO, target: Path) -> Iterator[BinaryIO]:
    if target.suffix != ".gz":
        yield raw
        return
    from isal import igzip

    # No name and no time in the header: the same records give the same bytes.
    with igzip.IGzipFile(
        filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=raw, mtime=0
    ) as sink:
        yield cast(BinaryIO, sink)


def read_records(path: str | Path, type: type[T]) -> Iterator[T]:
    """The records of a JSONL file, each checked against its type; blank lines are passed over.

    Raises StoreError that names file, line and column.
    """
    for number, line in read_lines(path):
        yield decode_line(line, type, f"{path}:{number}")


def read_lines(path: str | Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not blank, with their numbers from 1, split on LF only."""
    with contextlib.closing(open_input(path)) as source:
        try:
            for number, line in enumerate(source, 1):
                if not line.isspace():
                    yield number, line
        except (EOFError, OSError) as error:
            raise StoreError(
                f"{path}: cannot be read to its end ({_reason(error)})",
                "the file was cut or is damaged; make it again",
            ) from error


_BYTE = re.compile(r"\(byte (\d+)\)$")
_decoders: dict[object, msgspec.json.Decoder[object]] = {}


def decode_line(line: bytes, type: type[T], where: str) -> T:
    """The record of one line. Raises StoreError at `where:column` (a character, from 1)."""
    decoder = _decoders.get(type)
    if decoder is None:
        decoder = _decoders[type] = msgspec.json.Decoder(type)
    try:
        return cast(T, decoder.decode(line))
    except msgspec.ValidationError as error:
        raise StoreError(f"{where}: {error}", "see schemas/ for what a record holds") from error
    except msgspec.DecodeError as error:
        at = _BYTE.search(str(error))
        # msgspec counts bytes and says nothing of the place when the line ends too soon.
        column = len(line[: int(at[1]) if at else len(line)].decode("utf-8", "replace")) + 1
        reason = _BYTE.sub("", str(error)).strip()
        raise StoreError(f"{where}:{column}: {reason}", "mend that line") from error
    except UnicodeDecodeError as error:
        raise StoreError(
            f"{where}:{error.start + 1}: the line is not UTF-8", "save the file as UTF-8"
        ) from error


def encode_line(record: object) -> bytes:
    """The record as one line of JSON with its LF; keys in the order of the fields."""
    return _encoder.encode(record) + b"\n"


def read_documents(path: str | Path) -> Iterator[Document]:
    """The documents of a JSONL file or of its shards, each proven sound (`problems_of`).

    Raises StoreError that names the file and the line or the document.
    """
    for shard in find_shards(path):
        for document in read_records(shard, Document):
            for problem in problems_of(document):
                raise StoreError(
                    f"{shard}: document {document.id!r}: {problem}", f"run: corpus check {shard}"
                )
            yield document


def write_documents(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents now in the file, which appears whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            sink.write(encode_line(document))
            count += 1
    return count


def write_records(records: Iterable[object], path: str | Path) -> int:
    """The number of records now in the file, which appears whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for record in records:
            sink.write(encode_line(record))
            count += 1
    return count


_SHARD = re.compile(r"-\d{5}$")


def shard_path(path: str | Path, number: int) -> Path:
    """The path of one shard: `documents.jsonl.gz` and 3 give `documents-00003.jsonl.gz`."""
    path = Path(path)
    stem, dot, suffixes = path.name.partition(".")
    return path.with_name(f"{stem}-{number:05d}{dot}{suffixes}")


def find_shards(path: str | Path) -> list[Path | str]:
    """The files behind a path: itself, else its shards in order, else what its glob matches.

    Raises UsageError if there are none.
    """
    if str(path) == STDIO or Path(path).is_file():
        return [path]
    target = Path(path)
    stem, dot, suffixes = target.name.partition(".")
    pattern = f"{glob.escape(stem)}-[0-9][0-9][0-9][0-9][0-9]{dot}{glob.escape(suffixes)}"
    shards = sorted(target.parent.glob(pattern)) if target.name else []
    if not shards:
        shards = sorted(Path(found) for found in glob.glob(str(path), recursive=True))
        shards = [shard for shard in shards if shard.is_file()]
    if not shards:
        raise UsageError(f"{path}: no such file", "check the path; a glob must match something")
    return list(shards)


def write_shards(
    documents: Iterable[Document],
    path: str | Path,
    write: Callable[[Iterable[Document], Path], int],
    shard_size: int | None = None,
) -> list[Path]:
    """The files written: the one at `path`, or shards of `shard_size` documents each.

    No documents give one empty file. Shards of an earlier, longer run are removed.
    """
    target = Path(path)
    if shard_size is None:
        write(documents, target)
        return [target]
    stream = iter(documents)
    paths: list[Path] = []
    for first in stream:
        shard = shard_path(target, len(paths))
        write(chain([first], islice(stream, shard_size - 1)), shard)
        paths.append(shard)
    if not paths:
        paths.append(shard_path(target, 0))
        write([], paths[0])
    with contextlib.suppress(CorpusError):
        for stale in find_shards(target):
            if Path(stale) not in paths and _SHARD.search(Path(stale).name.partition(".")[0]):
                Path(stale).unlink()
    return paths


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
