"""Prodigy's JSONL for spans (`ner.manual`, `spans.manual`): a document a line, in and out.

    {"text": "The OSCE met", "spans": [{"start": 4, "end": 8, "label": "ORG", "kb_id": "Q81299"}],
     "tokens": […], "meta": {"id": "osce.txt"}, "answer": "accept", "corpus": {…}}

Offsets are code points, as in spaCy. Keys that Prodigy does not know stay in its database and
come out again, so `corpus` and the mention's own `corpus` bring back all that its fields cannot
say. Source: prodigy.ai/docs/api-interfaces.
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
    restored,
    whole_mention,
)
from corpus.formats.lines import json_lines, refuse
from corpus.manifest import Stage
from corpus.model import NIL, Document, Link, Mention, Token
from corpus.offsets import token_range
from corpus.store import encode_line


class TokenRow(Struct, frozen=True):
    """A token of Prodigy; `ws` is whether a blank follows."""

    text: str
    start: int
    end: int
    id: int
    ws: bool = True


class SpanRow(Struct, frozen=True, omit_defaults=True):
    """A span of Prodigy; token indices are inclusive, and there where it has tokens."""

    start: int
    end: int
    label: str = ""
    kb_id: str = ""
    token_start: int | None = None
    token_end: int | None = None
    corpus: MentionExtras | None = None


class SpansTask(Struct, omit_defaults=True):
    """One line of Prodigy's JSONL."""

    text: str
    spans: list[SpanRow] = []
    tokens: list[TokenRow] = []
    meta: dict[str, Any] = {}
    answer: str = "accept"
    corpus: DocumentExtras | None = None
    annotator: str = msgspec.field(default="", name="_annotator_id")


def write_prodigy(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to Prodigy) now in the file, whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            row = msgspec.to_builtins(_task(document))
            sink.write(encode_line({"answer": "accept", **row}))
            count += 1
    return count


def _task(document: Document) -> SpansTask:
    tokens = [
        TokenRow(document.text[t.start : t.end], t.start, t.end, number, t.space_after)
        for number, t in enumerate(document.tokens or ())
    ]
    starts, ends = [t.start for t in tokens], [t.end for t in tokens]
    spans = []
    for mention in document.layers[0].mentions:
        found = token_range(starts, ends, mention.start, mention.end)
        first, last = (found[0], found[1] - 1) if found else (None, None)
        kb_id = mention.links[0].target if mention.links else ""
        extras = mention_extras(mention)
        spans.append(SpanRow(mention.start, mention.end, mention.label, kb_id, first, last, extras))
    extras_of = document_extras(document)
    return SpansTask(document.text, spans, tokens, {"id": document.id}, corpus=extras_of)


def read_prodigy(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of Prodigy's JSONL; what was not accepted is a reject.

    Ids are ours, else `meta["id"]`, else the file's name and the row. A row that names its
    annotator has the layer `annotator:<name>`. Raises FormatError that names file and line.
    """
    base = Path(path).name if id_base is None else id_base
    for number, (where, task) in enumerate(json_lines(path, SpansTask, "Prodigy"), 1):
        extras = task.corpus or DocumentExtras(_id(task.meta, f"{base}#{number}"), meta=task.meta)
        if task.answer != "accept":
            refuse(stage, extras.id, f"answered {task.answer!r}, not accepted", where)
            continue
        name = f"annotator:{task.annotator}" if task.annotator and not task.corpus else layer
        if extras.tokens is None and task.tokens and task.corpus is None:
            tokens = tuple(_tokens(task.tokens, task.text))
            extras = msgspec.structs.replace(extras, tokens=tokens or None)
        mentions = list(_mentions(task, extras.id, where, stage))
        yield restored(task.text, extras, mentions, name)


def _id(meta: dict[str, Any], default: str) -> str:
    found = meta.get("id")
    return str(found) if isinstance(found, str | int) and str(found) else default


def _tokens(rows: list[TokenRow], text: str) -> Iterator[Token]:
    """Prodigy's tokens, or none where they do not give back the text."""
    found = [
        Token(row.start, row.end, row.ws and text[row.end : row.end + 1] == " ") for row in rows
    ]
    joined = "".join(text[t.start : t.end] + " " * t.space_after for t in found)
    if joined == text:
        yield from found


def _mentions(task: SpansTask, document: str, where: str, stage: Stage | None) -> Iterator[Mention]:
    for number, span in enumerate(task.spans, 1):
        problem = ""
        if not span.label.strip():
            problem = "has no label"
        elif not 0 <= span.start < span.end <= len(task.text):
            problem = f"lies outside the text of {len(task.text)} code points"
        if problem:
            reason = f"span {span.start}-{span.end} {problem}"
            refuse(stage, document, reason, where, mention=f"span {number}")
            continue
        extras = span.corpus or MentionExtras()
        shown = extras.links[0].target if extras.links else ""
        if span.kb_id != shown:  # changed in Prodigy, or never ours
            links = (Link(NIL if span.kb_id.startswith(NIL) else span.kb_id),)
            extras = msgspec.structs.replace(extras, links=links if span.kb_id else ())
        yield whole_mention(extras, span.start, span.end, span.label)
