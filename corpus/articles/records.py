"""JSONL, JSON, CSV, TSV and Parquet: one row, one article, cut into pieces as it is read.

Every row reaches its reader as the bytes of a JSON object: the line itself, or the row as JSON.
A negative number says that the row could not be read; its bytes are the reason.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import io
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from corpus.articles.encoding import decode_bytes
from corpus.articles.raw import (
    BYTES,
    ROWS,
    ConvertOptions,
    Piece,
    RawArticle,
    Source,
    Unreadable,
    place_of,
)
from corpus.errors import CorpusError, DataError
from corpus.files import STDIO, open_input
from corpus.store import read_lines

_BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 20
Row = tuple[int, bytes]


def record_pieces(source: Source, options: ConvertOptions) -> Iterator[Piece]:
    """The rows of a source in pieces; a problem with all of it, or its rest, is a piece too."""
    encoding = "utf-8"
    row = 0
    try:
        if source.kind in ("csv", "tsv"):
            encoding = _find_encoding(source)
        for rows in _grouped(_rows_of(source, options, encoding)):
            row = abs(rows[-1][0]) or 1
            yield Piece(source, rows=rows, encoding=encoding)
        if not row:
            yield Piece(source, problem="it is empty")
    except (CorpusError, OSError, EOFError, UnicodeError) as error:
        message = error.message if isinstance(error, CorpusError) else str(error)
        message = message.removeprefix(f"{source.path}: ")
        yield Piece(source, problem=message, row=row + 1 if row else 0)


def _rows_of(source: Source, options: ConvertOptions, encoding: str) -> Iterable[Row]:
    if source.kind in ("jsonl", "documents"):
        return _json_lines(source)
    if source.kind == "json":
        return _json_array(source)
    if source.kind == "parquet":
        return _parquet_rows(source, options)
    return _csv_rows(source, options, encoding)


def _grouped(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    size = 0
    try:
        for row in rows:
            group.append(row)
            size += len(row[1])
            if len(group) == ROWS or size >= BYTES:
                yield group
                group, size = [], 0
    finally:
        # What was read before a file breaks off is not lost with it.
        if group:
            yield group


def _json_lines(source: Source) -> Iterator[Row]:
    for number, line in read_lines(source.path):
        if number == 1:
            line = line.removeprefix(_BOM)
            if not line.strip():
                continue
        yield number, line.rstrip(b"\r\n")


def _json_array(source: Source) -> Iterator[Row]:
    with contextlib.closing(open_input(source.path)) as stream:
        data = stream.read().removeprefix(_BOM)
    if data.lstrip()[:1] != b"[":
        yield 0, data
        return
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(_json_fault(data) or str(error)) from error
    for number, item in enumerate(items, 1):
        yield number, bytes(item)


def _find_encoding(source: Source) -> str:
    """The encoding of a table: UTF-8 if all of it is, else detected from its beginning."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with contextlib.closing(open_input(source.path)) as stream:
        head = stream.read(_BLOCK)
        sample = head[: head.rfind(b"\n") + 1] or head
        if b"\0" in head or head.startswith(_BOM):
            return decode_bytes(sample)[1]
        block = head
        try:
            while block:
                decoder.decode(block)
                block = stream.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return decode_bytes(sample if block == head else block[: block.rfind(b"\n") + 1])[1]
    return "utf-8"


def _csv_rows(source: Source, options: ConvertOptions, encoding: str) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    with contextlib.closing(open_input(source.path)) as stream:
        lines = io.TextIOWrapper(stream, encoding=encoding, newline="")
        first = lines.readline().removeprefix("\ufeff")
        mark = "\t" if source.kind == "tsv" else _delimiter(first)
        header = next(csv.reader([first], delimiter=mark), [])
        _check_columns(header, options)
        rows = csv.reader(lines, delimiter=mark, strict=True)
        number = 0
        while True:
            number += 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield -number, f"{error} (line {rows.line_num + 1})".encode()
                continue
            if not cells:
                continue
            if len(cells) > len(header):
                yield -number, f"{len(cells)} cells under {len(header)} columns".encode()
                continue
            yield number, msgspec.json.encode(dict(zip(header, cells, strict=False)))


def _delimiter(header: str) -> str:
    return max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))


def _check_columns(columns: list[str], options: ConvertOptions) -> None:
    """Raise DataError where a named column is missing or a name stands twice."""
    for column in filter(None, (options.text_column, options.id_column)):
        if column not in columns:
            raise DataError(missing_column(column, columns, options))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise DataError(f"column {twice[0]!r} stands twice")


