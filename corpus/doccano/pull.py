"""Doccano -> annotator layers: the server's state, joined to the documents, under a lock.

A folder may be pulled into again and from several projects (one an annotator and pass): the
layers of others stay, a layer that changed is replaced (its snapshot stays), and a pull that
would lose one stops.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from corpus.doccano.annotators import ANNOTATOR, Share, choose_shares, place_of
from corpus.doccano.client import Doccano
from corpus.doccano.earlier_layers import EarlierLayers
from corpus.doccano.link_project import check_link_project
from corpus.doccano.link_source import LinkSource
from corpus.doccano.merging import Merge, Watch
from corpus.doccano.projects import check_type
from corpus.doccano.pulled import CUT_FROM, PulledProject, read_cut, read_pulled
from corpus.doccano.snapshots import FOLDER, Snapshot, take_snapshot
from corpus.doccano.sources import LayerKey, Source
from corpus.doccano.span_source import open_span_sources
from corpus.errors import DoccanoProjectError
from corpus.files import locked_folder
from corpus.kb.knowledge_base import KB
from corpus.manifest import Stage, manifest_path, open_stage
from corpus.model import Task
from corpus.store import atomic_output, find_shards, write_documents

OUTPUT = "documents.jsonl"
LOCK = ".lock"


class PullPlan(msgspec.Struct, frozen=True):
    """What to pull, and into which folder; `kb` is asked for the ids that came by comment."""

    folder: Path
    project: str
    documents: Path | None = None
    annotator: str = ""
    layer: str = "silver"
    project_id: int | None = None
    force: bool = False
    task: Task = "spans"
    kb: Path | None = None


class _Exported(NamedTuple):
    """A project's two exports and the sources that read them."""

    share: Share
    snapshots: list[Snapshot]
    sources: Sequence[Source]

    def record(self, task: Task, url: str) -> PulledProject:
        """What the manifest tells of it."""
        return PulledProject(
            id=self.share.id,
            url=url,
            name=str(self.share.project["name"]),
            project=self.share.asked,
            task=task,
            layers=tuple(source.key[0] for source in self.sources),
            round=self.share.round,
            snapshots=tuple(snapshot.archive.name for snapshot in self.snapshots),
        )


def pull_documents(
    plan: PullPlan, client: Doccano, *, watch: Watch = lambda items, _: items
) -> Stage | None:
    """`folder`/documents.jsonl has the annotators' layers as the server has them now.

    They are those of the project itself and of every `<project>.<annotator>.<pass>`. None if it
    had them already. Raises UsageError while another pull works in the folder, and DataError
    where an earlier layer would be lost, which only `force` accepts.
    """
    kb = KB(plan.kb) if plan.kb else None
    shares = choose_shares(client, plan.project, plan.annotator, plan.project_id)
    for share in shares:
        check_link_project(share.project) if plan.task == "links" else check_type(share.project)
    plan.folder.mkdir(parents=True, exist_ok=True)
    with (
        locked_folder(plan.folder, LOCK, "pull"),
        tempfile.TemporaryDirectory(prefix="corpus-pull-") as workspace,
        contextlib.ExitStack() as stack,
    ):
        exported = [
            _export(plan, client, share, kb, Path(workspace), stack)
            for share in watch(shares, "export")
        ]
        return _merge(plan, client.url, exported, kb, stack, watch)


def _export(
    plan: PullPlan,
    client: Doccano,
    share: Share,
    kb: KB | None,
    workspace: Path,
    stack: contextlib.ExitStack,
) -> _Exported:
    folder = workspace / str(share.id)
    folder.mkdir()
    # What is confirmed first: see settle_row.
    snapshots = [
        take_snapshot(client, share.id, plan.folder, folder, confirmed=confirmed)
        for confirmed in (True, False)
    ]
    confirmed, full = (snapshot.files for snapshot in snapshots)
    sources: Sequence[Source]
    if plan.task == "links":
        sources = [LinkSource(share, full, confirmed, spans=plan.layer, kb=kb)]
    else:
        sources = open_span_sources(
            share, full, confirmed, suggested=plan.layer, annotator=plan.annotator
        )
    for source in sources:
        stack.callback(source.close)
    return _Exported(share, snapshots, sources)


def _merge(
    plan: PullPlan,
    url: str,
    exported: Sequence[_Exported],
    kb: KB | None,
    stack: contextlib.ExitStack,
    watch: Watch,
) -> Stage | None:
    output = plan.folder / OUTPUT
    _check_apart(exported)
    now = [one.record(plan.task, url) for one in exported]
    others = [one for one in read_pulled(output) if one.id not in {other.id for other in now}]
    there = {source.key for one in exported for source in one.sources}
    missed = [one for one in others if _is_of(one, plan)]
    gone: set[LayerKey] = {key for one in missed for key in one.keys} - there
    # What is gone is remembered until its loss is accepted, even by a pull that is killed.
    kept = [one for one in others if one not in missed or (one.keys & gone and not plan.force)]
    held = sorted([*now, *kept], key=lambda one: one.id)
    stage = _open_stage(plan, output, held, [] if plan.force else sorted(gone), kb)
    if stage is None:
        return None
    earlier = EarlierLayers(output, force=plan.force)
    stack.callback(earlier.close)
    sources = [source for one in exported for source in one.sources]
    merge = Merge(stage, sources, earlier, gone=gone)
    stage.manifest.notes["renamed"] = [one.share.renamed for one in exported if one.share.renamed]
    with kept_manifest(output), stage:
        cut = read_cut(output)
        write_documents(merge.documents(plan.documents, watch), output)
        cut |= {one.share.id: max(s.cut_from for s in one.sources) for one in exported}
        stage.manifest.notes[CUT_FROM] = {str(p.id): cut[p.id] for p in held if cut.get(p.id)}
    return stage


def _open_stage(
    plan: PullPlan,
    output: Path,
    held: Sequence[PulledProject],
    gone: Sequence[LayerKey],
    kb: KB | None,
) -> Stage | None:
    archives = [plan.folder / FOLDER / name for one in held for name in one.snapshots]
    given = find_shards(plan.documents) if plan.documents else []
    return open_stage(
        "pull",
        output,
        # Somebody may have moved the archives of an earlier pull away.
        [*(archive for archive in archives if archive.exists()), *given],
        settings={
            "task": plan.task,
            "project": plan.project,
            "projects": msgspec.to_builtins(held),
            "gone": msgspec.to_builtins(gone),
            "layer": plan.layer,
        },
        versions={"kb": kb.info.hash} if kb else {},
        force=plan.force,
        renew=True,
    )


def _check_apart(exported: Sequence[_Exported]) -> None:
    holders: dict[LayerKey, int] = {}
    for one in exported:
        for source in one.sources:
            other = holders.setdefault(source.key, one.share.id)
            if other != one.share.id:
                raise DoccanoProjectError(
                    f"projects {other} and {one.share.id} both hold the layer {source.key[0]!r}, "
                    f"pass {source.key[2]}",
                    "pull them one by one with --project-id, into folders of their own",
                )


def _is_of(project: PulledProject, plan: PullPlan) -> bool:
    """Whether a pull of that plan reads this project, if it is there."""
    if plan.project_id is not None or project.task != plan.task:
        return False
    asked = plan.project == project.project or (
        place_of({"name": project.name}, plan.project) is not None
    )
    return asked and (not plan.annotator or f"{ANNOTATOR}{plan.annotator}" in project.layers)


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
