"""Documents -> Doccano: what is missing is sent, what was sent is read back, span by span.

The server is asked first and believed: no local state can disagree with it. A push that was
killed anywhere is finished by running it again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from corpus.doccano.client import BATCH_SIZE, Doccano
from corpus.doccano.comparison import DIFFERENT, LOST, MISSING, UNCLEAR, Comparison
from corpus.doccano.exports import ExportFile, unpack_export
from corpus.doccano.labels import check_labels, plan_span_types
from corpus.doccano.mapping import (
    Triple,
    batch_mark,
    encode_row,
    refuse_document,
    suggest_spans,
)
from corpus.doccano.projects import (
    DESCRIPTION,
    Project,
    check_settings,
    create_project,
    fill_guideline,
    find_project,
)
from corpus.doccano.readback import (
    delete_untouched,
    list_findings,
    pair_documents,
    repair_documents,
)
from corpus.doccano.verdicts import Finding
from corpus.engine import chunked
from corpus.errors import DataError, DoccanoProjectError
from corpus.model import Document
from corpus.store import read_documents

Watch = Callable[[Iterable[Any], str], Iterable[Any]]


class PushPlan(msgspec.Struct, frozen=True):
    """What to push, and what may be done to a project that is there.

    `export` is its full export, if it was made a moment ago.
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


def push_documents(
    plan: PushPlan,
    client: Doccano,
    record: Callable[[Finding], None],
    *,
    watch: Watch = lambda items, _: items,
) -> PushResult:
    """Every document of the input is on the server as it was sent, or a recorded finding.

    `record` takes each finding as it comes; `watch` wraps long streams to show progress.
    Raises before anything is sent: DataError for double ids or labels that Doccano would mix up,
    DoccanoProjectError for a project that cannot hold the spans or lacks a label type.
    """
    comparison = Comparison()
    result = PushResult(plan.project, dry_run=plan.dry_run)
    try:
        labels = _read_input(plan, comparison, result, record, watch)
        with tempfile.TemporaryDirectory(prefix="corpus-push-") as folder:
            _Push(plan, client, comparison, result, record, watch, Path(folder)).run(labels)
    finally:
        comparison.close()
    return result


