"""What a link task is made of: a document's mentions, their candidates, and what the KB says."""

from __future__ import annotations

from typing import NamedTuple

from corpus.doccano.link_examples import Describe, make_link_examples
from corpus.errors import DataError
from corpus.kb.knowledge_base import KB
from corpus.model import Document, Layer, layer_of


class Given(NamedTuple):
    """One document with the mentions to link and the links layer with their candidates."""

    document: Document
    spans: Layer
    silver: Layer


def take_mentions(document: Document, layer: str) -> Given | None:
    """The mentions to link; None where the layer has none."""
    spans = layer_of(document, layer)
    if spans is None or not spans.mentions:
        return None
    silver = layer_of(document, "silver", "links")
    return Given(document, spans, silver or Layer("silver", task="links"))


def check_candidates(given: Given, kb: KB) -> None:
    """Raises DataError for a mention without candidates, or with those of another KB."""
    for _ in make_link_examples(*given, lambda _: ("", "", "")):
        pass
    for mention in given.silver.mentions:
        for link in mention.links:
            if link.kb_hash != kb.info.hash:
                raise DataError(
                    f"document {given.document.id!r}: its candidates are from {link.kb} "
                    f"({link.kb_hash}), --kb is {kb.info.name} ({kb.info.hash})",
                    "give that knowledge base, or run: corpus suggest --task links --replace",
                )


def describe_by(kb: KB) -> Describe:
    """What a knowledge base shows of an entity beside its number."""

    def describe(kb_id: str) -> tuple[str, str, str]:
        entity = kb.find(kb_id)
        return (entity.label, entity.type, entity.description) if entity else ("", "", "")

    return describe
