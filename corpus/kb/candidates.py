"""Which entities a surface form may mean, ranked by prior and context, and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from corpus.kb.knowledge_base import KB, Entity
from corpus.kb.layout import Posting
from corpus.kb.rules import FIRES, shape_of

MOST = 9
"""Candidates a mention carries at most: one for each key from 1 to 9."""

_WORD = re.compile(r"\w{4,}")


class Ranked(NamedTuple):
    """A candidate with the reasons of its rank; score sums to 1 over an alias's candidates."""

    entity: Entity
    prior: float
    score: float
    shared: tuple[str, ...]


def terms_of(kb: KB, text: str) -> frozenset[str]:
    """The words of four or more letters in a text, folded as the knowledge base folds."""
    return frozenset(_WORD.findall(kb.folding.fold(text).key))


def firing(postings: Sequence[Posting], surface: str) -> list[Posting]:
    """Those postings whose alias the surface may be taken for: US may mean it, us may not."""
    flags = FIRES[shape_of(surface)]
    return [posting for posting in postings if posting.flags in flags]


def rank(
    kb: KB, postings: Sequence[Posting], surface: str, context: Collection[str] = ()
) -> list[Ranked]:
    """All candidates, the best first: score is prior x (1 + words shared with the context).

    The words of an entity's label, type and description count, those of the surface do not.
    Ties go to the id.
    """
    total = sum(posting.weight for posting in postings)
    if not total:
        return []
    own = terms_of(kb, surface) if context else frozenset()
    weighed = []
    for posting in postings:
        entity = kb.entity(posting.entity)
        shared: tuple[str, ...] = ()
        if context:
            words = terms_of(kb, f"{entity.label} {entity.type} {entity.description}")
            shared = tuple(sorted(word for word in words - own if word in context))
        prior = posting.weight / total
        weighed.append((prior * (1 + len(shared)), prior, entity, shared))
    mass = sum(weight for weight, *_ in weighed)
    ranked = [
        Ranked(entity, round(prior, 6), round(weight / mass, 6), shared)
        for weight, prior, entity, shared in weighed
    ]
    return sorted(ranked, key=lambda one: (-one.score, -one.prior, one.entity.id))
