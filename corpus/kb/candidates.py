"""Which entities a surface form may mean, ranked by prior and context, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import exp, sqrt
from operator import itemgetter
from typing import NamedTuple

from corpus.kb.cards import Card, Entity
from corpus.kb.context import NOTHING, WEIGHT, Context, sure_of
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.kb.rules import fires

MOST = 9
"""Candidates a mention carries at most: one for each key from 1 to 9."""

_USUAL = 4  # words of a short description: a longer one shares more by chance
_NAMED = 0.9
_LABEL = 1.4  # of two candidates, the one with that label alone does not reach 0.6
_ENTITY = itemgetter(Posting._fields.index("entity"))
_NOTHING: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {})


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
        return [
            Ranked(kb.entity(entity), 1.0 if weight else 0.0, 1.0, named=entity in named)
            for entity, weight, _ in postings
        ]
    cards = list(map(kb.card, map(_ENTITY, postings)))
    priors, weights = _bases(kb, postings, cards, surface, named)
    reasons = _support(kb, postings, cards, weights, surface, context)
    scored = _scored(postings, priors, weights, named)
    # All that tie with the last one that may stay are needed: then the id decides.
    if most is not None and len(scored) > most:
        last = scored[most - 1][:2]
        scored = [row for row in scored if row[:2] <= last]
    ranked = []
    ties = False
    before: tuple[float, float] | None = None
    for score, prior, at in scored:
        entity = cards[at].entity
        shared, related = reasons[at]
        ranked.append(Ranked(entity, -prior, -score, shared, related, entity.number in named))
        ties = ties or before == (score, prior)
        before = (score, prior)
    if ties:
        ranked.sort(key=lambda one: (-one.score, -one.prior, one.entity.id))
    return ranked[:most]


def what_counts(
    kb: KB, postings: tuple[Posting, ...], context: Context
) -> tuple[frozenset[str], frozenset[tuple[str, int]], bool]:
    """All of a context that can change how these postings rank: contexts equal in it rank alike."""
    telling = kb.telling(postings)
    shared = telling & context.words
    near = context.neighbours.keys() & telling - shared
    related = frozenset([(word, context.neighbours[word]) for word in near])
    apart = sure_of(postings)
    return shared, related, apart is not None and context.sure.get(apart) == 1


def _scored(
    postings: Sequence[Posting],
    priors: Sequence[float],
    weights: Sequence[float],
    named: Collection[int],
) -> list[tuple[float, float, int]]:
    """(-score, -prior, place among the postings), the best first."""
    scale = named_scale = 1 / sum(weights)
    if named:
        rest = sum([w for w, one in zip(weights, postings, strict=True) if one[0] not in named])
        whole = sum([w for w, one in zip(weights, postings, strict=True) if one[0] in named])
        if rest and whole:
            scale, named_scale = (1 - _NAMED) / rest, _NAMED / whole
    scored = [
        (
            -round(weight * (named_scale if postings[at][0] in named else scale), 6),
            -round(prior, 6),
            at,
        )
        for at, (weight, prior) in enumerate(zip(weights, priors, strict=True))
    ]
    scored.sort()
    return scored


def _bases(
    kb: KB,
    postings: Sequence[Posting],
    cards: Sequence[Card],
    surface: str,
    named: Collection[int],
) -> tuple[list[float], list[float]]:
    """The prior of each posting, and what ranks it before any context.

    That is the prior; where nobody counted, a label counts 1.4 times. What the document alone
    suggests is as if counted once; what it introduces is 1 more.
    """
    total = sum(map(WEIGHT, postings))
    whole = total or 1
    priors = [weight / whole for _, weight, _ in postings]
    bases = priors[:]
    if total <= len(postings) and "label" in kb.rules:
        key = kb.key_of_name(surface)
        for at, card in enumerate(cards):
            if card.key == key:
                bases[at] *= _LABEL
    if named or not postings[-1][1]:
        for at, (entity, _, _) in enumerate(postings):
            bases[at] = (bases[at] or 1 / (total + 1)) + (entity in named)
    return priors, bases


def _support(
    kb: KB,
    postings: Sequence[Posting],
    cards: Sequence[Card],
    weights: list[float],
    surface: str,
    context: Context,
) -> list[tuple[Mapping[str, float], Mapping[str, float]]]:
    """The words that support each candidate, own and related; its weight grows by them."""
    words, neighbours, sure = context
    if not (words or neighbours):
        return [_NOTHING] * len(postings)
    own = kb.words_of_name(surface)
    apart = sure_of(postings)
    # What this name alone makes sure does not support itself.
    alone = kb.card(apart).terms if apart is not None and sure.get(apart) == 1 else {}
    found = []
    for at, card in enumerate(cards):
        terms = card.terms
        # Two loops in C over the few terms: most candidates have none in the document.
        if words.isdisjoint(terms) and neighbours.keys().isdisjoint(terms):
            found.append(_NOTHING)
            continue
        shared: dict[str, float] = {}
        related: dict[str, float] = {}
        force = 0.0
        for word, rarity in terms.items():
            if word in own:
                continue
            if word in words:
                shared[word] = rarity
                force += rarity
            elif word in neighbours:
                times = neighbours[word] - (word in alone)
                if times:
                    related[word] = rarity * times / (times + 1)
                    force += related[word]
        if force:
            weights[at] *= exp(force / sqrt(max(1.0, len(terms) / _USUAL)))
        found.append((shared, related))
    return found
