"""Sources -> the folder of a knowledge base, in memory that does not grow with them.

Entities and aliases go to SQLite as they come; keys are sorted there too, out of memory, and
leave as a trie and two arrays. Only the trie's own building holds all keys at once.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import groupby
from pathlib import Path

import marisa_trie
import msgspec
from msgspec import Struct

from corpus.errors import KBError
from corpus.files import atomic_folder
from corpus.kb.cards import write_cards
from corpus.kb.entities import EntityTable, Tally
from corpus.kb.folding import Folding
from corpus.kb.keys import keys_of
from corpus.kb.layout import (
    ENTITIES,
    INFO,
    KEYS,
    OFFSETS,
    POSTINGS,
    KBInfo,
    Posting,
    Source,
)
from corpus.kb.rules import LOWER, RULES, SILENT
from corpus.kb.sources import Item, read_source
from corpus.model import Change

_MOST = (1 << 32) - 1
_BLOCK = 1 << 20  # numbers, or keys, at once
_FIRST_WORD = re.compile(r"^\w+")
_ODD_START = re.compile(r"^\W.?", re.DOTALL)

_STAGING = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
PRAGMA temp_store=FILE;
CREATE TABLE staged(key TEXT NOT NULL, entity INTEGER NOT NULL, weight INTEGER, flags INTEGER);
CREATE TABLE sorted(key TEXT NOT NULL, entity INTEGER NOT NULL, weight INTEGER, flags INTEGER);
"""


class Built(Struct, frozen=True):
    """A build: the knowledge base, and what became of its sources' records, aliases, redirects.

    Of each: received = kept + joined + rejected, and kept are those now in the folder.
    `left_out` counts redirects that lead to no entity of it, by reason.
    """

    info: KBInfo
    records: Tally
    aliases: Tally
    redirects: Tally
    left_out: dict[str, int]


def build_kb(
    sources: Iterable[str | Path],
    output: str | Path,
    *,
    name: str = "",
    version: str = "",
    type: str = "",
    rules: Collection[str] = tuple(RULES),
    record: Callable[[Change], None] = lambda change: None,
    read: Callable[[str | Path], Iterable[Item]] = read_source,
    left_out: Mapping[str, int] | None = None,
) -> Built:
    """A knowledge base at `output`, whole or not at all; `record` hears of repairs and rejects.

    `type` is that of entities whose source names none. The first source to name an entity
    gives its label, type and description; all give aliases and counts. Raises KBError if no
    entity is left, with what `read` has counted in `left_out` by then.
    """
    target = Path(output)
    with atomic_folder(target, "a knowledge base") as folder:
        with closing(EntityTable(folder / ENTITIES, record)) as table:
            for source in sources:
                table.start(source)
                for item in read(source):
                    table.take(item, default_type=type)
            table.finish()
            if not table.records.kept:
                raise _no_entity(left_out or {})
            write_cards(table.database, folder, Folding(rules))
            keys = _write_keys(table.database, folder, rules)
            info = KBInfo(
                name=name or target.name.removesuffix(".kb"),
                version=version,
                hash=_content_hash(table.database, rules),
                rules=tuple(rules),
                entities=table.records.kept,
                aliases=table.aliases.kept,
                keys=keys.keys,
                postings=keys.postings,
                longest=keys.longest,
                types=table.types(),
                odd_starts=keys.odd_starts,
                lower_starts=keys.lower_starts,
                sources=tuple(Source(path, sha256) for path, sha256 in table.sources),
            )
        text = msgspec.json.format(msgspec.json.encode(info, order="deterministic"), indent=2)
        (folder / INFO).write_bytes(text + b"\n")
    return Built(info, table.records, table.aliases, table.redirects, dict(table.left_out))


def _no_entity(left_out: Mapping[str, int]) -> KBError:
    """Nothing was there, or the filters took it all; then which, and how much each."""
    if not left_out:
        return KBError("the sources hold no entity", "give one that does")
    counts = ", ".join(f"{reason}: {number:,}" for reason, number in sorted(left_out.items()))
    return KBError(
        f"all entities of the sources were left out ({counts})",
        "look at --class, --lang and --min-sitelinks; several languages are --lang en --lang uk",
    )


class _Keys(Struct):
    """What the keys of a knowledge base have in common."""

    keys: int = 0
    postings: int = 0
    longest: int = 0
    odd_starts: tuple[str, ...] = ()
    lower_starts: tuple[str, ...] = ()


def _write_keys(database: sqlite3.Connection, folder: Path, rules: Collection[str]) -> _Keys:
    path = folder / "staging.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as staging:
        staging.executescript(_STAGING)
        staging.execute("BEGIN")
        staging.executemany(
            "INSERT INTO staged VALUES (?, ?, ?, ?)", _keys_of_aliases(database, Folding(rules))
        )
        staging.execute("INSERT INTO sorted SELECT * FROM staged ORDER BY key, entity")
        staging.execute("DELETE FROM staged")
        staging.execute("COMMIT")
        keys = staging.execute("SELECT key FROM sorted ORDER BY rowid")
        trie = marisa_trie.Trie(key for key, _ in groupby(key for (key,) in keys))
        if not len(trie):
            raise KBError("the sources hold no alias", "give the entities labels or aliases")
        trie.save(str(folder / KEYS))
        found = _write_postings(staging, trie, folder)
    path.unlink()
    return found


