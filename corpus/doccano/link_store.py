"""The decisions of a link project as its exports tell, found by document; gone with the process.

Memory does not grow with the project: the rows stand in a private SQLite file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from corpus.doccano.exports import ExportFile
from corpus.doccano.link_rows import LinkRow, Stored, decode_link_row, read_stored

_TABLES = """
CREATE TABLE server (
    document TEXT, key TEXT, confirmed INT, copies INT, row BLOB, seen INT,
    PRIMARY KEY (document, key)
);
"""


class Refused(NamedTuple):
    """A row that is no decision of ours, or one too many, and why."""

    row: LinkRow
    reason: str


class LinkStore:
    """The rows of a full export, and which of them the confirmed export has."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self.rows = 0

    def load(self, files: Iterable[ExportFile]) -> Iterator[Refused]:
        """The store holds this full export of a shared project, and nothing else."""
        self._db.execute("DELETE FROM server")
        self.rows = 0
        for row, stored in read_decisions(files):
            self.rows += 1
            if isinstance(stored, str):
                yield Refused(row, stored)
                continue
            known = self._db.execute(
                "UPDATE server SET copies = copies + 1 WHERE document = ? AND key = ?",
                (stored.document, stored.key),
            )
            if known.rowcount:
                yield Refused(row, "the project has this decision twice; its first example counts")
                continue
            self._db.execute(
                "INSERT INTO server VALUES (?, ?, 0, 1, ?, 0)",
                (stored.document, stored.key, msgspec.json.encode(stored)),
            )

    def load_confirmed(self, files: Iterable[ExportFile]) -> int:
        """What this confirmed export lists counts as confirmed, and as it stands there.

        Doccano reads the keys of what is confirmed, and then what is confirmed: a decision that
        is confirmed in between is listed there without its key and comments. One without a key
        counts only where the full export has none either, and as it stands there: how many do not.
        """
        torn = 0
        for _, stored in read_decisions(files):
            if not isinstance(stored, Stored):
                continue
            where = (stored.document, stored.key)
            query = "SELECT row FROM server WHERE document = ? AND key = ?"
            found = self._db.execute(query, where).fetchone()
            if found is None:
                continue
            known = msgspec.json.decode(found[0], type=Stored)
            if known.chosen and not stored.chosen:
                torn += 1
                continue
            row = msgspec.json.encode(stored) if stored.chosen else found[0]
            self._db.execute(
                "UPDATE server SET confirmed = 1, row = ? WHERE document = ? AND key = ?",
                (row, *where),
            )
        return torn

    def decisions(self, document: str) -> list[tuple[Stored, int]]:
        """The document's decisions in the order of the page, each with how often it is there."""
        found = self._db.execute(
            "SELECT row, copies, confirmed FROM server WHERE document = ? ORDER BY rowid",
            (document,),
        ).fetchall()
        self._db.execute("UPDATE server SET seen = 1 WHERE document = ?", (document,))
        decode = msgspec.json.decode
        return [
            (msgspec.structs.replace(decode(row, type=Stored), confirmed=bool(confirmed)), copies)
            for row, copies, confirmed in found
        ]

    def all(self) -> Iterator[Stored]:
        """Every decision, in the order of the page."""
        for row, confirmed in self._db.execute("SELECT row, confirmed FROM server ORDER BY rowid"):
            stored = msgspec.json.decode(row, type=Stored)
            yield msgspec.structs.replace(stored, confirmed=bool(confirmed))

    def unseen(self) -> Iterator[str]:
        """The documents that nobody asked for, in the order of the page."""
        query = "SELECT document FROM server WHERE seen = 0 GROUP BY document ORDER BY MIN(rowid)"
        yield from (document for (document,) in self._db.execute(query).fetchall())

    def close(self) -> None:
        """Nothing is left open."""
        self._db.close()


def read_decisions(files: Iterable[ExportFile]) -> Iterator[tuple[LinkRow, Stored | str]]:
    """Each row of the export with the decision that it is, or why it is none."""
    for file in files:
        with file.path.open("rb") as source:
            for number, line in enumerate(source, 1):
                if not line.isspace():
                    row = decode_link_row(line, f"export of {file.author}:{number}")
                    yield row, read_stored(row)
