"""What gold teaches a knowledge base: entries for what was NIL, aliases that it lacked.

Both are records of a source (docs/kb.md), to be read, mended and given to `kb build` beside the
sources of before.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from corpus.kb.knowledge_base import KB
from corpus.kb.rules import variants_of
from corpus.model import NIL, Document, Mention
from corpus.store import atomic_output, encode_line

_NOT_SLUG = re.compile(r"[\W_]+")
_LONGEST_SLUG = 80

_SEEN = """
CREATE TABLE seen(
  kind TEXT, key TEXT, label TEXT, surface TEXT, document TEXT, mention TEXT, start INT, stop INT,
  UNIQUE(kind, key, label, document, mention, start, stop)
)
"""


class Entry(Struct, frozen=True, omit_defaults=True):
    """A line of a source: a new entity, or more aliases of one that is there."""

    id: str
    label: str = ""
    type: str = ""
    aliases: tuple[str, ...] = ()
    count: int = 0
    counts: dict[str, int] = {}


class Evidence(Struct, frozen=True, omit_defaults=True):
    """Where the mentions of an entry stand; `rivals` are entities that bear its names already."""

    id: str
    kind: Literal["entity", "alias"]
    count: int
    documents: int
    mentions: tuple[dict[str, Any], ...]
    rivals: tuple[str, ...] = ()


class Mined(Struct):
    """What was read: mentions judged NIL, linked, not judged, and of ids that the KB lacks."""

    nil: int = 0
    linked: int = 0
    not_judged: int = 0
    unknown: int = 0


def propose_entries(
    documents: Iterable[Document], kb: KB, mined: Mined, *, layer: str = "gold", least: int = 1
) -> Iterator[tuple[Entry, Evidence]]:
    """Entities for surfaces that were NIL, then aliases, each with what it rests on.

    Surfaces that the rules make equal are one entity if their labels are equal too. The most
    frequent come first. Mentions wait on disk; only those of one entry are held.
    """
    with contextlib.closing(sqlite3.connect("", isolation_level=None)) as database:
        database.execute(_SEEN)
        database.execute("BEGIN")
        for document in documents:
            for part in document.layers:
                if part.name == layer:
                    for mention in part.mentions:
                        _note(database, kb, mined, document, mention)
        taken: set[str] = set()
        for group in _groups(database, "nil", least):
            yield _entity(group, kb, taken)
        for group in _groups(database, "alias", least):
            yield _aliases(group, kb)


def evidence_path(output: str | Path) -> Path:
    """Where the mentions stand that the proposals of an output rest on."""
    path = Path(output)
    return path.with_name(f"{path.name.removesuffix('.jsonl')}.evidence.jsonl")


def write_proposals(
    proposals: Iterable[tuple[Entry, Evidence]], output: str | Path
) -> tuple[int, int]:
    """How many entities and how many entries of aliases are now in the file, with evidence."""
    counts = Counter[str]()
    with atomic_output(evidence_path(output)) as evidence, atomic_output(output) as entries:
        for entry, reason in proposals:
            counts[reason.kind] += 1
            entries.write(encode_line(entry))
            evidence.write(encode_line(reason))
    return counts["entity"], counts["alias"]


def _note(
    database: sqlite3.Connection, kb: KB, mined: Mined, document: Document, mention: Mention
) -> None:
    surface = document.text[mention.start : mention.end]
    if not mention.links:
        mined.not_judged += 1
    for link in mention.links:
        if link.role != "literal":
            continue  # Moscow is no name of Russia
        if link.target == NIL:
            mined.nil += 1
            kind, key, label = "nil", _common_key(kb, surface), mention.label
        else:
            mined.linked += 1
            entity = kb.find(kb.target_of(link.target) or "")
            if entity is None:
                mined.unknown += 1
                continue
            if any(posting.entity == entity.number for posting in kb.lookup(surface)):
                continue
            kind, key, label = "alias", entity.id, ""
        database.execute(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, key, label, surface, document.id, mention.id, mention.start, mention.end),
        )


_Row = tuple[str, str, str, str, str, int, int]


def _groups(database: sqlite3.Connection, kind: str, least: int) -> Iterator[list[_Row]]:
    rows = database.execute(
        "SELECT seen.key, seen.label, surface, document, mention, start, stop FROM seen JOIN "
        "(SELECT key, label, count(*) AS size FROM seen WHERE kind = ? GROUP BY key, label) AS "
        "cluster ON cluster.key = seen.key AND cluster.label = seen.label "
        "WHERE kind = ? AND size >= ? "
        "ORDER BY size DESC, seen.key, seen.label, document, start, stop, mention",
        (kind, kind, least),
    )
    for _, group in groupby(rows, key=lambda row: row[:2]):
        yield list(group)


def _entity(group: list[_Row], kb: KB, taken: set[str]) -> tuple[Entry, Evidence]:
    surfaces = _surfaces(group)
    label = next(iter(surfaces))
    id = _fresh_id(label, kb, taken)
    rivals = sorted({kb.entity(p.entity).id for text in surfaces for p in kb.lookup(text)})
    entry = Entry(id, label, group[0][1], tuple(surfaces), len(group), surfaces)
    return entry, _evidence(id, "entity", group, tuple(rivals))


def _aliases(group: list[_Row], kb: KB) -> tuple[Entry, Evidence]:
    surfaces = _surfaces(group)
    id = group[0][0]
    rivals = sorted({kb.entity(p.entity).id for text in surfaces for p in kb.lookup(text)})
    entry = Entry(id, aliases=tuple(surfaces), counts=surfaces)
    return entry, _evidence(id, "alias", group, tuple(rivals))


def _surfaces(group: list[_Row]) -> dict[str, int]:
    """Each surface with its count, the most frequent first, of equals one not in capitals.

    Line breaks in it are blanks.
    """
    counts = Counter(" ".join(row[2].split()) for row in group)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].isupper(), pair[0])))


def _evidence(
    id: str, kind: Literal["entity", "alias"], group: list[_Row], rivals: tuple[str, ...]
) -> Evidence:
    mentions = tuple(
        {"document": row[3], "mention": row[4], "start": row[5], "end": row[6], "surface": row[2]}
        for row in group
    )
    documents = len({row[3] for row in group})
    return Evidence(id, kind, len(group), documents, mentions, rivals)


def _fresh_id(label: str, kb: KB, taken: set[str]) -> str:
    """`local:` and the label in small letters, with a number where that is taken."""
    slug = _NOT_SLUG.sub("-", label.lower()).strip("-")[:_LONGEST_SLUG] or "unnamed"
    id, number = f"local:{slug}", 1
    while id in taken or kb.target_of(id) is not None:
        number += 1
        id = f"local:{slug}-{number}"
    taken.add(id)
    return id


def _common_key(kb: KB, surface: str) -> str:
    """One key for all the surfaces that the knowledge base's rules make equal."""
    rules = kb.folding.rules
    key = kb.folding.key_of(surface)
    if "article" in rules and key[:4].lower() == "the ":
        key = key[4:]
    if "spelling" in rules:
        key = min(variants_of(key, ("spelling",)))
    if "hyphens" in rules:
        key = key.replace("-", "").replace(" ", "")
    return key
