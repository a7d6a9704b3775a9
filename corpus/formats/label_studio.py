"""Label Studio's JSON: one array of tasks, each with its text and what was marked in it.

    [{"data": {"text": "The OSCE met"},
      "annotations": [{"result": [
        {"id": "a", "from_name": "label", "to_name": "text", "type": "labels",
         "value": {"start": 4, "end": 8, "text": "OSCE", "labels": ["ORG"]}},
        {"id": "a", "from_name": "link", "to_name": "text", "type": "textarea",
         "value": {"start": 4, "end": 8, "text": ["Q81299"]}}]}]}]

The silver layer is written as predictions. Offsets are code points (label-studio#1559). The
project needs `<Text name="text" value="$text"/>`, `<Labels name="label" toName="text">` and
`<TextArea name="link" toName="text" perRegion="true"/>`. What Label Studio has no field for
stands in `data.corpus`, which it carries along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from corpus.files import atomic_output
from corpus.formats.extras import (
    DocumentExtras,
    MentionExtras,
    document_extras,
    mention_extras,
)
from corpus.formats.lines import json_text
from corpus.model import Document, Mention

SILVER = "silver"


class TaskExtras(Struct, frozen=True, omit_defaults=True):
    """Of the document and, by region, of its mentions."""

    document: DocumentExtras
    mentions: dict[str, MentionExtras] = {}


def write_label_studio(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents now in the array, a task a line; whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            sink.write(b",\n" if count else b"[\n")
            sink.write(json_text(_task(document)).encode())
            count += 1
        sink.write(b"\n]\n" if count else b"[]\n")
    return count


def _task(document: Document) -> dict[str, Any]:
    (layer,) = document.layers
    results: list[dict[str, Any]] = []
    for mention in layer.mentions:
        results += _results(mention, document.text)
    extras = TaskExtras(
        document_extras(document), {m.id: mention_extras(m) for m in layer.mentions}
    )
    data = {"text": document.text, "corpus": msgspec.to_builtins(extras)}
    if layer.name == SILVER:
        return {"data": data, "predictions": [{"model_version": SILVER, "result": results}]}
    return {"data": data, "annotations": [{"result": results}]}


def _results(mention: Mention, text: str) -> Iterator[dict[str, Any]]:
    place = {"start": mention.start, "end": mention.end}
    common = {"id": mention.id, "to_name": "text"}
    surface = text[mention.start : mention.end]
    value = {**place, "text": surface, "labels": [mention.label]}
    yield {**common, "from_name": "label", "type": "labels", "value": value}
    if mention.links:
        value = {**place, "text": [link.target for link in mention.links]}
        yield {**common, "from_name": "link", "type": "textarea", "value": value}
