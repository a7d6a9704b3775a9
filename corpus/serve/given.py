"""Which texts have had their suggestions: Doccano asks again at every visit of a page.

Where a project allows overlapping spans, Doccano would store them again each time, and bring
back what the annotator deleted.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from corpus.errors import UsageError


class Given:
    """A file of hashes of (key, text); used by one thread, kept over restarts."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=10)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS given (hash BLOB PRIMARY KEY) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as error:
            raise UsageError(
                f"{path}: cannot be used ({error})", "let CORPUS_HOME name a folder of yours"
            ) from error

    def is_new(self, key: str, text: str) -> bool:
        """Whether this text has not been given under this key."""
        query = "SELECT 1 FROM given WHERE hash = ?"
        return self._file.execute(query, (_digest(key, text),)).fetchone() is None

    def add(self, key: str, text: str) -> None:
        """This text has been given under this key."""
        with self._file:
            self._file.execute("INSERT OR IGNORE INTO given VALUES (?)", (_digest(key, text),))

    def close(self) -> None:
        """Nothing is left open."""
        self._file.close()


def _digest(key: str, text: str) -> bytes:
    return hashlib.sha256(f"{len(key)}\n{key}\n{text}".encode("utf-8", "surrogatepass")).digest()
