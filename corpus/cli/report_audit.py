"""What the report shows of an audit: its findings, and where Doccano has their documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.doccano.pulled import PulledProject
    from corpus.report.queue import Queue


def read_queue(findings: Path, sources: Sequence[Path | str]) -> Queue:
    """The findings of that file, each with ways into the projects that its document came from."""
    from corpus.audit.doubts import Doubt
    from corpus.doccano.pulled import example_addresses
    from corpus.report.queue import Finding, Queue
    from corpus.store import read_records

    projects = _projects_behind(sources)
    doubts = (
        Finding(
            d.kind, d.score, d.reason, d.document, d.start, d.end, d.surface, d.label, d.mention
        )
        for d in read_records(findings, Doubt)
    )
    return Queue(doubts, lambda *place: tuple(example_addresses(projects, *place)))


def _projects_behind(sources: Sequence[Path | str]) -> dict[PulledProject, int]:
    """The Doccano projects of every pull behind the files; from which length they have pieces."""
    from corpus.datasheet.lineage import trace
    from corpus.doccano.pulled import read_cut, read_pulled

    steps, _ = trace([Path(source) for source in sources])
    found: dict[PulledProject, int] = {}
    for step in steps:
        if step.manifest.command == "pull":
            output = step.path.with_name(step.output)
            cut = read_cut(output)
            found |= {project: cut.get(project.id, 0) for project in read_pulled(output)}
    return dict(sorted(found.items(), key=lambda each: (each[0].url, each[0].id)))
