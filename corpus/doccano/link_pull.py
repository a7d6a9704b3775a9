"""Decisions in Doccano -> annotators' links layers, into the folder of a pull, under its lock."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from corpus.doccano.annotators import ANNOTATOR, name_annotator
from corpus.doccano.client import Doccano
from corpus.doccano.link_decisions import KnowledgeBase
from corpus.doccano.link_layers import WAITS, LinkReading, PulledLinks, read_layer
from corpus.doccano.link_project import check_link_project
from corpus.doccano.link_store import LinkStore
from corpus.doccano.merging import EarlierLayers, add_layer, layer_key
from corpus.doccano.projects import find_project
from corpus.doccano.pull import OUTPUT, kept_manifest, locked
from corpus.doccano.snapshots import Snapshot, take_snapshot
from corpus.errors import DoccanoProjectError
from corpus.kb.knowledge_base import KB
from corpus.manifest import Stage, open_stage
from corpus.model import Change, Document, Layer, count_mentions, layer_of
from corpus.store import find_shards, read_documents, write_documents

Watch = Callable[[Iterable[Any], str], Iterable[Any]]


class LinkPullPlan(msgspec.Struct, frozen=True):
    """What to pull, and into which folder; `kb` is asked for the ids that came by comment."""

    folder: Path
    project: str
    documents: Path | None = None
    kb: Path | None = None
    annotator: str = ""
    layer: str = "gold"
    project_id: int | None = None
    force: bool = False


def pull_links(
    plan: LinkPullPlan, client: Doccano, *, watch: Watch = lambda items, _: items
) -> Stage | None:
    """`folder`/documents.jsonl has the annotator's links layer as the server has it now.

    None if it had it already. Raises UsageError while another pull works in the folder, and
    DataError where an earlier layer would be lost, which only `force` accepts.
    """
    kb = KB(plan.kb) if plan.kb else None
    project = find_project(client, plan.project, plan.project_id)
    if project is None:
        raise DoccanoProjectError(
            f"no project is named {plan.project!r}, or {client.username!r} is no member of it",
            "check --project; `corpus push --task links` makes one",
        )
    check_link_project(project)
    plan.folder.mkdir(parents=True, exist_ok=True)
    with (
        locked(plan.folder),
        tempfile.TemporaryDirectory(prefix="corpus-pull-") as workspace,
        contextlib.ExitStack() as stack,
    ):
        id = int(project["id"])
        snapshots = [
            take_snapshot(client, id, plan.folder, Path(workspace), confirmed=confirmed)
            for confirmed in (False, True)
        ]
        name, round = name_annotator(plan.project, plan.annotator, client.username)
        reading = LinkReading(f"{ANNOTATOR}{name}", round, plan.layer, _ask(kb))
        stage = _open(plan, id, snapshots, reading, kb)
        if stage is None:
            return None
        output = plan.folder / OUTPUT
        earlier = EarlierLayers(output, force=plan.force)
        stack.callback(earlier.close)
        store = LinkStore()
        stack.callback(store.close)
        merge = _Merge(stage, store, reading, earlier)
        with kept_manifest(output), stage:
            merge.load(*snapshots)
            write_documents(merge.documents(plan.documents, watch), output)
    return stage


def _ask(kb: KB | None) -> KnowledgeBase | None:
    if kb is None:
        return None
    return KnowledgeBase(kb.info.name, kb.info.hash, kb.target_of)


def _open(
    plan: LinkPullPlan,
    project: int,
    snapshots: Sequence[Snapshot],
    reading: LinkReading,
    kb: KB | None,
) -> Stage | None:
    given = find_shards(plan.documents) if plan.documents else []
    return open_stage(
        "pull",
        plan.folder / OUTPUT,
        [*(snapshot.archive for snapshot in snapshots), *given],
        settings={
            "task": "links",
            "project": plan.project,
            "project_id": project,
            "annotators": [reading.name],
            "layer": plan.layer,
        },
        versions={"kb": kb.info.hash} if kb else {},
        force=plan.force,
        renew=True,
    )


class _Merge:
    """Base documents and the server's decisions become one stream, everything counted."""

    def __init__(
        self, stage: Stage, store: LinkStore, reading: LinkReading, earlier: EarlierLayers
    ) -> None:
        self.stage = stage
        self.store = store
        self.reading = reading
        self.earlier = earlier
        self.notes: dict[str, int] = {
            "confirmed": 0,
            "touched": 0,
            "untouched": 0,
            "not_in_the_project": 0,
            "judged": 0,
            "not_judged": 0,
            "to_split_by_the_next_push": 0,
        }

    def load(self, full: Snapshot, confirmed: Snapshot) -> None:
        """The server's decisions are known; rows that are none are rejects."""
        for row, reason in self.store.load(full.files):
            name = str(row.corpus_id or f"doccano:{row.id}")
            self._refuse_document(name, reason, f"example {row.id}", 0)
        self.store.load_confirmed(confirmed.files)

    def documents(self, given: Path | None, watch: Watch) -> Iterator[Document]:
        """Every document, in the order of the given ones, else as it was."""
        stream = read_documents(given) if given else self.earlier.documents()
        for document in watch(stream, "pull"):
            self.earlier.check_once(document.id)
            counted = count_mentions(document)
            self.stage.documents.received += 1
            self.stage.documents.kept += 1
            self.stage.mentions.received += counted
            self.stage.mentions.kept += counted
            document = self._add_layers(document)
            self.stage.documents.written += 1
            self.stage.mentions.written += count_mentions(document)
            yield document
        for id in self.store.unseen():
            decisions = [stored for stored, _ in self.store.decisions(id)]
            where = f"example {decisions[0].example}"
            if len(decisions) > 1:
                where += f" and {len(decisions) - 1} more"
            places = sum(len(stored.places) for stored in decisions)
            self._refuse_document(id, "it is not among the given documents", where, places)
        self.earlier.check_all_kept()
        self.stage.manifest.notes |= self.notes

    def _add_layers(self, document: Document) -> Document:
        layers = {layer_key(layer): layer for layer in self.earlier.layers(document.id)}
        key = (self.reading.name, "links", self.reading.round)
        decisions = [stored for stored, _ in self.store.decisions(document.id)]
        spans = layer_of(document, self.reading.spans)
        pulled = read_layer(document, spans, decisions, self.reading)
        self._count(pulled, found=bool(decisions) or not (spans and spans.mentions))
        old = layers.get(key)
        if old is not None and (
            pulled.layer is None or old.state == "confirmed" != pulled.layer.state
        ):
            what = "gone from the server" if pulled.layer is None else "not confirmed any more"
            self.earlier.lose(document.id, old, what)
        if pulled.layer is not None:
            layers[key] = pulled.layer
        else:
            layers.pop(key, None)
        given = next((one for one in document.layers if layer_key(one) == key), None)
        for change in pulled.repaired:
            self._count_repair(change, given)
        for layer in layers.values():
            document = add_layer(document, layer, self.stage)
        return document

    def _count(self, pulled: PulledLinks, *, found: bool) -> None:
        for change in pulled.refused:
            self.stage.record(change)
            self.stage.mentions.received += 1
            self.stage.mentions.rejected += 1
        self.notes["not_in_the_project"] += not found
        self.notes["to_split_by_the_next_push"] += pulled.split
        if pulled.layer is not None:
            self._count_layer(pulled.layer)

    def _count_repair(self, change: Change, given: Layer | None) -> None:
        """List an answer that was repaired; a mention that the given document has counts once."""
        self.stage.record(change)
        before = {mention.id: mention for mention in given.mentions} if given else {}
        if change.mention not in before:
            self.stage.mentions.received += 1
            self.stage.mentions.repaired += 1
            self.stage.add(self.reading.name, -1)
        elif msgspec.to_builtins(before[change.mention].links) == change.after["links"]:
            self.stage.mentions.kept -= 1
            self.stage.mentions.repaired += 1

    def _count_layer(self, layer: Layer) -> None:
        self.notes[str(layer.state)] += 1
        judged = sum(mention.source not in ("", WAITS) for mention in layer.mentions)
        self.notes["judged"] += judged
        self.notes["not_judged"] += len(layer.mentions) - judged

    def _refuse_document(self, id: str, reason: str, where: str, places: int) -> None:
        self.stage.record(Change(kind="rejected", document=id, reason=reason, where=where))
        self.stage.documents.received += 1
        self.stage.documents.rejected += 1
        self.stage.mentions.received += places
        self.stage.mentions.rejected += places
