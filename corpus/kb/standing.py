"""What a name may mean, made ready once to be ranked in one document after another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import exp, sqrt
from operator import itemgetter
from typing import NamedTuple

from corpus.kb.cards import Card
from corpus.kb.context import WEIGHT, Context, sure_of
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting

_USUAL = 4  # words of a short description: a longer one shares more by chance
_NAMED = 0.9
_LABEL = 1.4  # of two candidates, the one with that label alone does not reach 0.6
_ENTITY = itemgetter(Posting._fields.index("entity"))


class Standing:
    """The candidates of a name before any context; it holds nothing of a document.

    `index` has the words that tell some of them from others, each with its rarity and the places
    of the candidates that have it; the words of the name itself do not count. `order` settles
    ties: the higher prior, then the id.
    """

    __slots__ = ("apart", "bases", "cards", "index", "named", "norms", "order", "priors", "telling")

    def __init__(
        self, kb: KB, postings: Sequence[Posting], surface: str, named: Collection[int] = ()
    ) -> None:
        """`named` are entities that the document introduces under this surface."""
        self.cards = cards = list(map(kb.card, map(_ENTITY, postings)))
        priors, self.bases = _bases(kb, postings, cards, surface, named)
        self.priors = [round(prior, 6) for prior in priors]
        self.named = [posting.entity in named for posting in postings] if named else []
        self.norms = [sqrt(max(1.0, len(card.terms) / _USUAL)) for card in cards]
        places = range(len(cards))
        tied = sorted(places, key=lambda at: (-self.priors[at], cards[at].entity.id))
        self.order = sorted(places, key=tied.__getitem__)
        apart = sure_of(postings)
        self.apart: Card | None = None if apart is None else kb.card(apart)
        own = kb.words_of_name(surface)
        self.index: dict[str, tuple[float, list[int]]] = {}
        for at, card in enumerate(cards):
            for word, rarity in card.terms.items():
                if word not in own:
                    self.index.setdefault(word, (rarity, []))[1].append(at)
        self.telling = frozenset(self.index)


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


class Counting(NamedTuple):
    """All of a context that can change a ranking: contexts that are equal in it rank alike.

    `shared` are words of the document; `related` those of its other entities, each with their
    number; `alone` says that only this name makes its own sure entity sure.
    """

    shared: frozenset[str]
    related: frozenset[tuple[str, int]]
    alone: bool


def what_counts(standing: Standing, context: Context) -> Counting:
    """What of the context can change how this name's candidates rank."""
    telling, apart, neighbours = standing.telling, standing.apart, context.neighbours
    shared = telling & context.words
    near = [word for word in telling if word in neighbours and word not in shared]
    return Counting(
        shared,
        frozenset([(word, neighbours[word]) for word in near]),
        apart is not None and context.sure.get(apart.entity.number) == 1,
    )


def related_weights(standing: Standing, counting: Counting) -> dict[str, float]:
    """What each word of the document's other entities counts for the candidates that have it."""
    # What this name alone makes sure does not support itself.
    apart = standing.apart
    alone = apart.terms if counting.alone and apart is not None else {}
    found = {}
    for word, times in counting.related:
        others = times - (word in alone)
        if others:
            found[word] = standing.index[word][0] * others / (others + 1)
    return found


def best(
    standing: Standing, counting: Counting, most: int | None = None
) -> list[tuple[int, float]]:
    """The candidates, or the best ones, as (place, score), the best first."""
    index = standing.index
    weights = related_weights(standing, counting)
    for word in counting.shared:
        weights[word] = index[word][0]
    forces = [0.0] * len(standing.bases)
    for word in sorted(weights):  # a sum in another order differs in its last bit
        weight = weights[word]
        for at in index[word][1]:
            forces[at] += weight
    raised = [
        base * exp(force / norm)
        for base, force, norm in zip(standing.bases, forces, standing.norms, strict=True)
    ]
    rows = sorted(
        zip(_scores(raised, standing.named), standing.order, range(len(raised)), strict=True)
    )
    return [(at, -score) for score, _, at in rows[:most]]


def _scores(weights: Sequence[float], named: Sequence[bool]) -> list[float]:
    """The scores, negative: weights as shares of their sum, or of named ones and others apart."""
    if named:
        sides = list(zip(weights, named, strict=True))
        rest = sum([weight for weight, side in sides if not side])
        whole = sum([weight for weight, side in sides if side])
        if rest and whole:
            scales = (1 - _NAMED) / rest, _NAMED / whole
            return [-round(weight * scales[side], 6) for weight, side in sides]
    # Most candidates have equal weights, and rounding costs more than looking up.
    scale = 1 / sum(weights)
    score_of = {weight: -round(weight * scale, 6) for weight in set(weights)}
    return [score_of[weight] for weight in weights]
