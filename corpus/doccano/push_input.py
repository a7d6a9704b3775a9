"""What is to be pushed: the plan, its documents as Doccano can hold them, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from corpus.doccano.comparison import Comparison
from corpus.doccano.labels import check_labels
from corpus.doccano.mapping import Triple, refuse_document, suggest_spans
from corpus.doccano.projects import DESCRIPTION
from corpus.doccano.verdicts import Finding
from corpus.model import Document
from corpus.store import read_documents

Watch = Callable[[Iterable[Any], str], Iterable[Any]]
Record = Callable[[Finding], None]
Suggested = tuple[Document, tuple[Triple, ...]]
"""A document and the spans to send with it, in UTF-16 units."""


class PushPlan(msgspec.Struct, frozen=True):
    """What to push, and what may be done to a project that is there.

    `export` is the project's full export, if it was made a moment ago.
    """

    documents: Path
    project: str
    layer: str = "silver"
    labels: tuple[str, ...] = ()
    guideline: str = ""
    description: str = DESCRIPTION
    export: Path | None = None
    project_id: int | None = None
    add_labels: bool = False
    repair: bool = False
    dry_run: bool = False


class PushResult(msgspec.Struct):
    """What a push did: documents and spans by verdict, label types made, notes for a person."""

    project: str
    project_id: int | None = None
    url: str = ""
    dry_run: bool = False
    sent: int = 0
    documents: dict[str, int] = {}
    spans: dict[str, int] = {}
    label_types: list[str] = []
    notes: list[str] = []
    clean: bool = True


def read_input(
    plan: PushPlan,
    comparison: Comparison,
    result: PushResult,
    record: Record,
    watch: Watch,
) -> list[str]:
    """The labels that the project needs; refusals are recorded, nothing is sent."""
    labels = set(plan.labels)
    refused: Counter[str] = Counter()
    given = 0
    for document in watch(read_documents(plan.documents), "read"):
        given += 1
        reason = refuse_document(document)
        if reason:
            refused["documents"] += 1
            record(Finding(document.id, "refused", reason))
            continue
        suggestions = suggest_spans(document, plan.layer)
        for mention, reason in suggestions.refused:
            refused["spans"] += 1
            span = (mention.start, mention.end, mention.label)
            record(Finding(document.id, "refused", reason, *span))
        comparison.add_document(document.id, document.sha256, suggestions.spans)
        labels.update(label for _, _, label in suggestions.spans)
    result.documents = {"given": given, "refused": refused["documents"]}
    result.spans = {"refused": refused["spans"]}
    return check_labels(labels)


def read_suggested(plan: PushPlan) -> Iterator[Suggested]:
    """The documents that can be pushed, in the order of the input."""
    for document in read_documents(plan.documents):
        if not refuse_document(document):
            yield document, suggest_spans(document, plan.layer).spans
