"""Documents -> Doccano: what is missing is sent, what was sent is read back, span by span.

The server is asked first and believed: no local state can disagree with it. A push that was
killed anywhere is finished by running it again.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.doccano.autolabel import refuse_suggestions
from corpus.doccano.certainty import Uploads, make_types
from corpus.doccano.client import BATCH_SIZE, Doccano
from corpus.doccano.comparison import Comparison
from corpus.doccano.exports import ExportFile, unpack_export
from corpus.doccano.judged import DIFFERENT, LOST, MISSING, UNCLEAR
from corpus.doccano.labels import plan_span_types
from corpus.doccano.mapping import (
    batch_mark,
    encode_row,
)
from corpus.doccano.projects import (
    Project,
    check_settings,
    create_project,
    fill_guideline,
    find_project,
)
from corpus.doccano.push_input import (
    PushInput,
    PushPlan,
    PushResult,
    Record,
    Suggested,
    Watch,
    read_input,
)
from corpus.doccano.readback import (
    delete_untouched,
    list_findings,
    pair_documents,
    repair_documents,
)
from corpus.doccano.updating import delete_outdated, snapshots_of
from corpus.doccano.verdicts import Finding
from corpus.engine import chunked
from corpus.errors import DataError, DoccanoProjectError

__all__ = ["PushPlan", "PushResult", "Watch", "push_documents"]


def push_documents(
    plan: PushPlan,
    client: Doccano,
    record: Record,
    *,
    watch: Watch = lambda items, _: items,
) -> PushResult:
    """Every document of the input is on the server as it was sent, or a recorded finding.

    `record` takes each finding as it comes; `watch` wraps long streams to show progress.
    Raises before anything is sent: DataError for double ids or labels that Doccano would mix up,
    DoccanoProjectError for a project that cannot hold the spans or lacks a label type.
    """
    result = PushResult(plan.project, dry_run=plan.dry_run)
    with (
        contextlib.closing(PushInput(plan)) as given,
        contextlib.closing(Comparison()) as comparison,
        tempfile.TemporaryDirectory(prefix="corpus-push-") as folder,
    ):
        labels = read_input(given, comparison, result, record, watch)
        _Push(given, client, comparison, result, record, watch, Path(folder)).run(labels)
    return result


class _Push:
    """One push under way: what its steps share."""

    def __init__(
        self,
        given: PushInput,
        client: Doccano,
        comparison: Comparison,
        result: PushResult,
        record: Record,
        watch: Watch,
        folder: Path,
    ) -> None:
        self.plan = given.plan
        self.suggested = given.suggested
        self.client = client
        self.comparison = comparison
        self.result = result
        self.record = record
        self.watch = watch
        self.folder = folder
        self.exported: list[ExportFile] = []
        self.uploading = 0  # documents sent since the server was last read

    def run(self, labels: list[str]) -> None:
        """The whole push, step by step."""
        project = find_project(self.client, self.plan.project, self.plan.project_id)
        examples = 0
        if project is not None:
            check_settings(project)
            if self.comparison.has_spans():
                refuse_suggestions(project, self.client)
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
            self._settle(project["id"])
        self._conclude()

    def _update(self, project: int) -> None:
        """What has changed at its source, and nobody has touched, is missing from now on."""
        if not self.plan.update or not any(one.replaceable for one in self.comparison.judge()):
            return
        kept = self.plan.kept or Path(f"{self.plan.documents}.push")
        deleted, self.exported = delete_outdated(
            self.client, project, self.comparison, kept, self.folder
        )
        self.result.notes.append(
            f"documents replaced: {deleted}; what the server had is in {snapshots_of(kept)}"
        )

    def _settle(self, project: int) -> None:
        """What is missing or torn is sent, and read back, until it is there."""
        self._update(project)
        strangers = self.comparison.strangers
        uploads = Uploads(self.client, project)
        uploads.settle(
            lambda: self._send(uploads),
            lambda: self._compare(project),
            lambda: self.comparison.rows + self.uploading,
        )
        for problem in uploads.problems:
            self._find(Finding("", "import", problem))
        # Other programs show here, whatever their rows are called.
        rows, more = self.comparison.rows, self.comparison.strangers - strangers
        if more > 0:
            reason = f"the project has {rows} documents, {rows - more} were expected"
            self._find(Finding("", "count", reason))

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
        unused = sorted({str(one["text"]) for one in existing} - set(labels))
        if unused:
            self.result.notes.append(
                f"label types of the project that no document here has: {', '.join(unused)}"
            )
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
        make_types(project["id"], types, self.client.create_span_type, self.client.list_span_types)
        return project

    def _compare(self, project: int, archive: Path | None = None) -> int:
        """How many documents are not there as they should be."""
        if archive is None:
            archive = self.folder / "full.zip"
            self.client.export_project(project, archive)
        self.exported = unpack_export(archive, self.folder)
        self.comparison.load_server(self.watch(self.exported, "read back"))
        counts = self.comparison.count()
        if counts[LOST] or counts[UNCLEAR] or counts[DIFFERENT]:
            # Who has confirmed is in another export, needed only now.
            archive = self.folder / "confirmed.zip"
            self.client.export_project(project, archive, confirmed=True)
            self.comparison.load_confirmed(unpack_export(archive, self.folder))
            counts = self.comparison.count()
        return counts[LOST] + counts[MISSING]

    def _send(self, uploads: Uploads) -> bool:
        """Whether anything on the server has changed."""
        lost = [one for one in self.comparison.judge() if one.verdict == LOST]
        deleted = delete_untouched(self.client, uploads.project, lost)
        for id in deleted:
            self.comparison.forget(id)
        if deleted:
            self.result.notes.append(f"documents left without spans and sent again: {len(deleted)}")
        repaired = 0
        if self.plan.repair and not self.uploading:
            pairs = zip(self.comparison.judge(), self.suggested(), strict=True)
            repaired = repair_documents(self.client, uploads.project, pairs)
            self.result.notes.append(f"documents repaired: {repaired}")
        self.uploading = 0
        if self.comparison.count()[MISSING]:
            for batch in self.watch(chunked(self._missing(), BATCH_SIZE), "upload"):
                self._upload(uploads, batch)
        return bool(lost or repaired or self.uploading)

    def _missing(self) -> Iterator[Suggested]:
        for one in self.suggested():
            if self.comparison.is_missing(one.document.id):
                yield one

    def _upload(self, uploads: Uploads, batch: list[Suggested]) -> None:
        with_spans = sum(bool(one.spans) for one in batch)
        plan, mark = self.plan, batch_mark((one.document.id for one in batch), with_spans)
        rows = [
            encode_row(
                document,
                spans,
                project=plan.project,
                batch=mark,
                layer=plan.layer,
                piece=str(piece or ""),
            )
            for document, spans, piece in batch
        ]
        uploads.send(rows, f"corpus-{mark.replace(':', '-')}.jsonl")
        self.uploading += len(batch)
        for one in batch:
            self.result.sent += self.comparison.uploaded(one.document.id)

    def _find(self, finding: Finding) -> None:
        self.record(finding)
        self.result.clean = False

    def _conclude(self) -> None:
        counts = self.comparison.count()
        self.result.documents |= dict(sorted(counts.items()))
        replaceable = sum(one.replaceable for one in self.comparison.judge())
        if replaceable:
            verb = "would replace" if self.plan.dry_run else "replaces"
            self.result.notes.append(
                f"of the different ones nobody has touched {replaceable}: --update {verb} them"
            )
        spans: Counter[str] = Counter()
        pairs = pair_documents(self.comparison, self.suggested)
        for finding in list_findings(pairs, self.exported, spans):
            self.record(finding)
        self.result.spans |= dict(sorted(spans.items()))
        wrong = counts[DIFFERENT] + counts[UNCLEAR] + spans["wrong"]
        if not self.plan.dry_run:
            wrong += counts[MISSING] + counts[LOST]
        if wrong:
            self.result.clean = False
