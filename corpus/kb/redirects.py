"""Where the ids of an older knowledge base lead in a newer one."""

from __future__ import annotations

import sqlite3
import weakref
from pathlib import Path

from corpus.errors import KBError
from corpus.kb.anchors import read_redirects
from corpus.kb.knowledge_base import KB
from corpus.kb.records import Bad, Selection

_STEPS = 100


class Redirects:
    """A table of redirects, kept on disk, before those of the newer knowledge base itself."""

    def __init__(self, new: KB, table: str | Path | None = None) -> None:
        """Raises KBError for a row that is none, or an id that leads to two."""
        self.new = new
        self._database = sqlite3.connect("", isolation_level=None)
        weakref.finalize(self, self._database.close)  # also of one that is refused
        self._database.execute("CREATE TABLE redirect(id TEXT PRIMARY KEY, target TEXT)")
        self._database.execute("BEGIN")
        for item in read_redirects(table, Selection()) if table else ():
            if isinstance(item, Bad):
                raise KBError(f"{item.where}: {item.reason}", "mend that line: old TAB new")
            before = self._step(item.id)
            if before not in (None, item.target):
                raise KBError(
                    f"{item.where}: {item.id} leads to {item.target}, and to {before} before",
                    "keep one of the two",
                )
            self._database.execute(
                "INSERT OR IGNORE INTO redirect VALUES (?, ?)", (item.id, item.target)
            )

    def target_of(self, kb_id: str) -> str | None:
        """The entity of the newer knowledge base that an id means now, or None.

        Raises KBError if the table goes in a circle.
        """
        at = kb_id
        for _ in range(_STEPS):
            step = self._step(at)
            if step is None or step == at:
                return self.new.target_of(at)
            at = step
        raise KBError(f"the redirects of {kb_id} go in a circle", "mend the table of redirects")

    def _step(self, kb_id: str) -> str | None:
        row = self._database.execute(
            "SELECT target FROM redirect WHERE id = ?", (kb_id,)
        ).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Remove the table."""
        self._database.close()
