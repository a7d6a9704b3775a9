"""How far each annotator is: what is confirmed, touched and untouched in each pass."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from corpus.doccano.accounts import list_members
from corpus.doccano.annotators import ANNOTATOR, Share, choose_shares
from corpus.doccano.client import Doccano
from corpus.doccano.exports import unpack_export
from corpus.doccano.link_project import KIND, check_link_project
from corpus.doccano.link_source import LinkSource
from corpus.doccano.merging import Watch
from corpus.doccano.projects import check_type
from corpus.doccano.sources import Source
from corpus.doccano.span_source import open_span_sources
from corpus.model import Task


class Progress(msgspec.Struct, frozen=True):
    """One annotator's pass: documents by state, or decisions where the task is links."""

    annotator: str
    round: int
    project: str
    project_id: int
    url: str
    task: Task
    confirmed: int
    touched: int
    untouched: int
    is_member: bool

    @property
    def total(self) -> int:
        """How many there are."""
        return self.confirmed + self.touched + self.untouched


def read_progress(
    client: Doccano, project: str, annotator: str = "", *, watch: Watch = lambda items, _: items
) -> list[Progress]:
    """How far the annotators of the project are, by annotator and pass, as the server has it now.

    Raises DoccanoProjectError where there is no such project.
    """
    shares = choose_shares(client, project, annotator)
    return [
        one for share in watch(shares, "export") for one in _read_share(client, share, annotator)
    ]


def _read_share(client: Doccano, share: Share, annotator: str) -> list[Progress]:
    members = {str(one["username"]) for one in list_members(client, share.id)}
    with (
        tempfile.TemporaryDirectory(prefix="corpus-status-") as workspace,
        contextlib.ExitStack() as stack,
    ):
        task, sources = _open_sources(client, share, annotator, Path(workspace))
        for source in sources:
            stack.callback(source.close)
        found = []
        for source in sources:
            for _ in source.load():
                pass
            states = source.states()
            name = source.key[0].removeprefix(ANNOTATOR)
            found.append(
                Progress(
                    annotator=name,
                    round=share.round,
                    project=str(share.project["name"]),
                    project_id=share.id,
                    url=f"{client.url}/projects/{share.id}",
                    task=task,
                    confirmed=states["confirmed"],
                    touched=states["touched"],
                    untouched=states["untouched"],
                    is_member=name in members,
                )
            )
        return found


def _open_sources(
    client: Doccano, share: Share, annotator: str, workspace: Path
) -> tuple[Task, Sequence[Source]]:
    is_links = share.project["project_type"] == KIND
    check_link_project(share.project) if is_links else check_type(share.project)
    exports = []
    for confirmed in (True, False):
        archive = workspace / f"{'confirmed' if confirmed else 'full'}.zip"
        client.export_project(share.id, archive, confirmed=confirmed)
        exports.append(unpack_export(archive, workspace))
    confirmed_files, full = exports
    if is_links:
        return "links", [LinkSource(share, full, confirmed_files, spans="gold", kb=None)]
    return "spans", open_span_sources(
        share, full, confirmed_files, suggested="silver", annotator=annotator
    )
