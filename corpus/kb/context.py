"""What a document says about the entities in it: its words, and its entities that are sure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting

_SURE = 0.8
WEIGHT = itemgetter(Posting._fields.index("weight"))
"""A posting's weight."""


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
    sure: dict[int, int] = {}
    for meanings in names:
        entity = sure_of(meanings)
        if entity is not None:
            sure[entity] = sure.get(entity, 0) + 1
    neighbours: dict[str, int] = {}
    for entity in sure:
        for word in kb.card(entity).terms:
            neighbours[word] = neighbours.get(word, 0) + 1
    return Context(words, neighbours, sure)


def sure_of(meanings: Sequence[Posting]) -> int | None:
    """The entity that a name means by its prior alone; None where that is not clear."""
    if len(meanings) < 2:
        return meanings[0].entity if meanings else None
    entity, weight, _ = meanings[0]
    return entity if weight >= _SURE * sum(map(WEIGHT, meanings)) else None
