"""JSONL, JSON, CSV, TSV and Parquet: one row, one article, cut into pieces as it is read.

Every row reaches its reader as the bytes of a JSON object: the line itself, or the row as JSON.
A negative number says that the row could not be read; its bytes are the reason.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import sys
from collections.abc import Iterable, Iterator

import msgspec

from corpus.addresses import shown
from corpus.articles.encoding import decode_bytes
from corpus.articles.raw import NO_ID, ROWS, ConvertOptions, Piece, Source, grouped
from corpus.articles.records import broken_json, missing_column
from corpus.compression import read_errors
from corpus.errors import CorpusError, DataError, RemoteError
from corpus.files import open_input
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
        for rows in grouped(_rows_of(source, options, encoding), _row_size):
            row = abs(rows[-1][0]) or 1
            yield Piece(source, rows=rows, encoding=encoding)
        if not row:
            yield Piece(source, problem="it is empty")
    except RemoteError:
        raise  # it may be there the next time: no reject
    except read_errors(CorpusError, UnicodeError) as error:
        message = error.message if isinstance(error, CorpusError) else str(error)
        message = message.removeprefix(f"{shown(source.path)}: ")
        yield Piece(source, problem=message, row=row + 1 if row else 0)


def _rows_of(source: Source, options: ConvertOptions, encoding: str) -> Iterable[Row]:
    if source.kind in ("jsonl", "documents"):
        return _json_lines(source)
    if source.kind == "json":
        return _json_array(source)
    if source.kind == "parquet":
        return _parquet_rows(source, options)
    return _csv_rows(source, options, encoding)


def _row_size(row: Row) -> int:
    return len(row[1])


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
    if not data.strip():
        return
    if data.lstrip()[:1] != b"[":
        yield 0, data
        return
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(broken_json(data) or str(error)) from error
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
        if not first.strip():
            return
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
            if len(cells) > len(header) or len(cells) <= header.index(options.text_column):
                yield -number, f"{len(cells)} cells under {len(header)} columns".encode()
                continue
            yield number, msgspec.json.encode(dict(zip(header, cells, strict=False)))


def _delimiter(header: str) -> str:
    return max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))


def _check_columns(columns: list[str], options: ConvertOptions) -> None:
    """Raise DataError where a named column is missing or a name stands twice."""
    for column in (options.text_column, options.id_column):
        if column in ("", NO_ID):
            continue
        if column not in columns:
            raise DataError(missing_column(column, columns, options))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise DataError(f"column {twice[0]!r} stands twice")


def _parquet_rows(source: Source, options: ConvertOptions) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    with contextlib.closing(open_input(source.path)) as stream:
        if not stream.seekable():
            raise DataError(
                "Parquet is read from its end, which cannot be had here; fetch it first"
            )
        try:
            table = pyarrow.parquet.ParquetFile(stream)
            _check_columns(table.schema_arrow.names, options)
            number = 0
            # No threads: worker processes are forked from this one.
            for batch in table.iter_batches(batch_size=ROWS, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield number, msgspec.json.encode(row, enc_hook=str)
        except pyarrow.ArrowException as error:
            raise DataError(f"not a whole Parquet file ({error})") from error
