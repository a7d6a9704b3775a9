"""What makes a document worth annotating next, from its silver layer: four numbers from 0 to 1."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from corpus.formats.layers import choose_layer
from corpus.model import NIL, Document, Layer, Mention

SIGNALS = ("uncertainty", "rarity", "ambiguity", "closeness")


class Signals(Struct, frozen=True):
    """Means over a document's mentions, all 0 where it has none.

    uncertainty: 1 - score of the best candidate (1 where there is none). rarity: 1 / (1 + how
    often gold has the linked entity), NIL being an entity that it never has. ambiguity: the
    entropy of the candidates' scores, of as many as nine. closeness: how near the second
    candidate comes to the best (the candidate gap, turned round).
    """

    uncertainty: float = 0.0
    rarity: float = 0.0
    ambiguity: float = 0.0
    closeness: float = 0.0
    mentions: int = 0


def count_entities(documents: Iterable[Document], layer: str) -> Counter[str]:
    """How often each entity is linked in what was annotated already."""
    found: Counter[str] = Counter()
    for document in documents:
        chosen = choose_layer(document, layer)
        for mention in chosen.mentions if chosen else ():
            found.update(link.target for link in mention.links if link.target != NIL)
    return found


def signals_of(layer: Layer | None, known: Mapping[str, int]) -> Signals:
    """The signals of a document with that layer."""
    if layer is None or not layer.mentions:
        return Signals()
    rows = [_of_mention(mention, known) for mention in layer.mentions]
    sure, rare, many, close = (round(sum(c) / len(rows), 6) for c in zip(*rows, strict=True))
    return Signals(sure, rare, many, close, len(rows))


def _of_mention(mention: Mention, known: Mapping[str, int]) -> tuple[float, float, float, float]:
    scores = sorted((min(max(c.score, 0.0), 1.0) for c in mention.candidates), reverse=True)
    targets = [link.target for link in mention.links if link.role == "literal"]
    rarity = 1 / (1 + known.get(targets[0], 0)) if targets else 1.0
    if not scores:
        return 1.0, rarity, 0.0, 0.0
    second = scores[1] if len(scores) > 1 else 0.0
    closeness = second / scores[0] if scores[0] else float(len(scores) > 1)
    return 1 - scores[0], rarity, _entropy(scores), closeness


def _entropy(scores: list[float]) -> float:
    total = sum(scores)
    if len(scores) < 2 or not total:
        return float(len(scores) > 1)
    shares = [share for score in scores if (share := score / total) > 0]
    # -0.0 of a single share is no number for a reader.
    return abs(sum(share * math.log(share) for share in shares)) / math.log(max(len(scores), 9))
