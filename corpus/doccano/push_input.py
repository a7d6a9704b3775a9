"""What is to be pushed: the plan, its documents as Doccano can hold them, and what came of it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from corpus.doccano.comparison import Comparison
from corpus.doccano.labels import check_labels
from corpus.doccano.mapping import Triple, refuse_document, suggest_spans
from corpus.doccano.pieces import Piece, cut_document
from corpus.doccano.projects import DESCRIPTION
from corpus.doccano.verdicts import Finding
from corpus.model import Document, layer_of
from corpus.store import read_documents

Watch = Callable[[Iterable[Any], str], Iterable[Any]]
Record = Callable[[Finding], None]


class Suggested(NamedTuple):
    """A document, or a piece of one, and the spans to send with it, in UTF-16 units."""

    document: Document
    spans: tuple[Triple, ...]
    piece: Piece | None = None


class PushPlan(msgspec.Struct, frozen=True):
    """What to push, and what may be done to a project that is there.

    `export` is the project's full export, if it was made a moment ago. `update`: what has
    changed at its source and nobody has touched is sent again; the exports of before are in
    `kept`. Documents that have gold mentions in `without_gold` are left out. Those of more than
    `max_chars` code points are sent in pieces.
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
    update: bool = False
    kept: Path | None = None
    without_gold: Path | None = None
    max_chars: int | None = None
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


class PushInput:
    """The documents of a plan; those with gold mentions in `without_gold` are left out."""

    def __init__(self, plan: PushPlan) -> None:
        self.plan = plan
        self.left_out = 0
        self._gold = sqlite3.connect("", isolation_level=None)
        self._gold.executescript("CREATE TABLE gold (id TEXT PRIMARY KEY); BEGIN")
        for document in read_documents(plan.without_gold) if plan.without_gold else ():
            if layer_of(document, "gold") is not None:
                self._gold.execute("INSERT OR IGNORE INTO gold VALUES (?)", (document.id,))

    def documents(self) -> Iterator[Document]:
        """Every document to push, in the order of the input; how many were left out is counted."""
        self.left_out = 0
        for document in read_documents(self.plan.documents):
            if self._gold.execute("SELECT 1 FROM gold WHERE id = ?", (document.id,)).fetchone():
                self.left_out += 1
            else:
                yield document

    def suggested(self) -> Iterator[Suggested]:
        """Those that Doccano can hold, whole or in pieces, with the spans to send."""
        for document in self.documents():
            if not refuse_document(document):
                yield from self.cut(document)

    def cut(self, document: Document) -> Iterator[Suggested]:
        """The document with the spans to send, in pieces if it is longer than the plan allows."""
        longest = self.plan.max_chars or len(document.text)
        for part, piece in cut_document(document, self.plan.layer, longest):
            yield Suggested(part, suggest_spans(part, self.plan.layer).spans, piece)

    def close(self) -> None:
        """Nothing is left open."""
        self._gold.close()


def read_input(
    given: PushInput,
    comparison: Comparison,
    result: PushResult,
    record: Record,
    watch: Watch,
) -> list[str]:
    """The labels that the project needs; refusals are recorded, nothing is sent."""
    plan = given.plan
    labels = set(plan.labels)
    refused: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    number = 0
    for document in watch(given.documents(), "read"):
        number += 1
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
        labels.update(label for _, _, label in suggestions.spans)
        # One that fits has its spans already: they are not looked for twice.
        if plan.max_chars is None or len(document.text) <= plan.max_chars:
            comparison.add_document(document.id, document.sha256, suggestions.spans)
        else:
            pieces += _add_pieces(given.cut(document), document.id, plan.max_chars, comparison)
    result.documents = {"given": number, "refused": refused["documents"]}
    if given.left_out:
        result.documents["left out, with gold"] = given.left_out
    result.spans = {"refused": refused["spans"]}
    if pieces["documents"]:
        how_many = f"{pieces['documents']:,}, in {pieces['pieces']:,} pieces"
        result.notes.append(f"documents over {plan.max_chars:,} characters: {how_many}")
    if pieces["longer"]:
        reason = f"longer than {plan.max_chars:,} characters, since no paragraph or mention is cut"
        result.notes.append(f"{reason}: {pieces['longer']:,}")
    return check_labels(labels)


def _add_pieces(
    pieces: Iterable[Suggested], id: str, longest: int, comparison: Comparison
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for part, spans, piece in pieces:
        cut = piece.cut if piece else ""
        comparison.add_document(part.id, part.sha256, spans, document=id, cut=cut)
        counts["documents"] += piece is not None and piece.number == 1
        counts["pieces"] += piece is not None
        counts["longer"] += len(part.text) > longest
    return counts
