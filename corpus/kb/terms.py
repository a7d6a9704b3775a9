"""How rare a word is among a knowledge base's entities: words that all share say nothing.

term(word, entities)    in entities.sqlite; words of one entity alone are left out
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter

from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import Folding

WORD = re.compile(r"\w+")
_SHORTEST = 4  # letters: shorter words say little about an entity
_HELD = 300_000  # words counted in memory, some 30 MB

_SCHEMA = "CREATE TABLE term(word TEXT PRIMARY KEY, entities INTEGER NOT NULL) WITHOUT ROWID"
_ADD = """
INSERT INTO term VALUES (?, ?)
ON CONFLICT(word) DO UPDATE SET entities = entities + excluded.entities
"""


def terms_of(text: str, folding: Folding) -> frozenset[str]:
    """The words of four or more letters of a text that are no function words, folded."""
    words = WORD.findall(folding.fold(text).key)
    return frozenset(word for word in words if len(word) >= _SHORTEST) - COMMON_WORDS


def write_terms(database: sqlite3.Connection, folding: Folding) -> None:
    """Count in how many entities' labels, types and descriptions each word stands."""
    database.execute(_SCHEMA)
    database.execute("BEGIN")
    counts: Counter[str] = Counter()
    rows = database.execute("SELECT label || ' ' || type || ' ' || description FROM entity")
    for (text,) in rows:
        counts.update(terms_of(text, folding))
        if len(counts) > _HELD:
            database.executemany(_ADD, sorted(counts.items()))
            counts.clear()
    database.executemany(_ADD, sorted(counts.items()))
    database.execute("DELETE FROM term WHERE entities < 2")
    database.execute("COMMIT")
