"""The SQLite side of a knowledge base while it is built: entities, aliases, sources.

source(number, path, sha256)
entity(number, id, label, type, description, count, source, place)   number from 0, dense
alias(entity, alias, lang, count, source)                            as the source spelt it
redirect(id, target)                                                 ids of before, or elsewhere
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from corpus.addresses import shown
from corpus.kb.sources import Alias, Bad, Item, Record, Redirect, file_of, problem_of_alias
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
CREATE TABLE redirect(
  id TEXT PRIMARY KEY, target TEXT NOT NULL, source INTEGER NOT NULL, place TEXT NOT NULL
) WITHOUT ROWID;
"""
_FIND = "SELECT number, label, type, description, count, source, place FROM entity WHERE id = ?"
_FIND_REDIRECTED = _FIND.replace("?", "(SELECT target FROM redirect WHERE redirect.id = ?)")
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
        self.records, self.aliases, self.redirects = Tally(), Tally(), Tally()
        self.left_out: Counter[str] = Counter()
        self.sources: list[tuple[str, str]] = []
        self._record = record
        self._last: tuple[str, _Known] | None = None

    def start(self, source: str | Path) -> None:
        """From here on records come from this file."""
        sha256 = mark_file(file_of(source)).sha256
        self.sources.append((shown(source), sha256))
        self.database.execute(
            "INSERT INTO source VALUES (?, ?, ?)", (len(self.sources), shown(source), sha256)
        )

    def take(self, item: Item, *, default_type: str) -> None:
        """Store a record or a redirect, or list what is wrong with it."""
        if isinstance(item, Redirect):
            self._redirect(item)
            return
        self.records.received += 1
        if isinstance(item, Bad):
            self._reject_record(item)
            return
        known = self._find(item.id)
        if known is None and item.joins:
            bad = Bad(item.where, item.id, "no source before this one names an entity of this id")
            self._reject_record(bad, len(item.aliases))
            return
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
        """Commit; an entity without a label gets its first alias, else its id, for a label."""
        if self.redirects.kept:
            settle_redirects(self)
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
        row = self.database.execute(_FIND, (id,)).fetchone()
        if row is None and self.redirects.kept:
            row = self.database.execute(_FIND_REDIRECTED, (id,)).fetchone()
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

    def _redirect(self, item: Redirect) -> None:
        self.redirects.received += 1
        row = self.database.execute(
            "SELECT target, place FROM redirect WHERE id = ?", (item.id,)
        ).fetchone()
        if row is not None and row[0] == item.target:
            self.redirects.joined += 1
        elif row is not None:
            reason = f"leads to {item.target}, and to {row[0]} at {row[1]}"
            self.reject_redirect(item, reason)
        elif self.database.execute(_FIND, (item.id,)).fetchone() is not None:
            reason = f"is to lead to {item.target}, and is an entity of its own"
            self.reject_redirect(item, reason)
        else:
            self.redirects.kept += 1
            self.database.execute(
                "INSERT INTO redirect VALUES (?, ?, ?, ?)",
                (item.id, item.target, len(self.sources), item.where),
            )

    def reject_redirect(self, item: Redirect, reason: str) -> None:
        """List a redirect that is not taken."""
        self.redirects.rejected += 1
        self._say("rejected", item.id, item.where, reason)

    def _reject_record(self, bad: Bad, aliases: int = 0) -> None:
        self.records.rejected += 1
        self.aliases.received += aliases
        self.aliases.rejected += aliases
        self._say("rejected", bad.id, bad.where, bad.reason)

    def _say(self, kind: Literal["repaired", "rejected"], id: str, where: str, reason: str) -> None:
        self._record(Change(kind=kind, document=id, where=where, reason=reason))


def settle_redirects(table: EntityTable) -> None:
    """Each redirect leads to an entity in one step; one to what is not here is left out."""
    database = table.database
    # Long chains are short in number: Wikidata's bots shorten them.
    for _ in range(20):
        before = database.total_changes
        database.execute(
            "UPDATE redirect SET target = next.target FROM redirect AS next "
            "WHERE redirect.target = next.id AND next.target != redirect.target"
        )
        if database.total_changes == before:
            break
    rows = database.execute(
        "SELECT id, target, place FROM redirect WHERE id IN (SELECT id FROM entity) ORDER BY id"
    ).fetchall()
    for id, target, place in rows:
        database.execute("DELETE FROM redirect WHERE id = ?", (id,))
        table.redirects.kept -= 1
        reason = f"is to lead to {target}, and is an entity of its own"
        table.reject_redirect(Redirect(place, id, target), reason)
    database.execute("DELETE FROM redirect WHERE target NOT IN (SELECT id FROM entity)")
    gone = database.execute("SELECT changes()").fetchone()[0]
    table.redirects.kept -= gone
    table.redirects.received -= gone
    if gone:
        table.left_out["redirects to no entity of this knowledge base"] += gone


def _clash(known: _Known, item: Record) -> str:
    """What an equal id says differently, or nothing."""
    for name in ("label", "type", "description"):
        old, new = getattr(known, name), getattr(item, name)
        if old and new and old != new:
            return f"{name} {new!r} is not {old!r}"
    return ""
