"""Which entities a surface form may mean, ranked by prior and context, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from corpus.kb.cards import Entity
from corpus.kb.context import NOTHING, Context
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.kb.rules import fires
from corpus.kb.standing import Standing, best, related_weights, what_counts

MOST = 9
"""Candidates a mention carries at most: one for each key from 1 to 9."""


class Ranked(NamedTuple):
    """A candidate with the reasons of its rank; score sums to 1 over an alias's candidates.

    `shared` are its words in the document, `related` those it has in common with the document's
    other entities, each with its weight; `named` says that the document introduces it.
    """

    entity: Entity
    prior: float
    score: float
    shared: Mapping[str, float] = {}
    related: Mapping[str, float] = {}
    named: bool = False


def firing(postings: Sequence[Posting], surface: str) -> list[Posting]:
    """Those postings whose alias the surface may be taken for: US may mean it, us may not."""
    flags = fires(surface)
    return [posting for posting in postings if posting.flags in flags]


def joined(own: Sequence[Posting], entities: Mapping[int, int]) -> tuple[Posting, ...]:
    """The postings, and those of introduced entities that the alias is not known for: weight 0."""
    known = {posting.entity for posting in own}
    more = [
        Posting(entity, 0, flags)
        for entity, flags in sorted(entities.items())
        if entity not in known
    ]
    return (*own, *more)


def rank(
    kb: KB,
    postings: Sequence[Posting],
    surface: str,
    context: Context = NOTHING,
    *,
    named: Collection[int] = (),
    most: int | None = None,
) -> list[Ranked]:
    """All candidates, or the best ones: score is prior x e^(weights of words that support it).

    Where nobody counted, the prior is even; then an entity with that label counts 1.4 times.

    A word of an entity's label, type or description supports it where the document has it
    (context), else where the label, type or description of another entity of the document has
    it (coherence). Its weight is its rarity among the entities, less in long descriptions. The
    words of the surface do not count. `named` are entities that the document introduces under
    this surface: they share 0.9 of the score. Ties go to the higher prior, then the id.
    """
    if len(postings) < 2:
        return [sole(kb, posting, named) for posting in postings]
    standing = Standing(kb, postings, surface, named)
    counting = what_counts(standing, context)
    near = related_weights(standing, counting)
    ranked = []
    for at, score in best(standing, counting, most):
        entity, _, terms = standing.cards[at]
        shared = {w: terms[w] for w in terms if w in counting.shared}
        related = {w: near[w] for w in terms if w in near}
        is_named = entity.number in named
        ranked.append(Ranked(entity, standing.priors[at], score, shared, related, is_named))
    return ranked


def sole(kb: KB, posting: Posting, named: Collection[int] = ()) -> Ranked:
    """The only candidate that there is."""
    entity, weight, _ = posting
    return Ranked(kb.entity(entity), 1.0 if weight else 0.0, 1.0, named=entity in named)
