"""A DocBin read as Documents: one of our own exactly as it was, a foreign one as spaCy has it.

A file of ours is known by `user_data["corpus"]`, document by document. In any other Doc,
`doc.ents` becomes a layer, and each span group another of its own name. That layer is called
`gold` unless another name is given: a `.spacy` file handed around is by convention the
reference that models are trained on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from spacy.attrs import ENT_IOB, ENT_KB_ID, ENT_TYPE, ORTH, SENT_START
from spacy.strings import get_string_id

from corpus.errors import FormatError
from corpus.formats.docbin_columns import sentences_of
from corpus.formats.docbin_fields import DocBinRow, open_fields
from corpus.formats.docbin_foreign import ForeignReader
from corpus.formats.docbin_record import (
    DocumentRecord,
    MentionRecord,
    decode_record,
    kb_id_of,
    plain_links,
)
from corpus.formats.layers import shown_mentions
from corpus.manifest import Stage
from corpus.model import (
    Change,
    Document,
    Layer,
    Mention,
    Token,
    count_mentions,
    problems_of,
    with_ids,
)

_SPAN = struct.Struct(">QQQllll")  # as in spacy/tokens/span_group.pyx

_BROKEN = (KeyError, ValueError, IndexError, TypeError, struct.error, msgspec.MsgspecError)

EDITED = "doc.ents"
"""The layer of entities that somebody set in spaCy after we wrote the file."""


def read_docbin(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a DocBin, in its order; memory does not grow with it.

    `layer` names the layer that a foreign Doc's `doc.ents` becomes. A foreign Doc's id is its
    `user_data["id"]`, else `id_base` (the file's name) and the row from 1. What a Document
    cannot hold is counted in the stage: as received and rejected, or among its notes. Raises
    FormatError where the file is broken, and without a stage also where a document is.
    """
    base = Path(path).name if id_base is None else id_base
    with open_fields(path) as fields:
        words = {get_string_id(string): string for string in fields.strings}
        words[0] = ""
        foreign = ForeignReader(fields.attrs, fields.strings, layer=layer, stage=stage)
        for row in fields.rows:
            try:
                record = decode_record(row.user_data) if row.user_data else None
                if record is None:
                    document = foreign.read(row, f"{base}#{row.number}")
                else:
                    document = _own(row, record, fields.attrs, words)
            except (
                KeyError,
                ValueError,
                IndexError,
                TypeError,
                struct.error,
                msgspec.MsgspecError,
            ) as error:
                raise FormatError(
                    f"{path}: document {row.number} of the DocBin cannot be read "
                    f"({type(error).__name__}: {error})",
                    "make the file again with spaCy",
                ) from error
            problem = next(problems_of(document), None)
            if problem is None:
                yield document
            else:
                _reject(document, problem, path, stage)


def _reject(document: Document, problem: str, path: str | Path, stage: Stage | None) -> None:
    if stage is None:
        raise FormatError(
            f"{path}: document {document.id!r}: {problem}", "make the file again from its source"
        )
    stage.documents.received += 1
    stage.documents.rejected += 1
    stage.mentions.received += count_mentions(document)
    stage.mentions.rejected += count_mentions(document)
    stage.record(Change("rejected", document.id, problem, str(path)))


def _own(
    row: DocBinRow, record: DocumentRecord, attrs: Sequence[int], words: dict[int, str]
) -> Document:
    parts = [words[orth] for orth in row.tokens[:, attrs.index(ORTH)].tolist()]
    spaces = row.spaces.tolist()
    text = "".join(w + " " if s else w for w, s in zip(parts, spaces, strict=True))
    tokens: tuple[Token, ...] | None = None
    if record.tokens is not False or record.layers or SENT_START in attrs:
        lengths = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
        ends = np.cumsum(lengths + row.spaces) - row.spaces
        starts = (ends - lengths).tolist()
        borders = starts, ends.tolist()
    else:
        borders = [], []
    if isinstance(record.tokens, tuple):
        tokens = record.tokens
    elif record.tokens:
        tokens = tuple(map(Token, *borders, spaces))
    layers = tuple(_layers(row, record, words))
    return Document(
        id=record.id,
        text=text,
        sha256=record.sha256,
        lang=record.lang,
        meta=record.meta,
        tokens=tokens,
        sentences=_sentences(row, record, attrs, borders),
        layers=layers + _edited(row, text, layers, attrs, borders, words),
    )


