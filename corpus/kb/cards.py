"""What ranking asks of an entity, a line of JSON each: read in place, with no question to SQLite.

    cards.jsonl    [[number, id, label, type, description, count], {word: entities, ...}]
    cards.u64      number -> where its line begins, one more than there are entities

The words are those of its label, type and description that tell it from others, each with the
number of entities that have it too: a word that all share says nothing.
"""

from __future__ import annotations

import re
import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import lru_cache
from math import log
from pathlib import Path

import msgspec
from msgspec import Struct

from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import Folding
from corpus.kb.layout import CARD_STARTS, CARDS

_WORD = re.compile(r"\w+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_APART = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
_SHORTEST = 4  # letters: shorter words say little about an entity
_HELD = 300_000  # words counted in memory, some 30 MB

_SCHEMA = "CREATE TABLE term(word TEXT PRIMARY KEY, entities INTEGER NOT NULL) WITHOUT ROWID"
_ADD = """
INSERT INTO term VALUES (?, ?)
ON CONFLICT(word) DO UPDATE SET entities = entities + excluded.entities
"""


class Entity(Struct, frozen=True, array_like=True):
    """An entry of the knowledge base; number is its place in it, from 0."""

    number: int
    id: str
    label: str
    type: str
    description: str
    count: int


Card = tuple[Entity, dict[str, int]]
"""An entity with its telling words, and how many entities have each of them."""

decode_card: Callable[[memoryview], Card] = msgspec.json.Decoder(Card).decode
"""The card of a line. Raises msgspec.MsgspecError, a ValueError, if it is none."""


def words_of(text: str) -> frozenset[str]:
    r"""The words of a text, as `\w+` finds them, in little more than half of its time."""
    if not text.isascii():
        for char in set(_NOT_ASCII.findall(text)):
            if not char.isalnum():
                text = text.replace(char, " ")
        if not text.isascii():
            return frozenset(_WORD.findall(text))
    return frozenset(text.translate(_APART).split())


def terms_of(entity: Entity, folding: Folding) -> frozenset[str]:
    """The words of four or more letters of an entity that are no function words, folded."""
    said = folding.fold(f"{entity.label} {entity.type} {entity.description}").key
    words = _WORD.findall(said)
    return frozenset([word for word in words if len(word) >= _SHORTEST]) - COMMON_WORDS


def rarity_of(count: int, entities: int) -> float:
    """1 for a word that one of the entities has, 0 for one that all have."""
    return 1 - log(count) / log(entities) if entities > 1 else 1.0


def write_cards(database: sqlite3.Connection, folder: Path, folding: Folding) -> None:
    """Write a card for each entity of the database, in the order of their numbers."""
    # A database without a name is a file on disk that goes when it is closed.
    with closing(sqlite3.connect("", isolation_level=None)) as counts:
        _count_terms(database, counts, folding)

        @lru_cache(_HELD)
        def shared(word: str) -> int:
            asked = counts.execute("SELECT entities FROM term WHERE word = ?", (word,))
            return int(asked.fetchone()[0])

        starts = array("Q", [0])
        with (folder / CARDS).open("wb") as sink:
            for entity in _entities(database):
                card = (entity, {word: shared(word) for word in sorted(terms_of(entity, folding))})
                starts.append(starts[-1] + sink.write(msgspec.json.encode(card) + b"\n"))
        with (folder / CARD_STARTS).open("wb") as sink:
            starts.tofile(sink)


def _entities(database: sqlite3.Connection) -> Iterator[Entity]:
    for row in database.execute(
        "SELECT number, id, label, type, description, count FROM entity ORDER BY number"
    ):
        yield Entity(*row)


def _count_terms(
    database: sqlite3.Connection, counts: sqlite3.Connection, folding: Folding
) -> None:
    """Count in how many entities' labels, types and descriptions each word stands."""
    counts.execute(_SCHEMA)
    counts.execute("BEGIN")
    found: Counter[str] = Counter()
    for entity in _entities(database):
        found.update(terms_of(entity, folding))
        if len(found) > _HELD:
            counts.executemany(_ADD, sorted(found.items()))
            found.clear()
    counts.executemany(_ADD, sorted(found.items()))
    counts.execute("COMMIT")
