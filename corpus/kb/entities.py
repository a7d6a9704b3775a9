"""The SQLite side of a knowledge base while it is built: entities, aliases, sources.

source(number, path, sha256)
entity(number, id, label, type, description, count, source, place)   number from 0, dense
alias(entity, alias, lang, count, source)                            as the source spelt it
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from corpus.kb.sources import Alias, Bad, Record, problem_of_alias
from corpus.manifest import mark_file
from corpus.model import Change

_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
PRAGMA cache_size=-65536;
CREATE TABLE source(number INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE entity(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, label TEXT NOT NULL, type TEXT NOT NULL,
  description TEXT NOT NULL, count INTEGER NOT NULL, source INTEGER NOT NULL, place TEXT NOT NULL
);
CREATE TABLE alias(
  entity INTEGER NOT NULL, alias TEXT NOT NULL, lang TEXT NOT NULL, count INTEGER NOT NULL,
  source INTEGER NOT NULL, PRIMARY KEY(entity, alias, lang)
) WITHOUT ROWID;
"""
_ADD_ALIAS = """
INSERT INTO alias VALUES (?, ?, ?, ?, ?)
ON CONFLICT(entity, alias, lang) DO UPDATE SET count = count + excluded.count
"""


class Tally(Struct):
    """Records or aliases: taken as new, joined to ones there were, or rejected."""

    received: int = 0
    kept: int = 0
    joined: int = 0
    rejected: int = 0


class _Known(Struct):
    number: int
    label: str
    type: str
    description: str
    count: int
    source: int
    place: str


class EntityTable:
    """A new database that takes records; `record` hears what is rejected or overruled."""

    def __init__(self, path: Path, record: Callable[[Change], None]) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(_SCHEMA)
        self.database.execute("BEGIN")
        self.records, self.aliases = Tally(), Tally()
        self.sources: list[tuple[str, str]] = []
        self._record = record
        self._last: tuple[str, _Known] | None = None

    def start(self, source: str | Path) -> None:
        """From here on records come from this file."""
        mark = mark_file(source)
        self.sources.append((mark.path, mark.sha256))
        self.database.execute(
            "INSERT INTO source VALUES (?, ?, ?)", (len(self.sources), mark.path, mark.sha256)
        )

    def take(self, item: Record | Bad, *, default_type: str) -> None:
        """Store a record, or list what is wrong with it."""
        self.records.received += 1
        if isinstance(item, Bad):
            self._reject_record(item)
            return
        known = self._find(item.id)
        if known is None:
            known = self._insert(item, default_type)
            self.records.kept += 1
        else:
            clash = _clash(known, item)
            if clash and known.source == len(self.sources):
                reason = f"a second entity has this id: {clash}, first at {known.place}"
                self._reject_record(Bad(item.where, item.id, reason), len(item.aliases))
                return
            if clash:
                self._say("repaired", item.id, item.where, f"joined to {known.place}: {clash} left")
            self._fill_gaps(known, item)
            self.records.joined += 1
        for alias in item.aliases:
            self._add_alias(known.number, item, alias)

    def finish(self) -> None:
        """Commit; give an entity without a label its first alias, else its id, for a label."""
        self.database.execute(
            "UPDATE entity SET label = coalesce((SELECT alias FROM alias "
            "WHERE entity = number ORDER BY count DESC, alias LIMIT 1), id) WHERE label = ''"
        )
        self.database.execute("COMMIT")

    def close(self) -> None:
        """Close the database; what was not committed is lost."""
        self.database.close()

    def types(self) -> dict[str, int]:
        """How many entities there are of each type."""
        rows = self.database.execute("SELECT type, count(*) FROM entity GROUP BY type ORDER BY 1")
        return dict(rows.fetchall())

    def _find(self, id: str) -> _Known | None:
        if self._last is not None and self._last[0] == id:
            return self._last[1]
        row = self.database.execute(
            "SELECT number, label, type, description, count, source, place FROM entity "
            "WHERE id = ?",
            (id,),
        ).fetchone()
        if row is None:
            return None
        self._last = (id, _Known(*row))
        return self._last[1]

    def _insert(self, item: Record, default_type: str) -> _Known:
        known = _Known(
            number=self.records.kept,
            label=item.label,
            type=item.type or default_type,
            description=item.description,
            count=item.count,
            source=len(self.sources),
            place=item.where,
        )
        self.database.execute(
            "INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                known.number,
                item.id,
                known.label,
                known.type,
                known.description,
                known.count,
                known.source,
                known.place,
            ),
        )
        self._last = (item.id, known)
        return known

    def _fill_gaps(self, known: _Known, item: Record) -> None:
        """What the first record left empty comes from a later one; counts add up."""
        if not (item.label or item.type or item.description or item.count):
            return
        known.label = known.label or item.label
        known.type = known.type or item.type
        known.description = known.description or item.description
        known.count += item.count
        self.database.execute(
            "UPDATE entity SET label = ?, type = ?, description = ?, count = ? WHERE number = ?",
            (known.label, known.type, known.description, known.count, known.number),
        )

    def _add_alias(self, number: int, item: Record, alias: Alias) -> None:
        self.aliases.received += 1
        problem = problem_of_alias(alias.text)
        if problem:
            self.aliases.rejected += 1
            self._say("rejected", item.id, item.where, problem)
            return
        before = self.database.total_changes
        row = (number, alias.text, alias.lang, alias.count, len(self.sources))
        cursor = self.database.execute("INSERT OR IGNORE INTO alias VALUES (?, ?, ?, ?, ?)", row)
        if self.database.total_changes > before:
            self.aliases.kept += 1
            return
        cursor.execute(_ADD_ALIAS, row)
        self.aliases.joined += 1

    def _reject_record(self, bad: Bad, aliases: int = 0) -> None:
        self.records.rejected += 1
        self.aliases.received += aliases
        self.aliases.rejected += aliases
        self._say("rejected", bad.id, bad.where, bad.reason)

    def _say(self, kind: str, id: str, where: str, reason: str) -> None:
        self._record(Change(kind=kind, document=id, where=where, reason=reason))  # type: ignore[arg-type]  # one of the two


def _clash(known: _Known, item: Record) -> str:
    """What an equal id says differently, or nothing."""
    for name in ("label", "type", "description"):
        old, new = getattr(known, name), getattr(item, name)
        if old and new and old != new:
            return f"{name} {new!r} is not {old!r}"
    return ""