def _read_input(
    plan: PushPlan,
    comparison: Comparison,
    result: PushResult,
    record: Callable[[Finding], None],
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


class _Push:
    """One push under way: what its steps share."""

    def __init__(
        self,
        plan: PushPlan,
        client: Doccano,
        comparison: Comparison,
        result: PushResult,
        record: Callable[[Finding], None],
        watch: Watch,
        folder: Path,
    ) -> None:
        self.plan = plan
        self.client = client
        self.comparison = comparison
        self.result = result
        self.record = record
        self.watch = watch
        self.folder = folder
        self.exported: list[ExportFile] = []

    def run(self, labels: list[str]) -> None:
        """The whole push, step by step."""
        project = find_project(self.client, self.plan.project, self.plan.project_id)
        examples = 0
        if project is not None:
            check_settings(project)
            examples = self.client.count_examples(project["id"])
        types = self._plan_types(project, examples, labels)
        if not self.plan.dry_run:
            project = self._prepare_project(project, types)
        self.result.label_types = [str(one["text"]) for one in types]
        if project is None:
            self._conclude()
            return
        self.result.project_id = project["id"]
        self.result.url = f"{self.client.url}/projects/{project['id']}"
        if examples:
            self._compare(project["id"], self.plan.export)
        if not self.plan.dry_run:
            rows = self.comparison.rows
            deleted, changed = self._send(project["id"])
            if changed:
                self._compare(project["id"])
                self._check_growth(rows - deleted + self.result.sent)
        self._conclude()

    def _plan_types(
        self, project: Project | None, examples: int, labels: list[str]
    ) -> list[dict[str, Any]]:
        existing = self.client.list_span_types(project["id"]) if project else []
        if not labels and not existing:
            raise DataError(
                f"{self.plan.documents}: no document has mentions in a layer {self.plan.layer!r}, "
                "so the project would have no label type",
                "name the label types with --label, or give another --layer",
            )
        types = plan_span_types(labels, existing)
        if types and project and examples and not self.plan.add_labels:
            names = ", ".join(str(one["text"]) for one in types)
            raise DoccanoProjectError(
                f"project {project['name']!r} ({project['id']}) lacks the label types {names}",
                "add them with --add-labels, which re-opens no document; nothing was changed",
            )
        return types

    def _prepare_project(self, project: Project | None, types: list[dict[str, Any]]) -> Project:
        if project is None:
            project = create_project(
                self.client, self.plan.project, self.plan.guideline, self.plan.description
            )
            self.result.notes.append("the project was created")
        note = fill_guideline(self.client, project, self.plan.guideline)
        if note:
            self.result.notes.append(note)
        for fields in types:
            self.client.create_span_type(project["id"], fields)
        return project

    def _compare(self, project: int, archive: Path | None = None) -> None:
        if archive is None:
            archive = self.folder / "full.zip"
            self.client.export_project(project, archive)
        self.exported = unpack_export(archive, self.folder)
        self.comparison.load_server(self.watch(self.exported, "read back"))
        counts = self.comparison.count()
        if counts[LOST] or counts[UNCLEAR]:
            # Who has confirmed is in another export, needed only now.
            archive = self.folder / "confirmed.zip"
            self.client.export_project(project, archive, confirmed=True)
            self.comparison.load_confirmed(unpack_export(archive, self.folder))

    def _send(self, project: int) -> tuple[int, bool]:
        """How many documents were deleted, and whether anything on the server has changed."""
        lost = [one for one in self.comparison.judge() if one.verdict == LOST]
        deleted = delete_untouched(self.client, project, lost)
        for id in deleted:
            self.comparison.forget(id)
        if deleted:
            self.result.notes.append(f"documents left without spans and sent again: {len(deleted)}")
        repaired = 0
        if self.plan.repair:
            pairs = zip(self.comparison.judge(), self._suggestions(), strict=True)
            repaired = repair_documents(self.client, project, pairs)
            self.result.notes.append(f"documents repaired: {repaired}")
        if self.comparison.count()[MISSING]:
            for batch in self.watch(chunked(self._missing(), BATCH_SIZE), "upload"):
                self._upload(project, batch)
        return len(deleted), bool(lost or repaired or self.result.sent)

    def _suggestions(self) -> Iterator[tuple[Document, tuple[Triple, ...]]]:
        for document in read_documents(self.plan.documents):
            if not refuse_document(document):
                yield document, suggest_spans(document, self.plan.layer).spans

    def _missing(self) -> Iterator[tuple[Document, tuple[Triple, ...]]]:
        for document, spans in self._suggestions():
            if self.comparison.is_missing(document.id):
                yield document, spans

    def _upload(self, project: int, batch: list[tuple[Document, tuple[Triple, ...]]]) -> None:
        with_spans = sum(bool(spans) for _, spans in batch)
        plan, mark = self.plan, batch_mark((document.id for document, _ in batch), with_spans)
        rows = [
            encode_row(document, spans, project=plan.project, batch=mark, layer=plan.layer)
            for document, spans in batch
        ]
        for problem in self.client.import_rows(
            project, rows, f"corpus-{mark.replace(':', '-')}.jsonl"
        ):
            self._find(Finding("", "import", problem))
        for document, _ in batch:
            self.comparison.uploaded(document.id)
        self.result.sent += len(batch)

    def _find(self, finding: Finding) -> None:
        self.record(finding)
        self.result.clean = False

    def _check_growth(self, expected: int) -> None:
        # Retried imports and other programs show here, whatever their rows are called.
        there = self.comparison.rows
        if there != expected:
            reason = f"the project has {there} documents, {expected} were expected"
            self._find(Finding("", "count", reason))

    def _conclude(self) -> None:
        counts = self.comparison.count()
        self.result.documents |= dict(sorted(counts.items()))
        spans: Counter[str] = Counter()
        pairs = pair_documents(self.comparison, self._suggestions)
        for finding in list_findings(pairs, self.exported, spans):
            self.record(finding)
        self.result.spans |= dict(sorted(spans.items()))
        wrong = counts[DIFFERENT] + counts[UNCLEAR] + spans["wrong"]
        if not self.plan.dry_run:
            wrong += counts[MISSING] + counts[LOST]
        if wrong:
            self.result.clean = False
