"""A few hundred Documents encoded for a DocBin: what a worker process makes and sends back."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from spacy.attrs import ORTH, SENT_START, SPACY

from corpus.formats.deflate import Piece, deflate
from corpus.formats.docbin_columns import (
    ENTITY_ATTRS,
    NO_GROUPS,
    Array,
    entity_columns,
    sentence_starts,
    sentences_of,
    span_groups,
)
from corpus.formats.docbin_record import (
    document_record,
    encode_record,
    group_names,
    kb_id_of,
)
from corpus.formats.keeps import Misaligned
from corpus.formats.layers import choose_layer, shown_mentions
from corpus.formats.tally import Tally
from corpus.formats.tokenizer_rules import Rule, rules_of
from corpus.formats.tokens import (
    Fitted,
    blank_language,
    fit_to_tokens,
    has_tokenizer,
    make_doc,
    token_borders,
)
from corpus.model import Document, Layer, Mention, count_mentions
from corpus.offsets import token_range

_MANY_DOCUMENTS = 256
_MANY_CHARACTERS = 1 << 20
_SLOTS = 1 << 16  # of a table that stays in the processor's cache; a segment has some 5,000 words


class DocBinSegment(NamedTuple):
    """Encoded documents: pieces of the DocBin's fields, and what happened on the way.

    `attrs` are the columns of `fields["tokens"]`, ORTH first; `rules` are the tokenizer rules
    that would make its mentions learnable.
    """

    documents: int
    mentions: int
    tokens: int
    attrs: tuple[int, ...]
    fields: dict[str, Piece]
    strings: frozenset[str]
    rules: frozenset[Rule]
    tally: Tally


class _Row(NamedTuple):
    strings: Any
    orth: Array
    spaces: Array
    entities: Array | None
    starts: Array | None
    groups: bytes
    record: bytes
    mentions: int = 0
    mention_strings: frozenset[str] = frozenset()
    rules: frozenset[Rule] = frozenset()


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The documents in lists for one segment each: at most 256, or the one that passes 1 M.

    What a batch holds depends on the documents alone, so the file's bytes do not depend on
    how many processes encode it.
    """
    batch: list[Document] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if is_full(len(batch), characters):
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def is_full(documents: int, characters: int) -> bool:
    """Whether so much makes a segment."""
    return documents >= _MANY_DOCUMENTS or characters >= _MANY_CHARACTERS


def encode_segment(
    documents: Iterable[Document], *, layer: str | None = None, misaligned: Misaligned = "split"
) -> DocBinSegment:
    """The documents as one segment; those that spaCy cannot hold are rejects in its `tally`.

    `layer` is the one shown in `doc.ents` (see `choose_layer`). Needs nothing but its
    arguments, and its result pickles: any process may do it.
    """
    tally = Tally()
    rows = []
    for document in documents:
        try:
            rows.append(_encode(document, layer, misaligned, tally))
        except (ValueError, struct.error) as error:
            tally.reject_document(document, str(error) or type(error).__name__)
    attrs, tokens = _token_table(rows)
    lengths = np.asarray([len(row.orth) for row in rows], dtype="<i4")
    fields = {
        "tokens": deflate(tokens.tobytes()),
        "spaces": deflate(_joined([row.spaces for row in rows]).astype(bool).tobytes()),
        "lengths": deflate(lengths.tobytes()),
        "span_groups": deflate(b"".join(_bin(row.groups) for row in rows)),
        "user_data": deflate(b"".join(_bin(row.record) for row in rows)),
    }
    return DocBinSegment(
        documents=len(rows),
        mentions=sum(row.mentions for row in rows),
        tokens=len(tokens),
        attrs=attrs,
        fields=fields,
        strings=_words(rows, tokens[:, 0]).union(*(row.mention_strings for row in rows)),
        rules=frozenset().union(*(row.rules for row in rows)),
        tally=tally,
    )


def _encode(document: Document, layer: str | None, misaligned: Misaligned, tally: Tally) -> _Row:
    doc = make_doc(document)
    if document.tokens is None and not has_tokenizer(document.lang):
        tally.note(f"documents tokenized as xx for want of a tokenizer for {document.lang!r}")
    if not document.layers and document.sentences is None:
        table = doc.to_array([ORTH, SPACY])
        record = encode_record(document_record(document, ()))
        return _Row(doc.vocab.strings, table[:, 0], table[:, 1], None, None, NO_GROUPS, record)
    return _encode_annotated(document, doc, layer, misaligned, tally)