def missing_column(column: str, columns: Iterable[str], options: ConvertOptions) -> str:
    """What to say of a column that is not there: the columns that are, and the option."""
    option = "--text-column" if column == options.text_column else "--id-column"
    there = ", ".join(columns) or "none"
    return f"no column {column!r}; there are: {there} (choose with {option})"


def _parquet_rows(source: Source, options: ConvertOptions) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    with contextlib.closing(open_input(source.path)) as stream:
        data = io.BytesIO(stream.read()) if source.path == STDIO else stream
        try:
            table = pyarrow.parquet.ParquetFile(data)
            _check_columns(table.schema_arrow.names, options)
            number = 0
            # No threads: worker processes are forked from this one.
            for batch in table.iter_batches(batch_size=ROWS, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield number, msgspec.json.encode(row, enc_hook=str)
        except pyarrow.ArrowException as error:
            raise DataError(f"not a whole Parquet file ({error})") from error


def read_rows(piece: Piece, options: ConvertOptions) -> Iterator[RawArticle | Unreadable]:
    """The articles of a piece's rows."""
    for number, line in piece.rows or ():
        if number < 0:
            yield Unreadable(line.decode(), row=-number)
            continue
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            row = _decode_oddity(line)
            if row is None:
                yield _broken(piece.source, number, line, error)
                continue
        yield _article(row, number, line, piece.encoding, options)


def _decode_oddity(line: bytes) -> Any:
    """What Python's JSON reads and msgspec does not: NaN, and lone surrogates."""
    try:
        return json.loads(line, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _broken(source: Source, number: int, line: bytes, error: Exception) -> Unreadable:
    where = place_of(source, number)
    if isinstance(error, UnicodeDecodeError):
        good = len(_valid_utf8(line))
        return Unreadable("the line is not UTF-8", row=number, where=f"{where}:{good + 1}")
    try:
        json.loads(line)
    except json.JSONDecodeError as fault:
        column = fault.colno if number else fault.pos + 1
        return Unreadable(f"broken JSON: {fault.msg}", row=number, where=f"{where}:{column}")
    except (ValueError, RecursionError):
        pass
    return Unreadable(f"broken JSON: {error}", row=number, where=where)


def _valid_utf8(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        return line[: error.start].decode("utf-8")


def _json_fault(data: bytes) -> str:
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return f"broken JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    except (ValueError, RecursionError):
        return ""
    return ""


# What sources call the things we keep under a name of our own.
_NAMES = {
    "title": ("title", "headline"),
    "byline": ("byline", "author"),
    "credit": ("credit", "agency"),
    "dateline": ("dateline",),
    "date": ("date", "published", "published_at", "date_published", "pubDate"),
    "lang": ("lang", "language"),
    "uri": ("uri", "url", "link"),
}
_IDS = ("id", "_id", "guid", "uuid")


def _article(
    row: Any, number: int, line: bytes, encoding: str, options: ConvertOptions
) -> RawArticle | Unreadable:
    if not isinstance(row, dict):
        return Unreadable(f"a JSON {_json_type(row)}, not an object", row=number)
    text = row.pop(options.text_column, None)
    if not isinstance(text, str):
        return _no_text(row, text, number, options)
    facts = {name: _take(row, keys) for name, keys in _NAMES.items()}
    ident = _ident(row, options)
    if options.id_column and not ident:
        return Unreadable(f"no id in column {options.id_column!r}", row=number)
    return RawArticle(
        text,
        row=number,
        id=ident or facts["uri"],
        lang_is_sure=True,
        encoding=encoding,
        source_sha256=hashlib.sha256(line).hexdigest(),
        more={"fields": row} if row else {},
        **facts,
    )


def _no_text(row: dict[str, Any], text: Any, number: int, options: ConvertOptions) -> Unreadable:
    reason = f"{options.text_column!r} is {_json_type(text)}, not text"
    if text is None and options.text_column not in row:
        reason = missing_column(options.text_column, row, options)
    return Unreadable(reason, row=number, id=_ident(row, options))


def _take(row: dict[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return str(row.pop(key)).strip()
    return ""


def _ident(row: dict[str, Any], options: ConvertOptions) -> str:
    for key in (options.id_column,) if options.id_column else _IDS:
        value = row.get(key)
        if (isinstance(value, str) and value.strip()) or type(value) is int:
            return str(row.pop(key))
    return ""


def _json_type(value: Any) -> str:
    names = {dict: "object", list: "list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "number")
