"""What the documents themselves say: sizes, languages, sources, rights, layers, links."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from corpus.formats.layers import choose_layer
from corpus.model import NIL, Document, Mention

RIGHTS_KEYS = ("license", "licence", "rights", "copyright", "original_license", "usage_terms")
_DATE_KEYS = ("date", "published", "pubDate")
_ANNOTATOR = "annotator:"


class Facts(Struct):
    """Counts over all documents; `layers` are (name, task) -> documents by state."""

    documents: int = 0
    characters: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    rights: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    first_date: str = ""
    last_date: str = ""
    undated: int = 0
    layers: dict[tuple[str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    marked: Counter[tuple[str, str]] = field(default_factory=Counter)
    with_layer: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    entities: set[str] = field(default_factory=set)
    kbs: Counter[tuple[str, str]] = field(default_factory=Counter)


def collect(documents: Iterable[Document], layer: str) -> Facts:
    """The facts, each document read once."""
    facts = Facts()
    for document in documents:
        facts.documents += 1
        facts.characters += len(document.text)
        facts.languages[document.lang or "unknown"] += 1
        _add_meta(facts, document.meta)
        for each in document.layers:
            facts.layers[each.name, each.task][each.state or ""] += 1
            facts.marked[each.name, each.task] += len(each.mentions)
        chosen = choose_layer(document, layer)
        if chosen is not None:
            facts.with_layer += 1
            for mention in chosen.mentions:
                _add_mention(facts, mention)
    return facts


def _add_meta(facts: Facts, meta: dict[str, Any]) -> None:
    facts.sources[_source_of(meta)] += 1
    facts.formats[str(meta.get("format") or "unknown")] += 1
    facts.rights[_first(meta, RIGHTS_KEYS) or "not recorded"] += 1
    date = _first(meta, _DATE_KEYS)[:10]
    if date[:4].isdigit():
        facts.first_date = min(facts.first_date or date, date)
        facts.last_date = max(facts.last_date, date)
    else:
        facts.undated += 1


def _first(meta: dict[str, Any], keys: Iterable[str]) -> str:
    places = [meta, meta.get("fields")]
    for place in places:
        for key in keys:
            value = place.get(key) if isinstance(place, dict) else None
            if isinstance(value, str) and value.strip():
                return " ".join(value.split())
    return ""


def _source_of(meta: dict[str, Any]) -> str:
    """The host of the address, else the publisher or agency, else that it is a file."""
    try:
        host = urlsplit(str(meta.get("source") or meta.get("url") or "")).hostname
    except ValueError:
        host = None
    named = _first(meta, ("publisher", "outlet", "credit", "publication_title"))
    return (host or "").removeprefix("www.") or named or "files without an address"


def _add_mention(facts: Facts, mention: Mention) -> None:
    facts.labels[mention.label] += 1
    if not mention.links:
        facts.links["not judged"] += 1
        return
    literal = [link for link in mention.links if link.role == "literal"] or list(mention.links)
    facts.links["NIL" if literal[0].target == NIL else "linked"] += 1
    facts.links["metonymic"] += len(mention.links) > len(literal)
    for link in mention.links:
        if link.kb or link.kb_hash:
            facts.kbs[link.kb, link.kb_hash] += 1
        if link.target != NIL:
            facts.entities.add(link.target)


def pseudonyms(facts: Facts) -> dict[str, str]:
    """`A1`, `A2` … for each annotator, in an order that says nothing of their names."""
    names = {name for name, _ in facts.layers if name.startswith(_ANNOTATOR)}
    ordered = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    return {name.removeprefix(_ANNOTATOR): f"A{n}" for n, name in enumerate(ordered, 1)}


def counted(number: int, noun: str) -> str:
    """`1 document`, `2,000 documents`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
