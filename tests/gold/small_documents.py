"""Small documents for the tests of scoring, and their figures."""

from __future__ import annotations

from corpus.gold.measures import MEASURES
from corpus.gold.pairing import Choice, pair_documents
from corpus.gold.scoring import MeasureScore, score_pairs
from corpus.model import Document, Layer, Link, Mention, make_document, with_ids


def mention(start, end, label="PER", *targets, role="literal"):
    links = tuple(Link(target, role=role) for target in targets)
    return Mention("", start, end, label, links=links)


def document(id, *, silver, gold, text="x" * 40):
    layers = [
        Layer(name, mentions=with_ids(mentions))
        for name, mentions in (("silver", silver), ("gold", gold))
        if mentions is not None
    ]
    return make_document(id, text, layers=tuple(layers))


def score(documents: list[Document], *, choice=None, **options) -> dict[str, MeasureScore]:
    pairs, _ = pair_documents(documents, documents, choice or Choice())
    return score_pairs(pairs, MEASURES, **options)


def clusters(**groups):
    """Mentions `1` to `C`, a code point each, linked to the entity whose group holds them."""
    return [
        mention(int(name, 16), int(name, 16) + 1, "PER", entity)
        for entity, names in groups.items()
        for name in names
    ]


def figures(scores, name):
    micro = scores[name].micro
    return micro.ptp, micro.fp, micro.rtp, micro.fn
