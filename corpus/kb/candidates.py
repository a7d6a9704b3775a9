"""Which entities a surface form may mean, ranked by prior and context, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import exp, sqrt
from typing import NamedTuple

from corpus.kb.context import NOTHING, Context, sure_of
from corpus.kb.knowledge_base import KB, Entity
from corpus.kb.layout import Posting
from corpus.kb.rules import fires

MOST = 9
"""Candidates a mention carries at most: one for each key from 1 to 9."""

_USUAL = 4  # words of a short description: a longer one shares more by chance
_NAMED = 0.9


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


class _Weighed(NamedTuple):
    entity: int
    prior: float
    weight: float
    shared: Mapping[str, float]
    related: Mapping[str, float]


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

    Where nobody counted, the prior is even; then an entity with that label counts twice.

    A word of an entity's label, type or description supports it where the document has it
    (context), else where the label, type or description of another entity of the document has
    it (coherence). Its weight is its rarity among the entities, less in long descriptions. The
    words of the surface do not count. `named` are entities that the document introduces under
    this surface: they share 0.9 of the score. Ties go to the higher prior, then the id.
    """
    if not postings:
        return []
    total = sum(posting.weight for posting in postings)
    if len(postings) == 1:
        prior = postings[0].weight / (total or 1)
        weighed = [_Weighed(postings[0].entity, prior, 1.0, {}, {})]
    else:
        weighed = _weigh(
            kb, postings, _bases(kb, postings, total, surface, named), surface, context
        )
    masses = _masses(weighed, named)
    scored = sorted(
        (
            (-round(one.weight * masses[one.entity in named], 6), -round(one.prior, 6), one)
            for one in weighed
        ),
        key=lambda row: row[:2],
    )
    # Only of candidates that may stay is the entity itself needed: for its id, where all else ties.
    if most is not None and len(scored) > most:
        last = scored[most - 1][:2]
        scored = [row for row in scored if row[:2] <= last]
    ranked = [
        Ranked(kb.entity(one.entity), -prior, -score, one.shared, one.related, one.entity in named)
        for score, prior, one in scored
    ]
    ranked.sort(key=lambda one: (-one.score, -one.prior, one.entity.id))
    return ranked[:most]


def _masses(weighed: Sequence[_Weighed], named: Collection[int]) -> tuple[float, float]:
    """What brings the weights of the others, and of the named, to their shares of 1."""
    rest = sum(one.weight for one in weighed if one.entity not in named)
    whole = sum(one.weight for one in weighed if one.entity in named)
    if not rest or not whole:
        return 1 / (rest or whole), 1 / (rest or whole)
    return (1 - _NAMED) / rest, _NAMED / whole


def _bases(
    kb: KB, postings: Sequence[Posting], total: int, surface: str, named: Collection[int]
) -> list[tuple[float, float]]:
    """The prior of each posting, and what ranks it before any context.

    That is the prior; where nobody counted, a label counts twice. What the document alone
    suggests is as if counted once; what it introduces is 1 more.
    """
    weights: list[float] = [posting.weight for posting in postings]
    if total <= len(postings) and "label" in kb.rules:
        key = kb.folding.key_of(surface)
        for at, posting in enumerate(postings):
            weights[at] *= 2 if kb.label_key(posting.entity) == key else 1
    whole = sum(weights) or 1
    return [
        (
            posting.weight / (total or 1),
            (weight / whole or 1 / (total + 1)) + (posting.entity in named),
        )
        for posting, weight in zip(postings, weights, strict=True)
    ]


def _weigh(
    kb: KB,
    postings: Sequence[Posting],
    bases: Sequence[tuple[float, float]],
    surface: str,
    context: Context,
) -> list[_Weighed]:
    words, neighbours, sure = context
    if not (words or neighbours):
        return [
            _Weighed(posting.entity, prior, base, {}, {})
            for posting, (prior, base) in zip(postings, bases, strict=True)
        ]
    own = kb.words(surface)
    apart = sure_of(tuple(postings))
    # What this name alone makes sure does not support itself.
    alone = kb.terms(apart) if apart is not None and sure.get(apart) == 1 else {}
    found = []
    for posting, (prior, base) in zip(postings, bases, strict=True):
        terms = kb.terms(posting.entity)
        shared = {word: terms[word] for word in (terms.keys() & words) - own}
        related = {}
        for word in (terms.keys() & neighbours.keys()) - words - own:
            times = neighbours[word] - (word in alone)
            if times:
                related[word] = terms[word] * times / (times + 1)
        force = sum(shared.values()) + sum(related.values())
        weight = base * exp(force / sqrt(max(1.0, len(terms) / _USUAL)))
        found.append(_Weighed(posting.entity, prior, weight, shared, related))
    return found
