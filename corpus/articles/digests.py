"""Which of millions of digests stood before, and where: at most 4 bytes of memory for each."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np

from corpus.errors import StoreError
from corpus.files import reason_of

SIZE = 16
"""Bytes of a digest of SHA-256: two of 2^32 articles agree by chance once in 2^64."""

_FIRST = 1 << 12  # slots of a new table
_IN_MEMORY = 1 << 16  # slots of the largest table whose rows stay in memory, 1.6 MB
_GROWTH = 2  # times as many slots when half are taken
_MOVED = 1 << 14  # slots moved at once then: all at once takes as much memory as the old table
_ROW = 24  # bytes of a row: a digest and its place

Array = np.ndarray[Any, Any]


class PlacesByDigest:
    """A number for each digest, the first that came with it; a hash table to be closed.

    A row is two halves of a digest and its place. Memory keeps one byte of each slot, which tells
    most digests apart; the rows of more than 32,768 digests are in a temporary file. A digest is
    its own hash; many are looked up at once, since one by one in Python takes far longer.
    """

    def __init__(self) -> None:
        self._count = 0
        self._make_room(_FIRST)

    def _make_room(self, slots: int) -> None:
        self._mask = np.int64(slots - 1)
        self._bytes = np.zeros(slots, dtype=np.uint8)  # 0: free
        in_memory = slots <= _IN_MEMORY
        self._rows: _RowsInMemory | _RowsOnDisk
        self._rows = _RowsInMemory(slots) if in_memory else _RowsOnDisk(slots)

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Give the file back; the table answers no more."""
        self._rows.close()

    def first_places(self, digests: Sequence[bytes], places: Sequence[int]) -> list[int]:
        """For each digest the place that came first with it: its own, if it is new.

        A digest has SIZE bytes; a place is below 2^63. Raises StoreError where the disk is full.
        """
        first: dict[bytes, int] = {}
        for digest, place in zip(digests, places, strict=True):
            first.setdefault(digest, place)
        rows = np.empty((len(first), 3), dtype="<i8")
        rows[:, :2] = np.frombuffer(b"".join(first), dtype="<i8").reshape(-1, 2)
        rows[:, 2] = np.fromiter(first.values(), np.int64, len(first))
        try:
            while (self._count + len(rows)) * 2 > len(self._bytes):
                self._grow()
            known = dict(zip(first, self._settle(rows).tolist(), strict=True))
        except OSError as error:
            raise StoreError(
                f"{tempfile.gettempdir()}: writing failed ({reason_of(error)})",
                "free some room there or set TMPDIR to another folder, and run it again",
            ) from error
        return [known[digest] for digest in digests]

    def _settle(self, rows: Array) -> Array:
        """The first places of rows whose digests differ, those that are new put into the table."""
        result: Array = rows[:, 2].copy()
        marks = _bytes_of(rows)
        slots = rows[:, 0] & self._mask
        left = np.arange(len(rows))
        while len(left):
            at, mark = slots[left], marks[left]
            there = self._bytes[at]
            free, alike = there == 0, there == mark
            new = left[free]
            if len(set(at[free].tolist())) < len(new):
                # Of several that want one free slot the first has it; the others look again.
                new = new[np.unique(slots[new], return_index=True)[1]]
            self._bytes[slots[new]] = marks[new]
            self._rows.write(slots[new], rows[new])
            self._count += len(new)
            same = left[alike]
            if len(same):
                found = self._rows.read(slots[same])
                equal = (found[:, :2] == rows[same, :2]).all(axis=1)
                same = same[equal]
                result[same] = found[equal, 2]
            slots[left[~free]] += 1
            slots &= self._mask
            slots[new] = slots[same] = -1
            left = left[slots[left] >= 0]
        return result

    def _grow(self) -> None:
        marks, self._count = self._bytes, 0
        with closing(self._rows) as rows:
            self._make_room(len(marks) * _GROWTH)
            for at in range(0, len(marks), _MOVED):
                part = rows.stretch(at, min(_MOVED, len(marks) - at))
                self._settle(part[marks[at : at + _MOVED] != 0])


def _bytes_of(rows: Array) -> Array:
    """A byte from 1 to 255 of each digest, of bits that do not choose its slot."""
    high: Array = (rows[:, 1] >> np.int64(48) & np.int64(0xFFFF)) % np.int64(255) + np.int64(1)
    return high.astype(np.uint8)


class _RowsInMemory:
    def __init__(self, slots: int) -> None:
        self._rows = np.zeros((slots, 3), dtype="<i8")

    def read(self, slots: Array) -> Array:
        return self._rows[slots]

    def stretch(self, start: int, count: int) -> Array:
        return self._rows[start : start + count]

    def write(self, slots: Array, rows: Array) -> None:
        self._rows[slots] = rows

    def close(self) -> None:
        self._rows = self._rows[:0]


class _RowsOnDisk:
    """A sparse file without a name: it goes with the process, however that ends."""

    def __init__(self, slots: int) -> None:
        self._file = tempfile.TemporaryFile(prefix="corpus-digests-")  # noqa: SIM115 - in close()
        os.truncate(self._file.fileno(), slots * _ROW)

    def read(self, slots: Array) -> Array:
        file = self._file.fileno()
        found = b"".join([os.pread(file, _ROW, slot * _ROW) for slot in slots.tolist()])
        return _as_rows(found)

    def stretch(self, start: int, count: int) -> Array:
        return _as_rows(os.pread(self._file.fileno(), count * _ROW, start * _ROW))

    def write(self, slots: Array, rows: Array) -> None:
        file, content = self._file.fileno(), rows.tobytes()
        for at, slot in enumerate(slots.tolist()):
            os.pwrite(file, content[at * _ROW : (at + 1) * _ROW], slot * _ROW)

    def close(self) -> None:
        self._file.close()


def _as_rows(content: bytes) -> Array:
    return np.frombuffer(content, dtype="<i8").reshape(-1, 3)
