"""Documents as the page holds them: compact JSON, repeated words as numbers into tables.

A document is an object:

    i id, t text, h title, g language, d [[key, value] ...], s split number,
    x [[start, end] ...] where annotators disagree,
    y [{n: layer number, s: state, c: [comment ...], m: [mention ...]} ...]

and a mention an array: start, end, label number, links [[entity, role] ...], candidates
[[entity, prior, score] ...], source, decisions, number of votes; what is empty at its end is
left out. Offsets are UTF-16
units, as JavaScript counts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from corpus.model import NIL, Document, Layer, Link, Mention
from corpus.offsets import Span, to_utf16
from corpus.report.disagreement import disagreements

T = TypeVar("T", bound=Hashable)
Describe = Callable[[str], tuple[str, str]]
"""Label and description of a kb_id; two empty strings if they are not known."""

ROLES = ("literal", "metonymic")
STATES = ("confirmed", "touched", "untouched")
_QID = re.compile("Q[1-9][0-9]*")
_WEB = re.compile(r"https?://[^\s<>\"']+")


class Numbered(Generic[T]):
    """Values numbered from 0 as they come."""

    def __init__(self) -> None:
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """The number of a value, a new one for a new value."""
        return self._numbers.setdefault(value, len(self._numbers))

    def values(self) -> list[T]:
        """The values in the order of their numbers."""
        return list(self._numbers)


class Tables:
    """What documents of one page share: layers, labels, entities, splits."""

    def __init__(self, describe: Describe = lambda _: ("", "")) -> None:
        self._describe = describe
        self._labels_seen: dict[str, str] = {}
        self.layers: Numbered[tuple[str, str, int]] = Numbered()
        self.labels: Numbered[str] = Numbered()
        self.entities: Numbered[str] = Numbered()
        self.splits: Numbered[str] = Numbered()

    def entity(self, kb_id: str, label: str = "") -> int:
        """The number of an entity; `label` is what the document calls it."""
        if label:
            self._labels_seen.setdefault(kb_id, label)
        return self.entities.number(kb_id)

    def as_json(self) -> dict[str, Any]:
        """The tables, entities as [id, label, description, address]."""
        return {
            "layers": self.layers.values(),
            "labels": self.labels.values(),
            "entities": [self._row(kb_id) for kb_id in self.entities.values()],
            "splits": self.splits.values(),
            "roles": ROLES,
            "states": STATES,
            "nil": NIL,
        }

    def _row(self, kb_id: str) -> list[str]:
        label, description = self._describe(kb_id)
        label = label or self._labels_seen.get(kb_id, "")
        return [kb_id, label, description, entity_address(kb_id)]


def entity_address(kb_id: str) -> str:
    """The web page of an entity: of Wikidata for its ids, the id itself if it is an address."""
    if _QID.fullmatch(kb_id):
        return f"https://www.wikidata.org/wiki/{kb_id}"
    return kb_id if _WEB.fullmatch(kb_id) else ""


def page_document(document: Document, tables: Tables, *, split: str = "") -> dict[str, Any]:
    """The document as the page holds it; its names go into the tables."""
    places = disagreements(document)
    record: dict[str, Any] = {"i": document.id, "t": document.text}
    optional = {
        "h": _title(document),
        "g": document.lang,
        "d": [[key, _plain(value)] for key, value in sorted(document.meta.items())],
        "x": to_utf16(document.text, places),
        "y": [_layer(layer, document.text, tables) for layer in document.layers],
    }
    record.update((key, value) for key, value in optional.items() if value)
    if split:
        record["s"] = tables.splits.number(split)
    return record


def _title(document: Document) -> str:
    title = document.meta.get("title")
    return title.strip() if isinstance(title, str) else ""


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    import msgspec

    return msgspec.json.encode(value).decode()


def _layer(layer: Layer, text: str, tables: Tables) -> dict[str, Any]:
    spans = to_utf16(text, [(mention.start, mention.end) for mention in layer.mentions])
    record: dict[str, Any] = {"n": tables.layers.number((layer.name, layer.task, layer.round))}
    if layer.state is not None:
        record["s"] = STATES.index(layer.state)
    if layer.comments:
        record["c"] = layer.comments
    record["m"] = [
        _mention(mention, span, tables) for mention, span in zip(layer.mentions, spans, strict=True)
    ]
    return record


def _mention(mention: Mention, span: Span, tables: Tables) -> list[Any]:
    candidates = [
        [tables.entity(each.kb_id, each.label), round(each.prior, 3), round(each.score, 3)]
        for each in mention.candidates
    ]
    links = [_link(link, tables) for link in mention.links]
    row: list[Any] = [*span, tables.labels.number(mention.label)]
    row += [links, candidates, mention.source, mention.decisions, len(mention.votes)]
    while not row[-1] and len(row) > 3:
        row.pop()
    return row


def _link(link: Link, tables: Tables) -> list[int]:
    return [tables.entity(link.target), ROLES.index(link.role)]
