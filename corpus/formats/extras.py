"""What a tool's JSON has no place for, kept under a key of our own: `corpus`.

    {"text": …, "spans": […], "corpus": {"id": "osce.txt", "lang": "en", "layer": {"name": "gold"}}}

Tools carry keys they do not know; where one drops it, its own fields still tell the mentions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from corpus.model import Candidate, Document, Layer, Link, Mention, Token, make_document, with_ids

KEY = "corpus"


class DocumentExtras(Struct, frozen=True, omit_defaults=True):
    """A document but for its text and mentions."""

    id: str
    lang: str = ""
    meta: dict[str, Any] = {}
    tokens: tuple[Token, ...] | None = None
    sentences: tuple[tuple[int, int], ...] | None = None
    layer: Layer | None = None


class MentionExtras(Struct, frozen=True, omit_defaults=True):
    """A mention but for its span and label; `links` only where the tool cannot say them."""

    id: str = ""
    links: tuple[Link, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    source: str = ""
    votes: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


def document_extras(document: Document) -> DocumentExtras:
    """The extras of a fitted document, which has one layer."""
    (layer,) = document.layers
    return DocumentExtras(
        document.id,
        document.lang,
        document.meta,
        document.tokens,
        document.sentences,
        msgspec.structs.replace(layer, mentions=()),
    )


def restored(
    text: str, extras: DocumentExtras, mentions: Iterable[Mention], layer: str
) -> Document:
    """The document of these parts; `layer` is its layer's name where the extras know none."""
    of = extras.layer or Layer(layer)
    return make_document(
        extras.id,
        text,
        lang=extras.lang,
        meta=extras.meta,
        tokens=extras.tokens,
        sentences=extras.sentences,
        layers=(msgspec.structs.replace(of, mentions=with_ids(mentions)),),
    )


def mention_extras(mention: Mention) -> MentionExtras:
    """The extras of a mention, its links among them."""
    return MentionExtras(
        mention.id,
        mention.links,
        mention.candidates,
        mention.source,
        mention.votes,
        mention.decisions,
    )


def whole_mention(extras: MentionExtras, start: int, end: int, label: str) -> Mention:
    """The mention of these parts."""
    return Mention(
        extras.id,
        start,
        end,
        label,
        extras.links,
        extras.candidates,
        extras.source,
        extras.votes,
        extras.decisions,
    )
