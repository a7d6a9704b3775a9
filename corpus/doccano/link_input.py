"""What a link task is made of: a document's mentions, their candidates, and what the KB says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from corpus.doccano.link_examples import Describe, make_link_examples
from corpus.doccano.projects import DESCRIPTION
from corpus.errors import DataError
from corpus.kb.knowledge_base import KB
from corpus.model import Document, Layer, layer_of

PER = ("decision", "mention")


class LinkPushPlan(msgspec.Struct, frozen=True):
    """What to push: the mentions of `layer`, with the candidates of the silver links layer.

    `export` is the project's full export, if it was made a moment ago.
    """

    documents: Path
    project: str
    kb: Path
    layer: str = "gold"
    per: str = "decision"
    project_id: int | None = None
    description: str = DESCRIPTION
    export: Path | None = None
    dry_run: bool = False


class LinkPushResult(msgspec.Struct):
    """What a push did: documents, and decisions and the mentions they stand for by verdict."""

    project: str
    project_id: int | None = None
    url: str = ""
    dry_run: bool = False
    sent: int = 0
    mended: int = 0
    documents: dict[str, int] = {}
    decisions: dict[str, int] = {}
    mentions: dict[str, int] = {}
    label_types: list[str] = []
    notes: list[str] = []
    clean: bool = True


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