def _encode_annotated(
    document: Document, doc: Any, layer: str | None, misaligned: Misaligned, tally: Tally
) -> _Row:
    for each in document.layers:
        if len({mention.id for mention in each.mentions}) < len(each.mentions):
            raise ValueError(f"a mention id stands twice in layer {each.name!r}")
    fitted = fit_to_tokens(document, doc, misaligned)
    starts, ends = fitted.starts, fitted.ends
    groups = group_names(document.layers)
    record = document_record(fitted.document, groups)
    if fitted.split and document.tokens is not None:
        record = msgspec.structs.replace(record, tokens=document.tokens)
    begins = None
    if document.sentences is not None:
        begins = sentence_starts(document.sentences, starts)
        if document.sentences != sentences_of(begins, starts, ends):
            record = msgspec.structs.replace(record, sentences=document.sentences)
    chosen = choose_layer(fitted.document, layer)
    shown = () if chosen is None else shown_mentions(document.text, chosen)
    row = _Row(
        doc.vocab.strings,
        *_words_of(fitted, doc),
        None if chosen is None else entity_columns(shown, starts, ends),
        begins,
        span_groups(fitted.document.layers, groups, starts, ends),
        encode_record(record),
        count_mentions(fitted.document),
        frozenset(_strings_of(fitted.document.layers)),
        _rules(document, fitted, doc, chosen, tally),
    )
    # Nothing can fail from here on: a document is counted whole or not at all.
    tally.take(fitted.changes)
    if chosen is not None:
        hidden = len(chosen.mentions) - len(shown)
        tally.note("mentions in doc.spans alone, doc.ents cannot hold them", hidden)
    elif document.layers:
        tally.note("documents without doc.ents, their layers leave a choice")
    return row


def _words_of(fitted: Fitted, doc: Any) -> tuple[Array, Array]:
    """ORTH and SPACY of every token, the pieces of cut ones included."""
    table = doc.to_array([ORTH, SPACY])
    if not fitted.pieces:
        return table[:, 0], table[:, 1]
    times = np.ones(len(table), dtype=np.int64)
    times[list(fitted.pieces)] = [len(some) for some in fitted.pieces.values()]
    places = np.cumsum(times) - times
    table = np.repeat(table, times, axis=0)
    add = doc.vocab.strings.add
    for at, some in fitted.pieces.items():
        words = [add(fitted.document.text[piece.start : piece.end]) for piece in some]
        rows = slice(places[at], places[at] + len(some))
        table[rows, 0], table[rows, 1] = words, [piece.space_after for piece in some]
    return table[:, 0], table[:, 1]


def _rules(
    document: Document, fitted: Fitted, doc: Any, chosen: Layer | None, tally: Tally
) -> frozenset[Rule]:
    """The rules for what `spacy train`, which tokenizes again, cannot learn otherwise."""
    mentions: Sequence[Mention] = fitted.split
    if document.tokens is None and not mentions:
        return frozenset()
    starts, ends = token_borders(doc)
    if document.tokens is not None and chosen is not None:
        starts, ends = token_borders(make_doc(msgspec.structs.replace(document, tokens=None)))
        mentions = [
            mention
            for mention in chosen.mentions
            if token_range(starts, ends, mention.start, mention.end) is None
        ]
        tally.note("mentions on the source's tokens, not learnable by spaCy's", len(mentions))
    lang = blank_language(document.lang).lang
    return frozenset(rules_of(document.text, lang, mentions, starts, ends))


def _strings_of(layers: Iterable[Layer]) -> Iterator[str]:
    for layer in layers:
        for mention in layer.mentions:
            yield from (mention.id, kb_id_of(mention), mention.label)


def _token_table(rows: Sequence[_Row]) -> tuple[tuple[int, ...], Array]:
    """The attrs that these rows need, and the table of all their tokens."""
    has_entities = any(row.entities is not None for row in rows)
    has_starts = any(row.starts is not None for row in rows)
    if not has_entities and not has_starts:
        return (ORTH,), _joined([row.orth for row in rows]).reshape(-1, 1)
    more = (*(ENTITY_ATTRS if has_entities else ()), *((SENT_START,) if has_starts else ()))
    attrs = (ORTH, *sorted(more))
    table = np.zeros((sum(len(row.orth) for row in rows), len(attrs)), dtype=np.uint64)
    at = 0
    for row in rows:
        part = table[at : at + len(row.orth)]
        part[:, 0] = row.orth
        if row.entities is not None:
            part[:, [attrs.index(attr) for attr in ENTITY_ATTRS]] = row.entities
        if row.starts is not None:
            part[:, attrs.index(SENT_START)] = row.starts
        at += len(row.orth)
    return attrs, table


def _words(rows: Sequence[_Row], orth: Array) -> frozenset[str]:
    """The unique words, taken from the arrays: no token is walked in Python."""
    if rows and all(row.strings is rows[0].strings for row in rows):
        return frozenset(map(rows[0].strings.__getitem__, _unique(orth)))
    stores: dict[int, tuple[Any, list[Array]]] = {}
    for row in rows:
        stores.setdefault(id(row.strings), (row.strings, []))[1].append(row.orth)
    words: set[str] = set()
    for strings, columns in stores.values():
        words.update(map(strings.__getitem__, _unique(_joined(columns))))
    return frozenset(words)


def _unique(hashes: Array) -> set[int]:
    """The values once each, none of them 0.

    Equal hashes meet in one slot of a table; the few that lose a slot to another are found by
    comparing. Several times faster than np.unique, which sorts or builds a hash table.
    """
    slots = hashes & np.uint64(_SLOTS - 1)
    table = np.zeros(_SLOTS, dtype=np.uint64)
    table[slots] = hashes
    losers = hashes[table[slots] != hashes]
    return {*table[table != 0].tolist(), *losers.tolist()}


def _joined(columns: Sequence[Array]) -> Array:
    return np.concatenate(columns) if columns else np.zeros(0, dtype=np.uint64)


def _bin(raw: bytes) -> bytes:
    """The bytes as msgpack's bin; srsly would look for entry points each time, 1 ms long."""
    return msgspec.msgpack.encode(raw)
