"""Which entities a surface form may mean, ranked by prior and context, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from corpus.kb.knowledge_base import KB, Entity
from corpus.kb.layout import Posting
from corpus.kb.rules import FIRES, shape_of

MOST = 9
"""Candidates a mention carries at most: one for each key from 1 to 9."""


class Ranked(NamedTuple):
    """A candidate with the reasons of its rank; score sums to 1 over an alias's candidates."""

    entity: Entity
    prior: float
    score: float
    shared: frozenset[str]


def firing(postings: Sequence[Posting], surface: str) -> list[Posting]:
    """Those postings whose alias the surface may be taken for: US may mean it, us may not."""
    flags = FIRES[shape_of(surface)]
    return [posting for posting in postings if posting.flags in flags]


def rank(
    kb: KB, postings: Sequence[Posting], surface: str, context: frozenset[str] = frozenset()
) -> list[Ranked]:
    """All candidates, the best first: score is prior x (1 + terms shared with the context).

    The words of the surface do not count. Ties go to the higher prior, then the id.
    """
    total = sum(posting.weight for posting in postings)
    if not total:
        return []
    context = context - kb.words(surface) if context else context
    weighed = []
    for posting in postings:
        shared = kb.terms(posting.entity) & context if context else context
        prior = posting.weight / total
        weighed.append((prior * (1 + len(shared)), prior, kb.entity(posting.entity), shared))
    mass = sum(weight for weight, *_ in weighed)
    ranked = [
        Ranked(entity, round(prior, 6), round(weight / mass, 6), shared)
        for weight, prior, entity, shared in weighed
    ]
    return sorted(ranked, key=lambda one: (-one.score, -one.prior, one.entity.id))
