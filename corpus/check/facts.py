"""What is remembered of each document of a file: four numbers on disk, sorted by its id's.

Texts, gold and ids are compared from stage to stage by these. They are read in place and in
blocks: a million documents need 32 MB on disk, and while they are sorted 24 MB of memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from corpus.model import Document

Ids = npt.NDArray[np.uint64]
Table = Mapping[str, Ids]
"""The columns of Row, sorted by id."""

_BLOCK = 1 << 16  # rows


class Row(NamedTuple):
    """One document: digests of its id, text, gold spans and gold links (0 where there are none)."""

    id: int
    text: int
    gold: int
    links: int


class Facts(NamedTuple):
    """A file of documents: how many there are, and a row for each, sorted by the id's digest.

    `ours` is False for a DocBin that others wrote: its documents have no ids.
    """

    path: Path
    documents: int
    mentions: int
    table: Table
    ours: bool


class FactsWriter:
    """The facts of one file, as its documents come; each column is a file in `scratch`."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self.path = path
        self.documents = 0
        self.mentions = 0
        self.ours = True
        stem = f"{digest(str(path)):016x}"
        self._columns = {field: scratch / f"{stem}.{field}" for field in Row._fields}
        self._sinks = [column.open("wb") for column in self._columns.values()]

    def add(self, row: Row, mentions: int) -> None:
        """Remember one document."""
        self.documents += 1
        self.mentions += mentions
        for sink, number in zip(self._sinks, row, strict=True):
            sink.write(number.to_bytes(8, "little"))

    def close(self) -> Facts:
        """The facts, the table sorted."""
        for sink in self._sinks:
            sink.close()
        order = np.argsort(np.fromfile(self._columns["id"], "<u8"), kind="stable")
        for column in self._columns.values():
            np.fromfile(column, "<u8")[order].tofile(column)
        table = {field: _opened(column) for field, column in self._columns.items()}
        return Facts(self.path, self.documents, self.mentions, table, self.ours)


def _opened(column: Path) -> Ids:
    if not column.stat().st_size:
        return np.empty(0, "<u8")  # nothing can be mapped
    return np.memmap(column, "<u8", "r")


def digest(value: str | bytes) -> int:
    """64 bits of a hash: two of a million differ in them but for one case in 40 million."""
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")


def row_of(document: Document) -> Row:
    """The row of a document."""
    gold = [layer for layer in document.layers if layer.name == "gold"]
    judged = [(m.id, m.links) for layer in gold for m in layer.mentions if m.links]
    spans = [
        (layer.task, layer.round, [(m.id, m.start, m.end, m.label) for m in layer.mentions])
        for layer in gold
    ]
    return Row(
        digest(document.id),
        digest(document.text),
        digest_spans(spans),
        digest(msgspec.json.encode(judged)) if judged else 0,
    )


def digest_spans(layers: Iterable[tuple[str, int, list[tuple[str, int, int, str]]]]) -> int:
    """The digest of gold layers: task, round and (id, start, end, label) of each mention."""
    known = [(task, round, sorted(mentions)) for task, round, mentions in layers]
    return digest(msgspec.json.encode(known)) if known else 0


def repeated(facts: Facts) -> frozenset[int]:
    """The digests of ids that stand more than once."""
    ids = facts.table["id"]
    return frozenset(ids[1:][ids[1:] == ids[:-1]].tolist())


def joined(facts: Iterable[Facts]) -> Table:
    """The rows of several files, sorted; of one file its own."""
    tables = [one.table for one in facts]
    if len(tables) == 1:
        return tables[0]
    columns = {f: np.concatenate([_NONE, *(table[f] for table in tables)]) for f in Row._fields}
    order = np.argsort(columns["id"], kind="stable")
    return {field: column[order] for field, column in columns.items()}


_NONE: Ids = np.empty(0, "<u8")


def missing(from_: Table, in_: Table) -> Ids:
    """The digests of ids that one table has and the other lacks."""
    lacking = [ids[~found] for ids, found, _, _ in _matched(from_, in_)]
    return np.concatenate([_NONE, *lacking])


def changed(before: Table, after: Table, field: str) -> Ids:
    """The digests of ids whose field was there before and is another after."""
    different = [_NONE]
    for ids, found, rows, places in _matched(before, after):
        was, now = before[field][rows][found], after[field][places[found]]
        different.append(ids[found][(was != 0) & (was != now)])
    return np.concatenate(different)


def _matched(
    one: Table, other: Table
) -> Iterator[tuple[Ids, npt.NDArray[np.bool_], slice, npt.NDArray[np.intp]]]:
    """Block by block: ids of one, which of them the other has, their rows, and where there."""
    there = other["id"]
    for start in range(0, len(one["id"]), _BLOCK):
        rows = slice(start, start + _BLOCK)
        ids = np.asarray(one["id"][rows])
        places = np.searchsorted(there, ids)
        inside = np.minimum(places, max(len(there) - 1, 0))
        found = there[inside] == ids if len(there) else np.zeros(len(ids), bool)
        yield ids, np.asarray(found), rows, places


def named(wanted: Iterable[int], ids: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """(line, id) of each document whose digest is wanted; nothing is read if none is."""
    digests = frozenset(wanted)
    if digests:
        yield from ((line, id) for line, id in ids if digest(id) in digests)
