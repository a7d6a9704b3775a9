"""Records on disk: JSONL read and written as streams, atomically, compression transparently.

A line is one record in UTF-8 JSON, ended by LF (never split elsewhere: U+2028 and U+0085
are text). Equal records give equal bytes, gzip headers included.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

from corpus import places
from corpus.errors import StoreError, UsageError
from corpus.files import (
    STDIO,
    atomic_output,
    find_shards,
    is_stream,
    open_input,
    shard_path,
)
from corpus.lines import is_one_a_line, read_lines, read_pieces
from corpus.migrations import migrate, steps_between
from corpus.model import Document, is_bare_and_sound, problems_of

__all__ = [
    "STDIO",
    "atomic_output",
    "check_type",
    "decode_line",
    "encode_line",
    "find_shards",
    "manifest_path",
    "open_input",
    "own_shard",
    "read_documents",
    "read_earlier",
    "read_lines",
    "read_records",
    "shard_path",
    "write_documents",
    "write_records",
    "write_shards",
]

T = TypeVar("T")

_encoder = msgspec.json.Encoder(order="deterministic")

# msgspec leaves out a default by its identity, and before Python 3.11 an empty tuple made of a
# generator is not the one that () is. Read once, it is.
_EMPTIES_DIFFER = sys.version_info < (3, 11)


def read_records(path: str | Path, type: type[T]) -> Iterator[T]:
    """The records of a JSONL file, each checked against its type; blank lines are passed over.

    Raises StoreError that names file, line and column.
    """
    return _decoded(read_pieces(path), type, path)


def _decoded(pieces: Iterable[tuple[int, bytes]], type: type[T], path: str | Path) -> Iterator[T]:
    decode = _decoder_of(type).decode_lines
    for number, piece in pieces:
        try:
            records = cast("list[T]", decode(piece))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            records = []
        if is_one_a_line(records, piece):
            yield from records
            continue
        # A line is blank, broken or of an earlier version, or holds not just one record.
        for at, line in enumerate(io.BytesIO(piece), number):
            if not line.isspace():
                yield decode_line(line, type, f"{path}:{at}")


_BYTE = re.compile(r"\(byte (\d+)\)$")
_decoders: dict[object, msgspec.json.Decoder[object]] = {}


def _decoder_of(type: object) -> msgspec.json.Decoder[object]:
    decoder = _decoders.get(type)
    if decoder is None:
        decoder = _decoders[type] = msgspec.json.Decoder(type)
    return decoder


def decode_line(line: bytes, type: type[T], where: str) -> T:
    """The record of one line. Raises StoreError at `where:column` (a character, from 1)."""
    try:
        return cast(T, _decoder_of(type).decode(line))
    except msgspec.ValidationError as error:
        migrated = read_earlier(line, type, where)
        if migrated is not None:
            return migrated
        check_type(line, type, where)
        raise StoreError(f"{where}: {error}", "see schemas/ for what a record holds") from error
    except msgspec.DecodeError as error:
        at = _BYTE.search(str(error))
        # msgspec counts bytes and says nothing of the place when the line ends too soon.
        before = line[: int(at[1])] if at else line.rstrip()
        reason = _BYTE.sub("", str(error)).strip()
        if line.startswith(b"\xef\xbb\xbf"):
            reason = "the file begins with a byte order mark"
        raise StoreError(f"{where}:{_column(before)}: {reason}", "mend that line") from error
    except UnicodeDecodeError as error:
        before = line[: _first_bad_byte(line)]
        raise StoreError(
            f"{where}:{_column(before)}: the line is not UTF-8", "save the file as UTF-8"
        ) from error
    except RecursionError as error:
        raise StoreError(f"{where}: nested too deep", "mend that line") from error


def _column(before: bytes) -> int:
    return len(before.decode("utf-8", "replace")) + 1


def _first_bad_byte(line: bytes) -> int:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(line)


class _Typed(Struct):
    type: str = ""


def read_earlier(line: bytes, type: type[T], where: str) -> T | None:
    """The record, if it is of an earlier version that migrations lead on from; else None.

    Raises StoreError for one that is not what it says to be.
    """
    try:
        found = msgspec.json.decode(line, type=_Typed).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    wanted = _tag_of(type)
    steps = steps_between(found, wanted)
    if steps is None:
        return None
    try:
        record = migrate(msgspec.json.decode(line), steps, wanted)
        return msgspec.convert(record, type)
    except (KeyError, TypeError, ValueError) as error:  # msgspec's own is a ValueError
        raise StoreError(
            f"{where}: is {found!r}, and cannot be made {wanted!r} ({error})", "mend that record"
        ) from error


def _tag_of(type: type) -> str:
    return str(type.__struct_config__.tag) if issubclass(type, Struct) else ""


def check_type(line: bytes, type: type, where: str) -> None:
    """Raises StoreError if the record says that it is of another type or version."""
    wanted = _tag_of(type)
    try:
        found = msgspec.json.decode(line, type=_Typed).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    if not wanted or found in ("", wanted):
        return
    same_kind = found.partition("/")[0] == wanted.partition("/")[0]
    raise StoreError(
        f"{where}: is {found!r}, this corpus reads {wanted!r}",
        "use the version of corpus that wrote it" if same_kind else "give a file of that type",
    )


def encode_line(record: object) -> bytes:
    """The record as one line of JSON with its LF; keys in the order of the fields.

    Raises StoreError for what JSON in UTF-8 cannot hold, such as a lone surrogate.
    """
    try:
        line = _encoder.encode(record)
        if _EMPTIES_DIFFER and b":[]" in line and isinstance(record, Struct):
            line = _encoder.encode(msgspec.json.decode(line, type=type(record)))
        return line + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        name = getattr(record, "id", None) or getattr(record, "document", "")
        raise StoreError(
            f"{type(record).__name__.lower()} {name!r}: cannot be written as JSON ({error})",
            "reject it, or mend the text or metadata it comes from",
        ) from error


def read_documents(path: str | Path, *, after: int = 0) -> Iterator[Document]:
    """The documents of a JSONL file or of its shards, each proven sound (`problems_of`).

    The first `after` of them are passed over unread. Raises StoreError that names the file and
    the line or the document.
    """
    for shard in find_shards(path):
        pieces = read_lines(shard) if after else read_pieces(shard)
        while after and next(pieces, None):
            after -= 1
        for document in _decoded(pieces, Document, shard):
            if is_bare_and_sound(document):
                yield document
                continue
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


def write_shards(
    documents: Iterable[Document],
    path: str | Path,
    write: Callable[[Iterable[Document], Path], int],
    shard_size: int | None = None,
) -> list[Path]:
    """The files written: the one at `path`, or shards of `shard_size` documents each.

    No documents give one empty file. What an earlier run left is removed: more shards, or the
    one file that would hide them. A file with a manifest of its own is nobody's shard: it stays,
    and where it stands in the way that is a UsageError.
    """
    target = Path(path)
    if shard_size is None or is_stream(target):
        write(documents, target)
        remove_shards(target, 0)
        return [target]
    stream = iter(documents)
    paths: list[Path] = []
    for first in stream:
        shard = own_shard(target, len(paths))
        write(chain([first], islice(stream, shard_size - 1)), shard)
        paths.append(shard)
    if not paths:
        paths.append(own_shard(target, 0))
        write([], paths[0])
    remove_shards(target, len(paths))
    places.remove(target)
    return paths


def own_shard(target: Path, number: int) -> Path:
    """The path of a shard. Raises UsageError where another command's output stands there."""
    shard = shard_path(target, number)
    if places.is_file(manifest_path(shard)):
        raise UsageError(f"{shard}: is the output of another command", "give another -o")
    return shard


def remove_shards(target: Path, number: int) -> None:
    """No shards of that path are left from this number on."""
    # Without a gap only: `news-20241.jsonl` beside `news.jsonl` may be anybody's.
    while places.is_file(shard := shard_path(target, number)):
        if places.is_file(manifest_path(shard)):
            return
        places.remove(shard)
        number += 1


def manifest_path(output: str | Path) -> Path:
    """Where the manifest of an output stands."""
    return Path(f"{output}.manifest.json")