def _keys_of_aliases(
    database: sqlite3.Connection, folding: Folding
) -> Iterator[tuple[str, int, int, int]]:
    rows = database.execute(
        # How often this alias meant the entity; else, below 0, how often the entity is meant.
        "SELECT alias.entity, alias, iif(sum(alias.count), sum(alias.count), "
        "-max(entity.count, 1)), max(lang), type FROM alias JOIN entity ON number = alias.entity "
        "GROUP BY alias.entity, alias"
    )
    for entity, alias, count, lang, type in rows:
        for key, flags in keys_of(alias, lang, type, folding):
            yield key, entity, count, flags


def _write_postings(staging: sqlite3.Connection, trie: marisa_trie.Trie, folder: Path) -> _Keys:
    """Postings in the order of their keys' letters, then in that of the trie's numbers."""
    found = _Keys(keys=len(trie))
    firsts, sizes = array("Q", bytes(8 * len(trie))), array("I", bytes(4 * len(trie)))
    odd, lower = set(), set()
    lettered = folder / "lettered.u32"
    with lettered.open("wb") as sink:
        flat = array("I")
        for key, postings in _grouped(staging):
            number = trie[key]
            firsts[number], sizes[number] = found.postings, len(postings)
            found.postings += len(postings)
            found.longest = max(found.longest, len(key))
            if not key[0].isalnum():
                odd.update(_ODD_START.findall(key))
            for posting in postings:
                flat.extend(posting)
                if posting.flags & LOWER and not posting.flags & SILENT:
                    lower.update(_FIRST_WORD.findall(key))
            if len(flat) > _BLOCK:
                flat.tofile(sink)
                del flat[:]
        flat.tofile(sink)
    found.odd_starts, found.lower_starts = tuple(sorted(odd)), tuple(sorted(lower))
    _number(lettered, firsts, sizes, folder)
    lettered.unlink()
    return found


def _number(lettered: Path, firsts: array[int], sizes: array[int], folder: Path) -> None:
    """Write offsets, and the postings of each key where its number says."""
    import numpy as np

    first = np.frombuffer(firsts, np.uint64).astype(np.int64)
    size = np.frombuffer(sizes, np.uint32).astype(np.int64)
    offsets = np.zeros(len(size) + 1, np.uint64)
    np.cumsum(size, out=offsets[1:])
    offsets.tofile(folder / OFFSETS)
    postings = np.memmap(lettered, np.uint32, "r").reshape(-1, len(Posting._fields))
    with (folder / POSTINGS).open("wb") as sink:
        for at in range(0, len(size), _BLOCK):
            here = slice(at, at + _BLOCK)
            # Each row's place: where its key's rows begin, and how far into them it is.
            ends = np.cumsum(size[here])
            steps = np.arange(ends[-1]) - np.repeat(ends - size[here], size[here])
            postings[np.repeat(first[here], size[here]) + steps].tofile(sink)


def _grouped(staging: sqlite3.Connection) -> Iterator[tuple[str, list[Posting]]]:
    """Keys with their postings, by descending weight, then entity; one posting an entity."""
    rows = staging.execute("SELECT key, entity, weight, flags FROM sorted ORDER BY rowid")
    at = ""
    group: list[tuple[int, int, int]] = []
    for key, entity, weight, flags in rows:
        if key != at:
            if group:
                yield at, _merged(group)
            at, group = key, []
        group.append((entity, weight, flags))
    if group:
        yield at, _merged(group)


def _merged(group: list[tuple[int, int, int]]) -> list[Posting]:
    """One posting an entity, with the highest count and all flags of its aliases of that key.

    Only where none of them was counted, the count is how often the entity is meant.
    """
    if len(group) == 1:
        entity, weight, flags = group[0]
        return [Posting(entity, min(abs(weight), _MOST), flags)]
    merged: dict[int, tuple[int, int]] = {}
    for entity, weight, flags in group:
        if entity in merged:
            old_weight, old_flags = merged[entity]
            weight, flags = _surer(weight, old_weight), _joined_flags(flags, old_flags)
        merged[entity] = weight, flags
    found = [
        Posting(entity, min(abs(weight), _MOST), flags)
        for entity, (weight, flags) in merged.items()
    ]
    return sorted(found, key=lambda posting: (-posting.weight, posting.entity))


def _surer(one: int, other: int) -> int:
    """The weight to keep: a count of the alias before one of the entity, the higher of two."""
    return max(one, other) if one > 0 or other > 0 else min(one, other)


def _joined_flags(one: int, other: int) -> int:
    """The shapes of both; a silent alias lends its shape only to another silent one."""
    if (one ^ other) & SILENT:
        return other if one & SILENT else one
    return one | other


def _content_hash(database: sqlite3.Connection, rules: Collection[str]) -> str:
    """16 hexadecimal digits of what the knowledge base says, whatever the order of its sources."""
    digest = hashlib.sha256(repr(tuple(rules)).encode())
    for query in (
        "SELECT id, label, type, description, count FROM entity ORDER BY id",
        "SELECT id, alias, lang, alias.count FROM alias JOIN entity ON number = entity "
        "ORDER BY id, alias, lang",
        "SELECT id, target FROM redirect ORDER BY id",
    ):
        for row in database.execute(query):
            digest.update(repr(row).encode())
    return digest.hexdigest()[:16]
