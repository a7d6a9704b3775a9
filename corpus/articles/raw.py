"""What passes between finding a source, reading it and making its Document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from msgspec import Struct

from corpus.model import Document

T = TypeVar("T")

NO_ID = "-"
"""The --id-column that says: ids are made of file and row, whatever the records hold."""

ROWS = 128
BYTES = 1 << 20
"""A chunk of work ends at so many rows or files, or at the one that passes so many bytes."""


class Source(Struct, frozen=True):
    """One input file: the path to open, and its name, relative to the argument it was found by.

    `shown` is what people call it where that is not the path.
    """

    number: int
    path: str
    name: str
    kind: str = ""
    problem: str = ""
    shown: str = ""


class Piece(Struct, frozen=True):
    """A part of a source that is read at once: the whole file, or rows as (number, JSON).

    `ready` are Documents that another reader has made already; `problem` says why there is
    nothing to read. It pickles, so that any process can read it.
    """

    source: Source
    rows: list[tuple[int, bytes]] | None = None
    ready: list[Document] | None = None
    encoding: str = "utf-8"
    problem: str = ""
    row: int = 0
    where: str = ""
    size: int = 0


class RawArticle(Struct, frozen=True):
    """An article as a reader found it: its text exactly, and what the source says of it."""

    text: str
    row: int = 0
    id: str = ""
    title: str = ""
    byline: str = ""
    credit: str = ""
    dateline: str = ""
    date: str = ""
    lang: str = ""
    lang_is_sure: bool = False
    uri: str = ""
    encoding: str = "utf-8"
    source_sha256: str = ""
    more: dict[str, Any] = {}


class Unreadable(Struct, frozen=True):
    """A file or a row that is no article, and why; `where` is its place, exact to the column."""

    reason: str
    row: int = 0
    where: str = ""
    id: str = ""


class ConvertOptions(Struct, frozen=True):
    """What a person may say of the articles."""

    lang: str = ""
    text_column: str = "text"
    id_column: str = ""
    keep_boilerplate: bool = False


def place_of(source: Source, row: int) -> str:
    """Where an article stands, for people: `folder/articles.jsonl:17`, or `#17` if no line."""
    path = source.shown or source.path
    mark = ":" if source.kind in ("jsonl", "documents") else "#"
    return f"{path}{mark}{row}" if row else path


def name_of(source: Source, row: int) -> str:
    """The id of an article whose source gives it none: `articles.jsonl#17`."""
    return f"{source.name}#{row}" if row else source.name


def grouped(items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in lists of ROWS, or up to the one that passes BYTES.

    What was read before the items break off with an error comes before the error.
    """
    group: list[T] = []
    size = 0
    try:
        for item in items:
            group.append(item)
            size += size_of(item)
            if len(group) == ROWS or size >= BYTES:
                yield group
                group, size = [], 0
    except Exception:
        if group:
            yield group
        raise
    if group:
        yield group
