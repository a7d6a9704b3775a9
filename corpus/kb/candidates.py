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

    A word of an entity's label, type or description supports it where the document has it
    (context), else where the label, type or description of another entity of the document has
    it (coherence). Its weight is its rarity among the entities, less in long descriptions. The
    words of the surface do not count. `named` are entities that the document introduces under
    this surface: they share 0.9 of the score. Ties go to the higher prior, then the id.
    """
    if not postings:
        return []
    total = sum(posting.weight for posting in postings) or 1
    plain = len(postings) == 1 or not (context.words or context.neighbours)
    if plain:
        weighed = [
            _Weighed(one.entity, one.weight / total, _base(one, total, named), {}, {})
            for one in postings
        ]
    else:
        weighed = _weigh(kb, postings, total, kb.words(surface), context, named)
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


def _base(posting: Posting, total: int, named: Collection[int]) -> float:
    """The prior; of what the document introduces 1 more, for the alias may be new to us."""
    return posting.weight / total + (posting.entity in named)


def _weigh(
    kb: KB,
    postings: Sequence[Posting],
    total: int,
    own: frozenset[str],
    context: Context,
    named: Collection[int],
) -> list[_Weighed]:
    words, neighbours, sure = context
    apart = sure_of(tuple(postings))
    # What this name alone makes sure does not support itself.
    alone = kb.terms(apart) if apart is not None and sure.get(apart) == 1 else {}
    found = []
    for posting in postings:
        terms = kb.terms(posting.entity)
        shared = {word: terms[word] for word in (terms.keys() & words) - own}
        related = {}
        for word in (terms.keys() & neighbours.keys()) - words - own:
            times = neighbours[word] - (word in alone)
            if times:
                related[word] = terms[word] * times / (times + 1)
        force = (sum(shared.values()) + sum(related.values())) / sqrt(max(1.0, len(terms) / _USUAL))
        weight = _base(posting, total, named) * exp(force)
        prior = posting.weight / total
        found.append(_Weighed(posting.entity, prior, weight, shared, related))
    return found
