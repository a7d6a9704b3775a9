"""What a Document holds beyond a spaCy Doc, as it stands in `doc.user_data`.

    {"corpus": "document/1", "id": …, "sha256": …, "lang": …, "meta": {…}, "tokens": …,
     "sentences": …, "layers": [{"group": "gold", "name": "gold", "mentions": {…}}, …]}

Text, tokens, entities and span groups are the Doc's own and stand here only where a Doc cannot
say them exactly. A mention stands in its span group; here, by its id, only what is more than
one plain link.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Literal, cast

import msgspec
import srsly
from msgspec import Struct

from corpus.model import Candidate, Document, Layer, Link, Mention, Role, State, Task, Token

MARK: Literal["document/1"] = "document/1"


class MentionRecord(Struct, frozen=True, omit_defaults=True):
    """What a span of a span group cannot say of its mention."""

    links: tuple[Link, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    source: str = ""
    votes: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


class LayerRecord(Struct, frozen=True, omit_defaults=True):
    """A layer whose mentions are the spans of `doc.spans[group]`."""

    group: str
    name: str
    task: Task = "spans"
    round: int = 1
    state: State | None = None
    comments: tuple[str, ...] = ()
    mentions: dict[str, MentionRecord] = {}
    blind: bool = False


class DocumentRecord(Struct, frozen=True, omit_defaults=True):
    """A document but for its text and spans.

    `tokens` is True where the Doc's are the document's own, False where it has none, and the
    tokens themselves where the Doc's were split; `sentences` stands where SENT_START cannot
    say them. `meta_json` replaces a `meta` that msgpack cannot hold (integers beyond 64 bits).
    """

    corpus: Literal["document/1"]
    id: str
    sha256: str
    lang: str = ""
    meta: dict[str, Any] = {}
    meta_json: str = ""
    tokens: bool | tuple[Token, ...] = False
    sentences: bool | tuple[tuple[int, int], ...] = False
    layers: tuple[LayerRecord, ...] = ()


def encode_record(record: DocumentRecord) -> bytes:
    """The record as msgpack."""
    try:
        return msgspec.msgpack.encode(record)
    except OverflowError:
        text = msgspec.json.encode(record.meta, order="deterministic").decode()
        return msgspec.msgpack.encode(msgspec.structs.replace(record, meta={}, meta_json=text))


def decode_record(raw: bytes) -> DocumentRecord | None:
    """The record in a Doc's user data; None where it was not written by `corpus`.

    Other keys, such as extensions of spaCy, may stand beside it.
    """
    try:
        record: DocumentRecord | None = msgspec.msgpack.decode(raw, type=DocumentRecord)
    except msgspec.MsgspecError:
        record = _among_others(raw)
    if record is not None and record.meta_json:
        meta = msgspec.json.decode(record.meta_json)
        record = msgspec.structs.replace(record, meta=meta, meta_json="")
    return record


def _among_others(raw: bytes) -> DocumentRecord | None:
    # spaCy keys its extensions by tuples, which no record can name.
    try:
        entries = srsly.msgpack_loads(raw, use_list=False)
        named = {key: value for key, value in dict(entries).items() if isinstance(key, str)}
        return msgspec.convert(named, DocumentRecord)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return None


def group_names(layers: Sequence[Layer]) -> list[str]:
    """The span group of each layer: its name, told apart where several rounds or tasks share it."""
    names: list[str] = []
    for layer in layers:
        name = layer.name
        if name in names or layer.task != "spans" or layer.round != 1:
            name = f"{name}:{layer.task}:{layer.round}"
        while name in names:
            name += "'"
        names.append(name)
    return names


def layer_record(layer: Layer, group: str) -> LayerRecord:
    """The layer but for the spans of its group."""
    # msgspec leaves out a default that is the same object; a text that came from another
    # process is an equal one. Interned, both are left out.
    more = {}
    for mention in layer.mentions:
        links = () if mention.links == plain_links(kb_id_of(mention)) else mention.links
        judged = mention.source or mention.votes or mention.decisions
        if links or mention.candidates or judged:
            links = tuple(
                msgspec.structs.replace(link, role=cast(Role, sys.intern(link.role)))
                for link in links
            )
            more[mention.id] = MentionRecord(
                links, mention.candidates, mention.source, mention.votes, mention.decisions
            )
    return LayerRecord(
        group,
        layer.name,
        cast(Task, sys.intern(layer.task)),
        layer.round,
        layer.state,
        layer.comments,
        more,
        layer.blind,
    )


def kb_id_of(mention: Mention) -> str:
    """The kb_id that a span shows: the first literal link's, else the first's, else none."""
    for link in mention.links:
        if link.role == "literal":
            return link.target
    return mention.links[0].target if mention.links else ""


def plain_links(kb_id: str) -> tuple[Link, ...]:
    """The links of a span of which nothing more is known."""
    return (Link(kb_id),) if kb_id else ()


def document_record(document: Document, groups: Sequence[str]) -> DocumentRecord:
    """The record of a document whose tokens and sentences the Doc says as they are."""
    return DocumentRecord(
        MARK,
        document.id,
        document.sha256,
        document.lang,
        document.meta,
        tokens=document.tokens is not None,
        sentences=document.sentences is not None,
        layers=tuple(layer_record(*pair) for pair in zip(document.layers, groups, strict=True)),
    )
