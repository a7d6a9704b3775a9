"""Doccano -> annotator layers: the server's state, joined to the documents, under a lock.

A folder may be pulled into again and from several projects (one an annotator): the layers of
others stay, a layer that changed is replaced (its snapshot stays), and a pull that would lose
one stops.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from corpus.doccano.annotators import Annotator, Reading, name_annotators, pull_layer
from corpus.doccano.client import Doccano
from corpus.doccano.mapping import decode_row, row_spans
from corpus.doccano.merging import EarlierLayers, add_layer, layer_key, rebuild_document
from corpus.doccano.projects import Project, check_type, find_project
from corpus.doccano.snapshots import take_snapshot
from corpus.errors import DoccanoProjectError, UsageError
from corpus.manifest import Stage, manifest_path, open_stage
from corpus.model import Change, Document, count_mentions
from corpus.store import atomic_output, find_shards, read_documents, write_documents

Watch = Callable[[Iterable[Any], str], Iterable[Any]]

OUTPUT = "documents.jsonl"
LOCK = ".lock"


class PullPlan(msgspec.Struct, frozen=True):
    """What to pull, and into which folder."""

    folder: Path
    project: str
    documents: Path | None = None
    annotator: str = ""
    layer: str = "silver"
    project_id: int | None = None
    force: bool = False


def pull_documents(
    plan: PullPlan, client: Doccano, *, watch: Watch = lambda items, _: items
) -> Stage | None:
    """`folder`/documents.jsonl has the annotators' layers as the server has them now.

    None if it had them already. Raises UsageError while another pull works in the folder, and
    DataError where an earlier layer would be lost, which only `force` accepts.
    """
    project = find_project(client, plan.project, plan.project_id)
    if project is None:
        raise DoccanoProjectError(
            f"no project is named {plan.project!r}, or {client.username!r} is no member of it",
            "check --project; `corpus push` makes one",
        )
    check_type(project)
    plan.folder.mkdir(parents=True, exist_ok=True)
    with (
        locked(plan.folder),
        tempfile.TemporaryDirectory(prefix="corpus-pull-") as workspace,
        contextlib.ExitStack() as stack,
    ):
        return _pull(plan, client, project, Path(workspace), stack, watch)


def _pull(
    plan: PullPlan,
    client: Doccano,
    project: Project,
    workspace: Path,
    stack: contextlib.ExitStack,
    watch: Watch,
) -> Stage | None:
    id = int(project["id"])
    full = take_snapshot(client, id, plan.folder, workspace, confirmed=False)
    confirmed = take_snapshot(client, id, plan.folder, workspace, confirmed=True)
    shared = bool(project["collaborative_annotation"])
    annotators = name_annotators(
        full.files,
        confirmed.files,
        shared=shared,
        project=plan.project,
        annotator=plan.annotator,
        user=client.username,
    )
    for annotator in annotators:
        stack.callback(annotator.close)
    given = find_shards(plan.documents) if plan.documents else []
    output = plan.folder / OUTPUT
    stage = open_stage(
        "pull",
        output,
        [full.archive, confirmed.archive, *given],
        settings={
            "project": plan.project,
            "project_id": id,
            "annotators": [annotator.layer_name for annotator in annotators],
            "layer": plan.layer,
        },
        force=plan.force,
        renew=True,
    )
    if stage is None:
        return None
    earlier = EarlierLayers(output, force=plan.force)
    stack.callback(earlier.close)
    reading = Reading(bool(project["grapheme_mode"]), shared, plan.layer)
    merge = _Merge(stage, annotators, reading, earlier)
    with kept_manifest(output), stage:
        write_documents(merge.documents(plan.documents, watch), output)
    return stage


class _Merge:
    """Base documents and the server's layers become one stream, everything counted."""

    def __init__(
        self,
        stage: Stage,
        annotators: Sequence[Annotator],
        reading: Reading,
        earlier: EarlierLayers,
    ) -> None:
        self.stage = stage
        self.annotators = annotators
        self.reading = reading
        self.earlier = earlier
        self.notes: dict[str, int] = {
            "confirmed": 0,
            "touched": 0,
            "untouched": 0,
            "not_in_the_project": 0,
            "without_their_suggestions": 0,
            "layers_rejected": 0,
        }

    def documents(self, given: Path | None, watch: Watch) -> Iterator[Document]:
        """Every document, in the order of the given ones, else as it was, else as pushed."""
        for number, annotator in enumerate(self.annotators):
            for change, spans in annotator.load():
                # Every file of a project that is not shared lists the same strangers.
                if number == 0 or change.layer:
                    self._reject([change], spans)
                else:
                    self.stage.mentions.received += spans
                    self.stage.mentions.rejected += spans
        for document in watch(read_documents(given) if given else self.earlier.documents(), "pull"):
            self.earlier.check_once(document.id)
            self._receive(document)
            yield self._write(self._add_layers(document))
        for document in self._rest(bool(given)):
            yield self._write(self._add_layers(document))
        self.earlier.check_all_kept()
        self.stage.manifest.notes |= self.notes

    def _receive(self, document: Document) -> None:
        counted = count_mentions(document)
        self.stage.documents.received += 1
        self.stage.documents.kept += 1
        self.stage.mentions.received += counted
        self.stage.mentions.kept += counted

    def _write(self, document: Document) -> Document:
        self.stage.documents.written += 1
        self.stage.mentions.written += count_mentions(document)
        return document

    def _add_layers(self, document: Document) -> Document:
        layers = {layer_key(layer): layer for layer in self.earlier.layers(document.id)}
        found = False
        for annotator in self.annotators:
            key = (annotator.layer_name, "spans", annotator.round)
            pulled = pull_layer(document, annotator, self.reading)
            found = found or pulled is not None
            old = layers.get(key)
            if pulled is None:
                if old is not None:
                    self.earlier.lose(document.id, old, "gone from the server")
                    del layers[key]
                continue
            self._reject(pulled.refused, pulled.spans)
            self.notes["without_their_suggestions"] += pulled.bare
            if pulled.layer is not None:
                if old is not None and old.state == "confirmed" != pulled.layer.state:
                    self.earlier.lose(document.id, old, "not confirmed any more")
                self.notes[str(pulled.layer.state)] += 1
                layers[key] = pulled.layer
        self.notes["not_in_the_project"] += not found
        for layer in layers.values():
            document = add_layer(document, layer, self.stage)
        return document

    def _reject(self, changes: Sequence[Change], spans: int) -> None:
        """Count what the server holds and the documents cannot take: received and rejected."""
        for change in changes:
            self.stage.record(change)
            if not change.layer:
                self.stage.documents.received += 1
                self.stage.documents.rejected += 1
            elif not change.mention:
                self.notes["layers_rejected"] += 1
        self.stage.mentions.received += spans
        self.stage.mentions.rejected += spans

    def _rest(self, given: bool) -> Iterator[Document]:
        """What only the server has: rebuilt from its row, or refused beside given documents."""
        first = self.annotators[0]
        for id in first.full.unseen():
            row = decode_row(first.full.peek(id), f"export of {first.file.author}")
            document, reason = rebuild_document(row)
            if given:
                reason = "it is not among the given documents"
            if reason:
                where = f"example {row.id}"
                change = Change(kind="rejected", document=id, reason=reason, where=where)
                self._reject([change], len(row_spans(row)))
            else:
                self.stage.documents.added += 1
                yield document


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """No other pull works in the folder. Raises UsageError if one does."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout as error:
        raise UsageError(
            f"{folder}: another pull is working there", "wait for it, or give another -o"
        ) from error


@contextlib.contextmanager
def kept_manifest(output: Path) -> Iterator[None]:
    """A pull that stops leaves the folder's manifest as it was, as it leaves the documents."""
    path = manifest_path(output)
    earlier = path.read_bytes() if path.exists() and output.exists() else None
    try:
        yield
    except BaseException:
        if earlier is not None:
            with atomic_output(path) as sink:
                sink.write(earlier)
        raise
