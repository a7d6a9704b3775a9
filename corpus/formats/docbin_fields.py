"""A DocBin's fields read side by side, document by document, without holding the file.

The zlib stream is inflated into a temporary file; one pass finds where each field of the
msgpack map stands, and then each field is read through a handle of its own.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from srsly.msgpack import Unpacker

from corpus.errors import FormatError
from corpus.files import open_input
from corpus.formats.deflate import inflate_stream

_BIN = {0xC4: 1, 0xC5: 2, 0xC6: 4}  # msgpack's bin 8, 16, 32: bytes of the length
_ARRAY = {0xDC: 2, 0xDD: 4}
_STR = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_MAP = {0xDE: 2, 0xDF: 4}
_NIL = 0xC0
_BLOCK = 1 << 20
_NEEDED = ("attrs", "tokens", "spaces", "lengths", "strings", "cats")


class DocBinRow(NamedTuple):
    """One document as it stands in the file; `tokens` is (tokens, attrs), uint64."""

    number: int
    tokens: npt.NDArray[np.uint64]
    spaces: npt.NDArray[np.bool_]
    groups: bytes
    user_data: bytes | None
    cats: dict[str, Any]
    unknown_spaces: bool


class DocBinFields(NamedTuple):
    """The columns and strings of a DocBin, and its rows as a stream."""

    attrs: tuple[int, ...]
    strings: list[str]
    rows: Iterator[DocBinRow]


class _Field(NamedTuple):
    offset: int
    size: int  # bytes of a bin, items of an array
    is_bin: bool = False


@contextlib.contextmanager
def open_fields(path: str | Path) -> Iterator[DocBinFields]:
    """The fields of the DocBin at that path (`-` is standard input), while the block lasts.

    Raises FormatError that names the path where it is no DocBin, or a damaged one.
    """
    with ExitStack() as stack:
        inflated = stack.enter_context(tempfile.NamedTemporaryFile(prefix="corpus-"))
        with contextlib.closing(open_input(path)) as source:
            inflate_stream(source, cast(BinaryIO, inflated), str(path))
        inflated.flush()

        def handle(offset: int) -> BinaryIO:
            opened = stack.enter_context(Path(inflated.name).open("rb"))
            opened.seek(offset)
            return opened

        try:
            found = _find_fields(handle(0), handle)
            attrs = tuple(int(attr) for attr in Unpacker(handle(found["attrs"].offset)).unpack())
            strings = _unpacked(handle(found["strings"].offset), found["strings"].size)
            if not all(isinstance(string, str) for string in strings):
                raise ValueError("its strings are not text")
            _check_sizes(found, len(attrs), handle)
            rows = _rows(found, len(attrs), handle)
        except Exception as error:
            raise _broken(path, error) from error
        yield DocBinFields(attrs, list(strings), _guarded(rows, path))


def _guarded(rows: Iterator[DocBinRow], path: str | Path) -> Iterator[DocBinRow]:
    try:
        yield from rows
    except Exception as error:
        raise _broken(path, error) from error


def _broken(path: str | Path, error: Exception) -> FormatError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return FormatError(f"{path}: not a DocBin ({reason})", "make the file again with spaCy")


def _find_fields(file: BinaryIO, handle: Any) -> dict[str, _Field]:
    fields: dict[str, _Field] = {}
    for _ in range(_length(file, 0x80, 15, _MAP)):
        size = _length(file, 0xA0, 31, _STR)
        name = _exactly(file, size).decode()
        at = file.tell()
        kind = _exactly(file, 1)[0]
        file.seek(at)
        if kind in _BIN:
            size = _bin_length(file) or 0
            fields[name] = _Field(file.tell(), size, True)
            file.seek(size, 1)
        elif kind in _ARRAY or 0x90 <= kind <= 0x9F:
            size = _length(file, 0x90, 15, _ARRAY)
            fields[name] = _Field(at if name == "attrs" else file.tell(), size)
            _skip_items(file, name, size, handle)
        else:
            fields[name] = _Field(at, 0)
            file.seek(at + _skipped(handle(at), 1))
    missing = [name for name in _NEEDED if name not in fields]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    return fields


def _skip_items(file: BinaryIO, name: str, count: int, handle: Any) -> None:
    if name in ("span_groups", "user_data"):
        for _ in range(count):
            file.seek(_bin_length(file) or 0, 1)
    else:
        at = file.tell()
        file.seek(at + _skipped(handle(at), count))


def _skipped(file: BinaryIO, count: int) -> int:
    unpacker = Unpacker(file)
    for _ in range(count):
        unpacker.skip()
    return int(unpacker.tell())


def _unpacked(file: BinaryIO, count: int) -> list[Any]:
    return list(_items(file, count))


def _items(file: BinaryIO, count: int) -> Iterator[Any]:
    unpacker = Unpacker(file, raw=False, strict_map_key=False)
    for _ in range(count):
        yield unpacker.unpack()


def _rows(found: dict[str, _Field], columns: int, handle: Any) -> Iterator[DocBinRow]:
    count = found["lengths"].size // 4
    lengths = handle(found["lengths"].offset)
    tokens, spaces = handle(found["tokens"].offset), handle(found["spaces"].offset)
    groups = _bins(found.get("span_groups"), count, handle)
    user_data = _bins(found.get("user_data"), count, handle)
    cats = _items(handle(found["cats"].offset), min(count, found["cats"].size))
    flags = _maps(found.get("flags"), count, handle)
    for number in range(count):
        length = int.from_bytes(_exactly(lengths, 4), "little", signed=True)
        table = np.frombuffer(_exactly(tokens, length * columns * 8), dtype=np.uint64)
        yield DocBinRow(
            number + 1,
            table.reshape(-1, columns),
            np.frombuffer(_exactly(spaces, length), dtype=bool),
            next(groups) or b"",
            next(user_data),
            next(cats, {}),
            bool(next(flags).get("has_unknown_spaces")),
        )


def _check_sizes(found: dict[str, _Field], columns: int, handle: Any) -> None:
    if not all(found[name].is_bin for name in ("tokens", "spaces", "lengths")):
        raise ValueError("its tokens, spaces and lengths are not bytes")
    spaces = found["spaces"].size
    if columns == 0 or found["tokens"].size != spaces * columns * 8:
        raise ValueError("its tokens and spaces do not fit together")
    lengths = handle(found["lengths"].offset)
    left, total = found["lengths"].size, 0
    while left:
        block = _exactly(lengths, min(left, _BLOCK))
        total += int(np.frombuffer(block, dtype="<i4").sum())
        left -= len(block)
    if total != spaces:
        raise ValueError("its lengths and tokens do not fit together")


def _bins(field: _Field | None, count: int, handle: Any) -> Iterator[bytes | None]:
    if field is None:
        for _ in range(count):
            yield None
        return
    file = handle(field.offset)
    for number in range(count):
        size = _bin_length(file) if number < field.size else None
        yield None if size is None else _exactly(file, size)


def _maps(field: _Field | None, count: int, handle: Any) -> Iterator[dict[str, Any]]:
    if field is not None and field.size == count:
        yield from _items(handle(field.offset), count)
    else:
        yield from ({} for _ in range(count))


def _length(file: BinaryIO, fixed: int, most: int, sized: dict[int, int]) -> int:
    kind = _exactly(file, 1)[0]
    if fixed <= kind <= fixed + most:
        return kind - fixed
    if kind not in sized:
        raise ValueError(f"byte {file.tell() - 1} is not what a DocBin has there")
    return int.from_bytes(_exactly(file, sized[kind]), "big")


def _bin_length(file: BinaryIO) -> int | None:
    kind = _exactly(file, 1)[0]
    if kind == _NIL:
        return None
    if kind not in _BIN:
        raise ValueError(f"byte {file.tell() - 1} is not what a DocBin has there")
    return int.from_bytes(_exactly(file, _BIN[kind]), "big")


def _exactly(file: BinaryIO, size: int) -> bytes:
    raw = file.read(size) if size >= 0 else b""
    if len(raw) != size:
        raise ValueError("it ends too early")
    return raw
