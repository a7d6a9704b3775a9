"""Mentions to link -> decisions in Doccano: what is missing is sent, what was sent is read back.

The server is asked first and believed, as for spans. A decision that is there is never changed;
where one was confirmed as SPLIT, its places are sent one by one. A push that was killed anywhere
is finished by running it again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.doccano.certainty import Uploads, make_sure, make_types
from corpus.doccano.client import BATCH_SIZE, Doccano
from corpus.doccano.exports import unpack_export
from corpus.doccano.link_comparison import (
    DIFFERENT,
    EDITED,
    LOST,
    MISSING,
    STORED,
    Judged,
    LinkComparison,
)
from corpus.doccano.link_examples import LinkExample, make_link_examples
from corpus.doccano.link_input import (
    Given,
    LinkPushPlan,
    LinkPushResult,
    check_candidates,
    describe_by,
    take_mentions,
)
from corpus.doccano.link_project import (
    KIND,
    check_link_settings,
    create_link_project,
    note_changed_keys,
    plan_category_types,
)
from corpus.doccano.link_rows import encode_link_row
from corpus.doccano.mapping import refuse_document, text_mark
from corpus.doccano.projects import Project, find_project
from corpus.doccano.push_input import Record, Watch
from corpus.doccano.verdicts import Finding
from corpus.engine import chunked
from corpus.errors import DataError
from corpus.kb.knowledge_base import KB
from corpus.store import read_documents

__all__ = ["LinkPushPlan", "LinkPushResult", "push_links"]


def push_links(
    plan: LinkPushPlan, client: Doccano, record: Record, *, watch: Watch = lambda items, _: items
) -> LinkPushResult:
    """Every mention is in a decision on the server, which is as it was sent, or is recorded.

    Raises before anything is sent: DataError for double ids, mentions without candidates or
    another knowledge base than theirs, DoccanoProjectError for a project that is not of links.
    """
    kb = KB(plan.kb)
    comparison = LinkComparison()
    result = LinkPushResult(plan.project, dry_run=plan.dry_run)
    try:
        with tempfile.TemporaryDirectory(prefix="corpus-push-") as folder:
            push = _Push(plan, client, kb, comparison, result, record, watch, Path(folder))
            push.read_input()
            push.run()
    finally:
        comparison.close()
    return result


class _Push:
    """One push under way: what its steps share."""

    def __init__(
        self,
        plan: LinkPushPlan,
        client: Doccano,
        kb: KB,
        comparison: LinkComparison,
        result: LinkPushResult,
        record: Record,
        watch: Watch,
        folder: Path,
    ) -> None:
        self.plan = plan
        self.client = client
        self.kb = kb
        self.describe = describe_by(kb)
        self.comparison = comparison
        self.result = result
        self.record = record
        self.watch = watch
        self.folder = folder
        self.uploading = 0  # decisions sent since the server was last read

    def read_input(self) -> None:
        """The input is sound and counted; what cannot be sent is recorded."""
        counts: Counter[str] = Counter(given=0, refused=0)
        for document in self.watch(read_documents(self.plan.documents), "read"):
            counts["given"] += 1
            reason = refuse_document(document)
            if reason:
                counts["refused"] += 1
                self.record(Finding(document.id, "refused", reason))
                continue
            self.comparison.add_document(document.id)
            given = take_mentions(document, self.plan.layer)
            if given is None:
                counts["without mentions"] += 1
            else:
                check_candidates(given, self.kb)
        if counts["given"] == counts["refused"] + counts["without mentions"]:
            raise DataError(
                f"{self.plan.documents}: no document has mentions in a layer {self.plan.layer!r}",
                "give another --layer, or documents with mentions",
            )
        self.result.documents = dict(counts)

    def run(self) -> None:
        """The whole push, step by step."""
        project = find_project(self.client, self.plan.project, self.plan.project_id)
        if project is not None:
            check_link_settings(project)
        types = plan_category_types(self.client, project)
        self.result.label_types = [str(one["text"]) for one in types]
        if not self.plan.dry_run:
            project = self._prepare(project, types)
        if project is not None:
            self.result.project_id = int(project["id"])
            self.result.url = f"{self.client.url}/projects/{project['id']}"
            self._read_server(self.result.project_id, self.plan.export)
            if not self.plan.dry_run:
                self._settle(self.result.project_id)
        self._conclude()

    def _settle(self, project: int) -> None:
        """What is missing or torn is sent, and read back, until it is there."""
        strangers = self.comparison.strangers
        uploads = Uploads(self.client, project, KIND)
        uploads.settle(
            lambda: self._send(uploads),
            lambda: self._compare(project),
            lambda: self.comparison.store.rows + self.uploading,
        )
        for problem in uploads.problems:
            self._find(Finding("", "import", problem))
        # Other programs show here, whatever their rows are called.
        rows, more = self.comparison.store.rows, self.comparison.strangers - strangers
        if more > 0:
            reason = f"the project has {rows} examples, {rows - more} were expected"
            self._find(Finding("", "count", reason))

    def _prepare(self, project: Project | None, types: list[dict[str, Any]]) -> Project:
        if project is None:
            project = create_link_project(self.client, self.plan.project, self.plan.description)
            self.result.notes.append("the project was created")
        make_types(
            project["id"], types, self.client.create_category_type, self.client.list_category_types
        )
        note = note_changed_keys(self.client, project)
        if note:
            self.result.notes.append(note)
        return project

    def _compare(self, project: int) -> int:
        """How many decisions are not there as they should be."""
        self._read_server(project)
        judged = (one.verdict for given in self._inputs() for one in self._judge(given))
        return sum(verdict in (MISSING, LOST) for verdict in judged)

    def _read_server(self, project: int, full: Path | None = None) -> None:
        if not self.client.count_examples(project):
            return
        # Who has confirmed a SPLIT stands in the other export.
        for confirmed, load in (
            (False, self.comparison.load_server),
            (True, self.comparison.store.load_confirmed),
        ):
            archive = self.folder / f"{'confirmed' if confirmed else 'full'}.zip"
            if full is not None and not confirmed:
                archive = full
            else:
                self.client.export_project(project, archive, confirmed=confirmed)
            load(self.watch(unpack_export(archive, self.folder), "read back"))

    def _inputs(self) -> Iterator[Given]:
        for document in read_documents(self.plan.documents):
            given = None if refuse_document(document) else take_mentions(document, self.plan.layer)
            if given is not None:
                yield given

    def _judge(self, given: Given) -> list[Judged]:
        """The decisions of one document: those on the server, then those that it lacks."""
        judged = list(self.comparison.judge(*given))
        stored = [one.stored for one in judged if one.stored is not None]
        if any(one.document_mark != text_mark(given.document.sha256) for one in stored):
            return judged  # nothing goes beside the decisions of another text
        known = [one.known for one in stored]
        for example in make_link_examples(*given, self.describe, per=self.plan.per, known=known):
            places = tuple((m.start, m.end) for m in example.mentions)
            label = example.mentions[0].label
            judged.append(
                Judged(MISSING, "it is not on the server", label, places, example=example)
            )
        return judged

    def _send(self, uploads: Uploads) -> bool:
        """Whether anything on the server has changed."""
        mended = self._mend(uploads.project)
        self.result.mended += mended
        self.uploading = 0
        for batch in self.watch(chunked(self._missing(), BATCH_SIZE), "upload"):
            rows = [encode_link_row(one, project=self.plan.project) for one in batch]
            uploads.send(rows, f"corpus-links-{batch[0].key}.jsonl")
            self.uploading += len(batch)
            for example in batch:
                self.result.sent += self.comparison.uploaded(example)
        return bool(mended or self.uploading)

    def _missing(self) -> Iterator[LinkExample]:
        for given in self._inputs():
            yield from (one.example for one in self._judge(given) if one.example is not None)

    def _mend(self, project: int) -> int:
        """How many preselected keys are set: an interrupted import left them out."""
        mended = 0
        types: dict[str, int] = {}
        for given in self.watch(self._inputs(), "compare"):
            for one in self.comparison.judge(*given):
                if one.verdict != LOST or one.stored is None:
                    continue
                types = types or {
                    str(t["text"]): int(t["id"]) for t in self.client.list_category_types(project)
                }
                # A person may have chosen since the export.
                example, label = one.stored.example, types[one.stored.sent]
                if not self.client.list_categories(project, example):
                    self._choose(project, example, label)
                mended += 1
        return mended

    def _choose(self, project: int, example: int, label: int) -> None:
        make_sure(
            lambda: self.client.create_category(project, example, label),
            lambda: bool(self.client.list_categories(project, example)),
        )

    def _find(self, finding: Finding) -> None:
        self.record(finding)
        self.result.clean = False

    def _conclude(self) -> None:
        decisions: Counter[str] = Counter()
        mentions: Counter[str] = Counter()
        for given in self._inputs():
            for one in self._judge(given):
                decisions[one.verdict] += 1
                mentions[one.verdict] += len(one.places)
                if one.verdict not in (STORED, EDITED):
                    start, end = one.places[0]
                    self.record(
                        Finding(given.document.id, one.verdict, one.reason, start, end, one.label)
                    )
        self.result.decisions = dict(sorted(decisions.items()))
        self.result.mentions = dict(sorted(mentions.items()))
        if self.comparison.strangers:
            self.result.notes.append(f"rows that corpus did not push: {self.comparison.strangers}")
        wrong = decisions[DIFFERENT]
        if not self.plan.dry_run:
            wrong += decisions[MISSING] + decisions[LOST]
        if wrong:
            self.result.clean = False