def _sentences(
    row: DocBinRow,
    record: DocumentRecord,
    attrs: Sequence[int],
    borders: tuple[list[int], list[int]],
) -> tuple[tuple[int, int], ...] | None:
    if isinstance(record.sentences, tuple):
        return record.sentences
    if SENT_START not in attrs:
        return None
    column = row.tokens[:, attrs.index(SENT_START)]
    # Without a mark of ours, somebody's pipeline has found sentences since; spaCy itself marks
    # every first token.
    return sentences_of(column, *borders) if record.sentences or column[1:].any() else None


def _layers(row: DocBinRow, record: DocumentRecord, words: dict[int, str]) -> Iterator[Layer]:
    groups = dict(_groups(row.groups))
    for each in record.layers:
        spans = groups.pop(each.group, [])
        mentions = tuple(_mention(span, each.mentions, words) for span in spans)
        yield Layer(
            each.name, each.task, each.round, each.state, each.comments, mentions, each.blind
        )
    taken = {each.name for each in record.layers}
    for name, spans in groups.items():
        # A group that somebody added in spaCy.
        if name not in taken:
            yield Layer(name, mentions=with_ids(_mention(span, {}, words) for span in spans))


def _groups(raw: bytes) -> Iterator[tuple[str, list[bytes]]]:
    message = msgspec.msgpack.decode(raw) if raw else {}
    for group, names in dict(message).items():
        for name in names:
            yield name, msgspec.msgpack.decode(group)["spans"]


def _mention(span: bytes, records: dict[str, MentionRecord], words: dict[int, str]) -> Mention:
    id, kb_id, label, _, _, start, end = _SPAN.unpack(span)
    name, target = words[id], words[kb_id]
    record = records.get(name)
    if record is None:
        return Mention(name, start, end, words[label], plain_links(target))
    links = record.links or plain_links(target)
    more = (record.candidates, record.source, record.votes, record.decisions)
    mention = Mention(name, start, end, words[label], links, *more)
    if kb_id_of(mention) != target:
        # The link was changed in spaCy: it is the newer word.
        return msgspec.structs.replace(mention, links=plain_links(target))
    return mention


def _edited(
    row: DocBinRow,
    text: str,
    layers: tuple[Layer, ...],
    attrs: Sequence[int],
    borders: tuple[list[int], list[int]],
    words: dict[int, str],
) -> tuple[Layer, ...]:
    """The entities of the file as a layer, where no layer of ours shows these."""
    if ENT_IOB not in attrs:
        return ()
    iob = row.tokens[:, attrs.index(ENT_IOB)]
    if not iob.any():
        return ()
    found = _entities(row, attrs, borders, words)
    shown = (
        [(m.start, m.end, m.label, kb_id_of(m)) for m in shown_mentions(text, layer)]
        for layer in layers
    )
    if any(found == each for each in shown):
        return ()
    mentions = with_ids(Mention("", s, e, label, plain_links(kb)) for s, e, label, kb in found)
    return (Layer(EDITED, mentions=mentions),)


def _entities(
    row: DocBinRow,
    attrs: Sequence[int],
    borders: tuple[list[int], list[int]],
    words: dict[int, str],
) -> list[tuple[int, int, str, str]]:
    starts, ends = borders
    columns = [
        row.tokens[:, attrs.index(attr)].tolist() if attr in attrs else [0] * len(starts)
        for attr in (ENT_IOB, ENT_TYPE, ENT_KB_ID)
    ]
    found: list[tuple[int, int, str, str]] = []
    for at, (iob, label, kb_id) in enumerate(zip(*columns, strict=True)):
        if iob == 3 and label:
            found.append((starts[at], ends[at], words[label], words[kb_id]))
        elif iob == 1 and found:
            found[-1] = (found[-1][0], ends[at], *found[-1][2:])
    return found
