"""A knowledge base opened for reading: keys and postings in place, entities on demand."""

from __future__ import annotations

import logging
import mmap
import re
import sqlite3
import weakref
from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import marisa_trie

from corpus.errors import KBError
from corpus.kb.cards import Card, Entity, decode_line, rarity_of, words_of
from corpus.kb.folding import Folding
from corpus.kb.layout import (
    CARD_STARTS,
    CARDS,
    ENTITIES,
    KEYS,
    OFFSETS,
    POSTINGS,
    Posting,
    read_info,
)
from corpus.kb.pieces import Openings, Pieces
from corpus.kb.rules import fires
from corpus.kb.sources import Alias

_log = logging.getLogger(__name__)

_FIELDS = len(Posting._fields)
_POSSESSIVE = re.compile("(?:['’][sS]|(?<=[sS])['’])$")
_KEPT = 30_000  # entities in memory at most, a kilobyte each with their words


class KB:
    """An open knowledge base. Not for use in another process than the one that opened it."""

    def __init__(self, path: str | Path, without: Collection[str] = ()) -> None:
        """`without` are document rules that are not to be used, though it was built with them.

        Raises UsageError if there is none at that path, KBError if it is broken.
        """
        self.path = Path(path)
        self.info = read_info(self.path)
        self.rules = frozenset(self.info.rules).difference(without)
        self.folding = Folding(self.info.rules)
        self.lower_starts = frozenset(self.info.lower_starts)
        self.odd_starts = frozenset(self.info.odd_starts)
        self.odd_chars = frozenset(start[0] for start in self.odd_starts)
        self.possessive = "possessive" in self.info.rules
        self.trie = marisa_trie.Trie()
        try:
            self.trie.mmap(str(self.path / KEYS))
            self._offsets = _map(self.path / OFFSETS).cast("Q")
            self._postings = _map(self.path / POSTINGS).cast("I")
            self._cards = _map(self.path / CARDS)
            self._card_starts = _map(self.path / CARD_STARTS).cast("Q")
            self._database = _open_database(self.path / ENTITIES)
            weakref.finalize(self, self._database.close)  # also of one that is found to be broken
        except (OSError, RuntimeError, ValueError, sqlite3.Error) as error:
            raise self._broken(str(error)) from error
        sizes = (len(self.trie), len(self._offsets), len(self._postings), len(self._card_starts))
        keys, entities = self.info.keys, self.info.entities
        whole = len(self._cards) == self._card_starts[-1]
        if sizes != (keys, keys + 1, self.info.postings * _FIELDS, entities + 1) or not whole:
            raise self._broken("its files are not of one build")
        _log.info("uses %s: %s entities, hash %s", path, f"{entities:,}", self.info.hash)
        self._rarity = lru_cache(_KEPT)(partial(rarity_of, entities=self.info.entities))
        self.card = lru_cache(_KEPT)(self._read_card)
        self.entity = lru_cache(_KEPT)(self._read_entity)
        self.known = lru_cache(_KEPT)(self._read_known)
        self.key_of_name = lru_cache(_KEPT)(self.folding.key_of)
        self.words_of_name = lru_cache(_KEPT)(self._read_words_of_name)
        self.meanings = lru_cache(_KEPT)(self._read_meanings)
        self.pieces = Pieces(self)
        self.openings = Openings(self)

    def postings(self, key: int) -> list[Posting]:
        """What the key of that number may mean, by descending weight."""
        first, last = self._offsets[key], self._offsets[key + 1]
        flat = iter(self._postings[first * _FIELDS : last * _FIELDS].tolist())
        return list(map(Posting._make, zip(*[flat] * _FIELDS, strict=True)))

    def lookup(self, surface: str) -> list[Posting]:
        """What a surface form may mean, whether or not a text's may be taken for it.

        Of a surface that is no alias itself, a final 's, a leading The and what follows a comma
        may be left out.
        """
        key = self.folding.key_of(surface)
        for spelling in self._bare(key):
            number = self.trie.get(spelling)
            if number is not None:
                return self.postings(number)
        return []

    def _bare(self, key: str) -> Iterator[str]:
        yield key
        if "article" in self.rules and key[:4].lower() == "the ":
            key = key[4:]
            yield key
        if self.possessive:
            owner = _POSSESSIVE.sub("", key)
            if owner != key:
                key = owner
                yield key
        name, comma, _ = key.partition(", ")
        if comma and "qualifier" in self.rules:
            yield name

    def find(self, kb_id: str) -> Entity | None:
        """The entity of that id, or None."""
        row = next(self._ask("SELECT * FROM entity WHERE id = ?", kb_id), None)
        return None if row is None else Entity(*row[:6])

    def entities(self) -> Iterator[Entity]:
        """All entities in the order of their ids."""
        for row in self._ask("SELECT * FROM entity ORDER BY id"):
            yield Entity(*row[:6])

    def alias_texts(self) -> Iterator[str]:
        """All aliases as the sources spelt them, each once, in the order of their letters."""
        for (alias,) in self._ask("SELECT DISTINCT alias FROM alias ORDER BY alias"):
            yield alias

    def target_of(self, kb_id: str) -> str | None:
        """The id of the entity that an id means: itself, or where its redirect leads; or None."""
        rows = self._ask(
            "SELECT id FROM entity WHERE id = ? UNION ALL SELECT target FROM redirect WHERE id = ?",
            kb_id,
            kb_id,
        )
        return next((str(target) for (target,) in rows), None)

    def aliases(self, entity: int) -> Iterator[Alias]:
        """The entity's aliases as its sources spelt them, in the order of their letters."""
        for row in self._ask(
            "SELECT alias, lang, count FROM alias WHERE entity = ? ORDER BY alias, lang", entity
        ):
            yield Alias(*row)

    def _ask(self, question: str, *values: str | int) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._database.execute(question, values)
        except sqlite3.Error as error:
            raise self._broken(f"{ENTITIES}: {error}") from error

    def words(self, text: str) -> frozenset[str]:
        """The words of a text, folded."""
        return words_of(self.folding.fold(text).key)

    def _read_meanings(self, key: int, surface: str) -> tuple[Posting, ...]:
        """What the key of that number may mean where a text spells it so."""
        flags = fires(surface)
        return tuple(posting for posting in self.postings(key) if posting.flags in flags)

    def _read_card(self, number: int) -> Card:
        try:
            first, last = self._card_starts[number], self._card_starts[number + 1]
            line = decode_line(self._cards[first:last])
        except (IndexError, ValueError) as error:
            raise self._broken(f"entity number {number} is missing") from error
        rarity = self._rarity
        return Card(
            line.entity, line.key, {word: rarity(count) for word, count in line.terms.items()}
        )

    def _read_entity(self, number: int) -> Entity:
        return self.card(number).entity

    def _read_words_of_name(self, name: str) -> frozenset[str]:
        return words_of(self.key_of_name(name))

    def _read_known(self, key: str) -> frozenset[int]:
        """The entities that a key may mean."""
        number = self.trie.get(key)
        return frozenset(
            () if number is None else (posting.entity for posting in self.postings(number))
        )

    def _broken(self, reason: str) -> KBError:
        return KBError(f"{self.path}: {reason}", "build it again: corpus kb build")


def _map(path: Path) -> memoryview:
    with path.open("rb") as source:
        return memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))


def _open_database(path: Path) -> sqlite3.Connection:
    # immutable: no lock and no journal, for the file never changes under its name.
    where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    # Used by one thread at a time, which need not be the one that opens or closes it.
    return sqlite3.connect(where, uri=True, check_same_thread=False)
