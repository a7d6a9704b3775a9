"""The knowledge base of a run where none is given: what the documents of its share say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.model import NIL, Document, Mention
from corpus.store import write_records


def entities_of(mentions: Iterable[tuple[Document, Mention]]) -> dict[str, Counter[str]]:
    """How often each surface was linked to each entity, in the literal role."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for document, mention in mentions:
        surface = " ".join(document.text[mention.start : mention.end].split())
        for link in mention.links:
            if link.role == "literal" and link.target != NIL:
                found[link.target][surface] += 1
    return dict(sorted(found.items()))


def learn_kb(entities: dict[str, Counter[str]], folder: Path) -> KB:
    """A knowledge base of the entities, their surfaces as aliases, priors as they were counted.

    Raises KBError where none of the ids and surfaces can stand in one.
    """
    source = folder / "entities.jsonl"
    rows = (
        {
            "id": entity,
            "label": _commonest(counts),
            "aliases": sorted(counts),
            "counts": dict(sorted(counts.items())),
        }
        for entity, counts in entities.items()
    )
    write_records(rows, source)
    build_kb([source], folder / "learnt.kb")
    return KB(folder / "learnt.kb")


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda text: (-counts[text], text))
