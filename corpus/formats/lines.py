"""Lines of other tools' files, decoded, with their place; what is wrong is named by that place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from corpus.errors import DataError, FormatError, StoreError
from corpus.files import open_input
from corpus.manifest import Stage
from corpus.model import Change
from corpus.store import decode_line, read_lines

T = TypeVar("T")


def text_lines(path: str | Path) -> Iterator[tuple[str, str]]:
    """(`file:line`, the line without its end) of a UTF-8 file; blank lines too, a BOM aside."""
    with contextlib.closing(open_input(path)) as source:
        for number, raw in enumerate(source, 1):
            where = f"{path}:{number}"
            yield where, decoded(raw, where, is_first=number == 1)


def decoded(raw: bytes, where: str, *, is_first: bool = False) -> str:
    """The line without LF or CRLF. Raises FormatError with the column of what is no UTF-8."""
    try:
        line = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode("utf-8")) + 1
        raise FormatError(
            f"{where}:{column}: not UTF-8 (byte 0x{raw[error.start]:02x})",
            "convert the file to UTF-8 first",
        ) from error
    return line.removeprefix("\ufeff") if is_first else line


def json_lines(path: str | Path, type: type[T], tool: str) -> Iterator[tuple[str, T]]:
    """(`file:line`, the record) of a JSONL file that a tool wrote; raises FormatError."""
    for number, line in read_lines(path):
        where = f"{path}:{number}"
        try:
            yield where, decode_line(line.removeprefix(b"\xef\xbb\xbf"), type, where)
        except StoreError as error:
            raise FormatError(
                error.message, f"a line is a JSON object as {tool} writes it"
            ) from error


def whole_number(value: str, where: str, what: str) -> int:
    """The number that the field says. Raises FormatError."""
    if not (value.isascii() and value.isdecimal()) or len(value) > 18:
        raise FormatError(f"{where}: {what} is {value!r}, not a whole number", "mend that line")
    return int(value)


def refuse(
    stage: Stage | None, document: str, reason: str, where: str, *, mention: str = "", **before: Any
) -> None:
    """List something that a Document cannot hold as a reject; without a stage raises DataError.

    With `mention` a mention was received and rejected, without it the whole document.
    """
    if stage is None:
        raise DataError(f"{where}: {reason}", "no Document can hold it; corpus import lists it")
    counts = stage.mentions if mention else stage.documents
    counts.received += 1
    counts.rejected += 1
    stage.record(Change("rejected", document, reason, where, mention=mention, before=before))


def json_text(value: Any) -> str:
    """The value as one line of JSON; equal values give equal text."""
    return msgspec.json.encode(value, order="deterministic").decode()
