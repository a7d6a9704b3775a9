"""What a document says about the entities in it: its words, and its entities that are sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting

_SURE = 0.8


class Context(NamedTuple):
    """The words of a document, folded, and how many of its sure entities share a word."""

    words: frozenset[str] = frozenset()
    neighbours: Mapping[str, int] = {}
    sure: Mapping[int, int] = {}


NOTHING = Context()


def context_of(kb: KB, words: frozenset[str], names: Iterable[tuple[Posting, ...]] = ()) -> Context:
    """The context that a document's words and its names' meanings make, as far as rules allow.

    `names` has the meanings of each different name. An entity is sure where a name means it
    with a prior of 0.8 or more; `sure` counts the names that do.
    """
    if "context" not in kb.rules:
        words = frozenset()
    if "coherence" not in kb.rules:
        return Context(words)
    sure: Counter[int] = Counter()
    for meanings in names:
        entity = sure_of(meanings)
        if entity is not None:
            sure[entity] += 1
    neighbours: Counter[str] = Counter()
    for entity in sure:
        neighbours.update(kb.terms(entity).keys())
    return Context(words, neighbours, sure)


def sure_of(meanings: tuple[Posting, ...]) -> int | None:
    """The entity that a name means by its prior alone; None where that is not clear."""
    if len(meanings) < 2:
        return meanings[0].entity if meanings else None
    best = meanings[0]
    total = sum(posting.weight for posting in meanings)
    return best.entity if best.weight >= _SURE * total else None
