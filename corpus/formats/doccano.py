"""Doccano's JSONL for sequence labelling, for its own import page, and what it exports.

    {"text": "The OSCE met", "label": [[4, 8, "ORG"]], "corpus_id": "osce.txt"}

Offsets are UTF-16 units, as its page counts (in a project without `grapheme_mode`). Its exports
come in three shapes: `label` triples, `entities` with `start_offset` (projects with relations),
and `annotations` of old versions. `corpus push` and `pull` do more: they compare with the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from corpus.errors import FormatError, OffsetError
from corpus.files import atomic_output
from corpus.formats.lines import json_lines, refuse
from corpus.manifest import Stage
from corpus.model import Document, Layer, Mention, make_document, with_ids
from corpus.offsets import from_utf16, to_utf16
from corpus.store import encode_line

ID = "corpus_id"
_LONGEST_LABEL = 100
_SPANS = ("label", "labels", "entities", "annotations")
_COMMENTS = ("Comments", "comments")


class Row(Struct, frozen=True):
    """A document and its spans as Doccano's import takes them."""

    text: str
    label: list[tuple[int, int, str]]
    corpus_id: str


def unfit(document: Document, mention: Mention | None) -> str:
    """Why Doccano's import would refuse the document, or the mention's label."""
    if mention is None:
        return "" if document.text.strip() else "Doccano refuses a text without a letter"
    if mention.label != mention.label.strip() or len(mention.label) > _LONGEST_LABEL:
        return f"Doccano's labels have 1 to {_LONGEST_LABEL} characters and no outer blanks"
    return ""


def write_doccano(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to Doccano) now in the file, whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            mentions = document.layers[0].mentions
            spans = to_utf16(document.text, [(m.start, m.end) for m in mentions])
            label = [(*span, m.label) for span, m in zip(spans, mentions, strict=True)]
            sink.write(encode_line(Row(document.text, label, document.id)))
            count += 1
    return count


def read_doccano(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a Doccano export; its comments are the layer's, other keys metadata.

    Ids are ours (`corpus_id`), else Doccano's. Relations and spans outside the text are rejects.
    Raises FormatError that names file and line.
    """
    base = Path(path).name if id_base is None else id_base
    for number, (where, row) in enumerate(json_lines(path, dict[str, Any], "Doccano"), 1):
        text = row.pop("text", row.pop("data", None))
        if not isinstance(text, str):
            raise FormatError(f"{where}: has no text", "a line is {'text': …, 'label': […]}")
        doccano_id = row.pop("id", "")
        id = str(row.pop(ID, doccano_id) or f"{base}#{number}")
        mentions = list(_mentions(row, text, id, where, stage))
        for relation in row.pop("relations", None) or ():
            refuse(stage, id, "a relation between mentions", where, mention=f"relation {relation}")
        comments = [c for key in _COMMENTS for c in row.pop(key, None) or ()]
        of = Layer(layer, comments=tuple(map(str, comments)), mentions=with_ids(mentions))
        yield make_document(id, text, meta=row, layers=(of,))


def _mentions(
    row: dict[str, Any], text: str, document: str, where: str, stage: Stage | None
) -> Iterator[Mention]:
    for key in _SPANS:
        for number, value in enumerate(row.pop(key, None) or (), 1):
            start, end, label = _span(value, where, key)
            name = f"{key} {number}"
            try:
                ((first, last),) = from_utf16(text, [(start, end)])
            except OffsetError as error:
                refuse(stage, document, error.message, where, mention=name)
                continue
            if first == last or not label.strip():
                reason = f"span {start}-{end} is empty or has no label"
                refuse(stage, document, reason, where, mention=name)
                continue
            yield Mention("", first, last, label)


def _span(value: Any, where: str, key: str) -> tuple[int, int, str]:
    found = value
    if isinstance(value, dict):
        found = [value.get("start_offset"), value.get("end_offset"), value.get("label")]
    try:
        return msgspec.convert(found, tuple[int, int, str])
    except msgspec.ValidationError as error:
        raise FormatError(
            f"{where}: {key} holds {value!r}, which is no span", "a span is [start, end, label]"
        ) from error
