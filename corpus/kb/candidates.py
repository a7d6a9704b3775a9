"""Which entities a surface form may mean, ranked by prior and context, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import exp, sqrt
from operator import itemgetter
from typing import NamedTuple

from corpus.kb.context import NOTHING, Context, sure_of
from corpus.kb.knowledge_base import KB, Entity
from corpus.kb.layout import Posting
from corpus.kb.rules import fires

MOST = 9
"""Candidates a mention carries at most: one for each key from 1 to 9."""

_USUAL = 4  # words of a short description: a longer one shares more by chance
_NAMED = 0.9
_LABEL = 1.4  # of two candidates, the one with that label alone does not reach 0.6
_NO_WORDS: Mapping[str, float] = {}
_BY_SCORE = itemgetter(0, 1)


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

    Where nobody counted, the prior is even; then an entity with that label counts 1.4 times.

    A word of an entity's label, type or description supports it where the document has it
    (context), else where the label, type or description of another entity of the document has
    it (coherence). Its weight is its rarity among the entities, less in long descriptions. The
    words of the surface do not count. `named` are entities that the document introduces under
    this surface: they share 0.9 of the score. Ties go to the higher prior, then the id.
    """
    if not postings:
        return []
    if len(postings) == 1:
        prior = 1.0 if postings[0].weight else 0.0
        weighed = [_Weighed(postings[0].entity, prior, 1.0, _NO_WORDS, _NO_WORDS)]
    else:
        weighed = _weigh(kb, postings, _bases(kb, postings, surface, named), surface, context)
    whole = sum([one.weight for one in weighed])
    mass = [1 / whole, 1 / whole]
    if named:
        _give_most_to_named(mass, weighed, named)
    scored = [
        (-round(one.weight * mass[one.entity in named], 6), -round(one.prior, 6), one)
        for one in weighed
    ]
    scored.sort(key=_BY_SCORE)
    # Only of candidates that may stay is the entity itself needed: for its id, where all else ties.
    if most is not None and len(scored) > most:
        last = scored[most - 1][:2]
        scored = [row for row in scored if row[:2] <= last]
    ranked = [
        Ranked(kb.entity(one.entity), -prior, -score, one.shared, one.related, one.entity in named)
        for score, prior, one in scored
    ]
    if len(ranked) > 1:
        ranked.sort(key=lambda one: (-one.score, -one.prior, one.entity.id))
    return ranked[:most]


def _give_most_to_named(
    mass: list[float], weighed: Sequence[_Weighed], named: Collection[int]
) -> None:
    """Set the factors of the others' weights, and of those of the named, to their shares of 1."""
    rest = sum([one.weight for one in weighed if one.entity not in named])
    whole = sum([one.weight for one in weighed if one.entity in named])
    if rest and whole:
        mass[:] = [(1 - _NAMED) / rest, _NAMED / whole]


def _bases(
    kb: KB, postings: Sequence[Posting], surface: str, named: Collection[int]
) -> list[tuple[float, float]]:
    """The prior of each posting, and what ranks it before any context.

    That is the prior; where nobody counted, a label counts 1.4 times. What the document alone
    suggests is as if counted once; what it introduces is 1 more.
    """
    total = sum([posting.weight for posting in postings])
    priors = [posting.weight / (total or 1) for posting in postings]
    bases = priors
    if total <= len(postings) and "label" in kb.rules:
        key = kb.folding.key_of(surface)
        bases = [
            prior * (_LABEL if kb.label_key(posting.entity) == key else 1)
            for posting, prior in zip(postings, priors, strict=True)
        ]
    if named or not postings[-1].weight:
        bases = [
            (base or 1 / (total + 1)) + (posting.entity in named)
            for posting, base in zip(postings, bases, strict=True)
        ]
    return list(zip(priors, bases, strict=True))


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
            _Weighed(posting.entity, prior, base, _NO_WORDS, _NO_WORDS)
            for posting, (prior, base) in zip(postings, bases, strict=True)
        ]
    own = kb.words_of_name(surface)
    apart = sure_of(tuple(postings))
    # What this name alone makes sure does not support itself.
    alone = kb.terms(apart) if apart is not None and sure.get(apart) == 1 else {}
    found = []
    for posting, (prior, base) in zip(postings, bases, strict=True):
        terms = kb.terms(posting.entity)
        shared: dict[str, float] = {}
        related: dict[str, float] = {}
        force = 0.0
        # A loop over the few terms: a set's & would walk all words of the document.
        for word, rarity in terms.items():
            if word in words:
                if word not in own:
                    shared[word] = rarity
                    force += rarity
            elif word in neighbours and word not in own:
                times = neighbours[word] - (word in alone)
                if times:
                    related[word] = rarity * times / (times + 1)
                    force += related[word]
        weight = base * exp(force / sqrt(max(1.0, len(terms) / _USUAL))) if force else base
        found.append(_Weighed(posting.entity, prior, weight, shared, related))
    return found
