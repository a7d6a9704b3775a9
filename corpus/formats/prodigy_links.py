"""Prodigy's JSONL for linking (a `choice` task): a mention a line, its candidates as options.

    {"text": …, "spans": [{"start": 4, "end": 8, "label": "ORG"}],
     "options": [{"id": "Q81299", "text": "OSCE"}, {"id": "NIL", "text": …},
                 {"id": "NIL_otherLink", "text": …}, {"id": "NIL_ambiguous", "text": …}],
     "accept": ["Q81299"], "answer": "accept"}

The rows of spaCy's tutorial on entity linking: its NIL_otherLink and NIL_ambiguous (and whatever
else begins so) are no judgement that the entity is absent, so they are not judged; NIL is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

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
from corpus.formats.prodigy import SpanRow
from corpus.manifest import Stage
from corpus.model import NIL, Candidate, Document, Link, Mention
from corpus.store import encode_line

_MORE = (
    {"id": NIL, "text": "not in the knowledge base"},
    {"id": "NIL_otherLink", "text": "another entity of the knowledge base"},
    {"id": "NIL_ambiguous", "text": "needs more context"},
)


class Option(Struct, frozen=True, omit_defaults=True):
    """One choice; `prior` and `score` are ours."""

    id: str
    text: str = ""
    html: str = ""
    prior: float | None = None
    score: float | None = None


class LinkTask(Struct, omit_defaults=True):
    """One line of the linking recipe's JSONL."""

    text: str
    spans: list[SpanRow]
    options: list[Option] = []
    accept: list[str] = []
    meta: dict[str, Any] = {}
    answer: str = "accept"
    corpus: DocumentExtras | None = None
    annotator: str = msgspec.field(default="", name="_annotator_id")


def unfit(document: Document, mention: Mention | None) -> str:
    """Why no row can be written: a document without mentions has none."""
    if mention is None:
        empty = not document.layers[0].mentions
        return "it has no mention, and a row of the linking recipe is a mention" if empty else ""
    if any(link.target.startswith("NIL_") for link in mention.links):
        return "its link begins with NIL_, which the recipe keeps for its own answers"
    if any(one.kb_id.startswith(NIL) for one in mention.candidates):
        return "a candidate's id begins with NIL"
    return ""


def write_prodigy_links(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted) whose mentions are now in the file, a line each."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            for number, mention in enumerate(document.layers[0].mentions):
                sink.write(encode_line(_row(document, mention, is_first=not number)))
            count += 1
    return count


def _row(document: Document, mention: Mention, *, is_first: bool) -> dict[str, Any]:
    options = [Option(c.kb_id, c.label, "", c.prior, c.score) for c in mention.candidates]
    extras = document_extras(document) if is_first else DocumentExtras(document.id)
    span = SpanRow(
        mention.start,
        mention.end,
        mention.label,
        corpus=replace(mention_extras(mention), links=(), candidates=()),
    )
    return {
        "text": document.text,
        "spans": [msgspec.to_builtins(span)],
        "options": [*msgspec.to_builtins(options), *_MORE],
        "accept": [link.target for link in mention.links],
        "answer": "accept",
        "meta": {"id": document.id},
        "corpus": msgspec.to_builtins(extras),
    }


class _Row(NamedTuple):
    """A task, its place, and whether it belongs with the one before."""

    where: str
    number: int
    task: LinkTask


def read_prodigy_links(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of the recipe's JSONL: neighbouring rows of one text and id are one.

    A row that was not accepted leaves its mention not judged. Raises FormatError that names file
    and line.
    """
    base = Path(path).name if id_base is None else id_base
    rows = (
        _Row(where, number, task)
        for number, (where, task) in enumerate(json_lines(path, LinkTask, "Prodigy"), 1)
    )
    for _, group in groupby(rows, _key):
        first, *others = group
        extras = first.task.corpus or DocumentExtras(
            str(first.task.meta.get("id") or f"{base}#{first.number}"), meta=first.task.meta
        )
        mentions = list(_mentions(first, extras.id, stage))
        for row in others:
            mentions += _mentions(row, extras.id, stage)
        annotator = first.task.annotator
        name = f"annotator:{annotator}" if annotator and not first.task.corpus else layer
        yield restored(first.task.text, extras, mentions, name)


def _key(row: _Row) -> tuple[str, str, str]:
    id = row.task.corpus.id if row.task.corpus else str(row.task.meta.get("id", ""))
    return (row.task.text, id, row.task.annotator)


def _mentions(row: _Row, document: str, stage: Stage | None) -> Iterator[Mention]:
    task = row.task
    candidates = tuple(
        Candidate(one.id, one.prior or 0.0, one.score or 0.0, one.text or one.html)
        for one in task.options
        if not one.id.startswith(NIL)
    )
    chosen = task.accept if task.answer == "accept" else []
    links = tuple(Link(id) for id in chosen if id == NIL or not id.startswith(NIL))
    if stage is not None and len(links) < len(chosen):
        notes, what = stage.manifest.notes, "answers that judge nothing, such as NIL_ambiguous"
        notes[what] = notes.get(what, 0) + len(chosen) - len(links)
    for number, span in enumerate(task.spans, 1):
        extras = span.corpus or MentionExtras()
        extras = replace(extras, links=links, candidates=candidates)
        if not span.label.strip() or not 0 <= span.start < span.end <= len(task.text):
            reason = f"span {span.start}-{span.end} has no label or lies outside the text"
            refuse(stage, document, reason, row.where, mention=f"span {number}")
            continue
        yield whole_mention(extras, span.start, span.end, span.label)
