"""One row of JSONL, CSV, Parquet and the like, as bytes of a JSON object -> one article."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from corpus.articles.raw import (
    NO_ID,
    ConvertOptions,
    Piece,
    RawArticle,
    Source,
    Unreadable,
    place_of,
)


def missing_column(column: str, columns: Iterable[str], options: ConvertOptions) -> str:
    """What to say of a column that is not there: the columns that are, and the option."""
    option = "--text-column" if column == options.text_column else "--id-column"
    there = ", ".join(columns) or "none"
    return f"no column {column!r}; there are: {there} (choose with {option})"


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


def broken_json(data: bytes) -> str:
    """What Python finds wrong with a piece of JSON, with line and column, or nothing."""
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
        return Unreadable(f"the row is {_json_type(row)}, not an object", row=number)
    text = row.get(options.text_column)
    if not isinstance(text, str):
        return _no_text(row, number, options)
    del row[options.text_column]
    ident = _ident(row, options)
    facts = {name: _take(row, keys) for name, keys in _NAMES.items()} if row else {}
    if options.id_column not in ("", NO_ID) and not ident:
        return Unreadable(f"no id in column {options.id_column!r}", row=number)
    return RawArticle(
        text,
        row=number,
        id=ident or ("" if options.id_column == NO_ID else facts.get("uri", "")),
        lang_is_sure=True,
        encoding=encoding,
        source_sha256=hashlib.sha256(line).hexdigest(),
        more={"fields": row} if row else {},
        **facts,
    )


def _no_text(row: dict[str, Any], number: int, options: ConvertOptions) -> Unreadable:
    if options.text_column in row:
        found = _json_type(row[options.text_column])
        reason = f"column {options.text_column!r} holds {found}, not text"
    else:
        reason = missing_column(options.text_column, row, options)
    return Unreadable(reason, row=number, id=_ident(row, options))


def _take(row: dict[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return str(row.pop(key)).strip()
    return ""


def _ident(row: dict[str, Any], options: ConvertOptions) -> str:
    if options.id_column == NO_ID:
        return ""
    for key in (options.id_column,) if options.id_column else _IDS:
        value = row.get(key)
        if (isinstance(value, str) and value.strip()) or type(value) is int:
            return str(row.pop(key))
    return ""


def _json_type(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
