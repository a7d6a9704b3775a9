"""What is remembered of each document of a file: a few bytes on disk, sorted by its id.

Texts, gold and ids are compared from stage to stage by these, so that memory does not grow
with the texts: 32 bytes a document, in a memory-mapped table.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from corpus.model import Document

TABLE = np.dtype([("id", "<u8"), ("text", "<u8"), ("gold", "<u8"), ("links", "<u8")])
Table = npt.NDArray[Any]
Ids = npt.NDArray[np.uint64]


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
    """The facts of one file, as its documents come; the table is a file in `scratch`."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self.path = path
        self.documents = 0
        self.mentions = 0
        self.ours = True
        self._rows = scratch / f"{digest(str(path)):016x}.rows"
        self._sink = self._rows.open("wb")

    def add(self, row: Row, mentions: int) -> None:
        """Remember one document."""
        self.documents += 1
        self.mentions += mentions
        self._sink.write(struct.pack("<4Q", *row))

    def close(self) -> Facts:
        """The facts, the table sorted."""
        self._sink.close()
        table = np.fromfile(self._rows, TABLE)
        table[np.argsort(table["id"], kind="stable")].tofile(self._rows)
        if self.documents:
            table = np.memmap(self._rows, TABLE, "r")
        return Facts(self.path, self.documents, self.mentions, table, self.ours)


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
    """The rows of several files, sorted."""
    table = np.concatenate([np.empty(0, TABLE), *(one.table for one in facts)])
    return table[np.argsort(table["id"], kind="stable")]


def missing(from_: Table, in_: Table) -> Ids:
    """The digests of ids that one table has and the other lacks."""
    return np.asarray(from_["id"][~np.isin(from_["id"], in_["id"])])


def changed(before: Table, after: Table, field: str) -> Ids:
    """The digests of ids whose field was there before and is another after."""
    common, old, new = np.intersect1d(before["id"], after["id"], return_indices=True)
    was, now = before[field][old], after[field][new]
    return np.asarray(common[(was != 0) & (was != now)])


def named(wanted: Iterable[int], ids: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """(line, id) of each document whose digest is wanted; nothing is read if none is."""
    digests = frozenset(wanted)
    if digests:
        yield from ((line, id) for line, id in ids if digest(id) in digests)
