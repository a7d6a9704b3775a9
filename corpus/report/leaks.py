"""What a later split shares with an earlier one: texts, paragraphs, names, entities."""

from __future__ import annotations

from collections import Counter, defaultdict
from hashlib import blake2b

from msgspec import Struct

from corpus.model import NIL, Document
from corpus.report.figures import best_layer

_LONG = 80  # characters; shorter paragraphs (headlines, datelines) recur without any leak


class Leak(Struct, frozen=True):
    """What the documents of `later` share with those of `earlier`.

    Texts and paragraphs are counted in documents of `later`; surfaces and entities in its
    mentions, NIL and what is not judged aside.
    """

    earlier: str
    later: str
    documents: int
    equal_texts: int
    shared_paragraphs: int
    mentions: int
    seen_surfaces: int
    linked: int
    seen_entities: int


class Leaks:
    """The leaks between splits, whose documents must be added split by split in order."""

    def __init__(self) -> None:
        self._splits: list[str] = []
        self._texts: dict[str, set[bytes]] = defaultdict(set)
        self._paragraphs: dict[str, set[bytes]] = defaultdict(set)
        self._surfaces: dict[str, set[bytes]] = defaultdict(set)
        self._entities: dict[str, set[str]] = defaultdict(set)
        self._counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def add(self, document: Document, split: str) -> None:
        """Compare a document with the splits before its own, and remember it."""
        text = {_key(document.text.strip())}
        paragraphs = {_key(line.strip()) for line in document.text.split("\n") if _is_long(line)}
        mentions = best_layer(document).mentions
        surfaces = [_key(document.text[m.start : m.end]) for m in mentions]
        entities = [link.target for m in mentions for link in m.links if link.target != NIL]
        if split not in self._splits:
            self._splits.append(split)
        for earlier in self._splits[: self._splits.index(split)]:
            self._counts[earlier, split].update(
                documents=1,
                equal_texts=not text.isdisjoint(self._texts[earlier]),
                shared_paragraphs=not paragraphs.isdisjoint(self._paragraphs[earlier]),
                mentions=len(surfaces),
                seen_surfaces=sum(one in self._surfaces[earlier] for one in surfaces),
                linked=len(entities),
                seen_entities=sum(one in self._entities[earlier] for one in entities),
            )
        self._texts[split] |= text
        self._paragraphs[split] |= paragraphs
        self._surfaces[split].update(surfaces)
        self._entities[split].update(entities)

    def table(self) -> list[Leak]:
        """A row for each two splits that have documents."""
        names = Leak.__struct_fields__[2:]
        return [
            Leak(*pair, *(int(counts[name]) for name in names))
            for pair, counts in self._counts.items()
        ]


def _is_long(line: str) -> bool:
    return len(line.strip()) >= _LONG


def _key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=10).digest()
