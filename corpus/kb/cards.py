"""What ranking asks of an entity, a line of JSON each: read in place, with no question to SQLite.

    cards.jsonl    [[number, id, label, type, description, count], key, {word: entities, ...}]
    cards.u64      number -> where its line begins, one more than there are entities

The key is the folded label. The words are those of label, type and description that tell it from
others, each with the number of entities that have it: a word that all share says nothing.
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
from typing import NamedTuple

import msgspec
from msgspec import Struct

from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import Folding
from corpus.kb.layout import CARD_STARTS, CARDS

_WORD = re.compile(r"\w+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_APART = bytes(
    code if code >= 128 or chr(code).isalnum() or chr(code) == "_" else 32 for code in range(256)
)
_SHORTEST = 4  # letters: shorter words say little about an entity
_HELD = 300_000  # words counted in memory, some 30 MB
_KEPT = 50_000  # words whose count is remembered

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


class Line(Struct, frozen=True, array_like=True):
    """A card as it is written: its words with the numbers of entities that have them."""

    entity: Entity
    key: str
    terms: dict[str, int]


class Card(NamedTuple):
    """An entity, its folded label, and its telling words with their rarity from 0 to 1."""

    entity: Entity
    key: str
    terms: dict[str, float]


decode_line: Callable[[memoryview], Line] = msgspec.json.Decoder(Line).decode
"""What a line says. Raises msgspec.MsgspecError, a ValueError, if it is none."""


def words_of(text: str) -> frozenset[str]:
    r"""The words of a text, as `\w+` finds them, in less than half of its time."""
    if not text.isascii():
        for char in set(_NOT_ASCII.findall(text)):
            if not char.isalnum():
                text = text.replace(char, " ")
    # What is ASCII and no word goes through one table of bytes, all else through one split in C.
    apart = text.encode("utf-8", "surrogatepass").translate(_APART)
    return frozenset(apart.decode("utf-8", "surrogatepass").split())


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

        @lru_cache(_KEPT)
        def shared(word: str) -> int:
            asked = counts.execute("SELECT entities FROM term WHERE word = ?", (word,))
            return int(asked.fetchone()[0])

        starts = array("Q", [0])
        with (folder / CARDS).open("wb") as sink:
            for entity in _entities(database):
                terms = {word: shared(word) for word in sorted(terms_of(entity, folding))}
                line = Line(entity, folding.key_of(entity.label), terms)
                starts.append(starts[-1] + sink.write(msgspec.json.encode(line) + b"\n"))
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
