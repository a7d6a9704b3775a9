"""corpus report: documents and their annotations on one page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import Force, Json, Output
from corpus.cli.report_audit import read_queue
from corpus.cli.terminal import finish, progress

if TYPE_CHECKING:
    from corpus.manifest import Stage
    from corpus.model import Document
    from corpus.report.figures import Figures


def report_cli(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="Documents of any stage, a .spacy file, a folder of pull or split."
        ),
    ],
    output: Output,
    kb: Annotated[
        Path | None,
        typer.Option("--kb", metavar="DIR", help="Names and descriptions of linked entities."),
    ] = None,
    agreement: Annotated[
        Path | None, typer.Option(help="What `corpus agreement --json` printed, to show as well.")
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What `corpus check --audit -o FILE` found, to show."),
    ] = None,
    title: Annotated[str, typer.Option(help="The page's title; the path if not given.")] = "",
    limit: Annotated[
        int, typer.Option(min=0, help="List only so many documents; the figures are of all.")
    ] = 0,
    force: Force = False,
    json: Json = False,
) -> int:
    """Put documents, their mentions and links, and their figures on one HTML page.

    The file needs nothing else: no network, no other file; it can be sent by mail. Hover over a
    mention, or move to it with Tab, to see what each layer says, candidates and votes. Filter by
    text, label, entity, layer and disagreement. A folder that split wrote gets the balance of
    its splits and what they share. With --audit the findings are a queue: each leads to its place
    in the text, and into Doccano where the documents were pulled from there.

    \b
    Example:
      corpus report gold.jsonl -o report.html --kb seeds.kb
      corpus report gold.jsonl -o audit.html --audit doubts.jsonl
      corpus report annotations -o votes.html
      corpus report splits -o splits.html --title "News, the splits"
    """
    from corpus.manifest import mark_file, open_stage
    from corpus.report.sources import find_documents, manifest_of

    found = find_documents(source)
    settings = {"title": title or str(source), "limit": limit, "kb": str(kb or "")}
    settings["agreement"] = mark_file(agreement).sha256 if agreement else ""
    if audit:
        settings["audit"] = mark_file(audit).sha256
    inputs = [path for paths in found.values() for path in paths]
    versions = {"kb": _open_kb(kb).info.hash} if kb else {}
    stage = open_stage("report", output, inputs, settings=settings, versions=versions, force=force)
    if stage is not None:
        with stage:
            read = _counted(found, stage)
            queue = read_queue(audit, inputs) if audit else None
            shown = {"agreement": _read_agreement(agreement), "manifest": manifest_of(source)}
            figures = _write(read, output, settings, kb, {**shown, "queue": queue})
            if limit and figures.documents > limit:
                stage.manifest.notes["documents not listed"] = figures.documents - limit
            if queue is not None and queue.strange:
                stage.manifest.notes["findings of other documents"] = queue.strange
    return finish(stage, output, allow_rejects=False, as_json=json)


def _write(
    read: Iterator[tuple[str, Document]],
    output: Path,
    settings: dict[str, Any],
    kb: Path | None,
    shown: dict[str, Any],
) -> Figures:
    from corpus.report.html import write_page
    from corpus.store import atomic_output

    describe = {"describe": _describe(kb)} if kb else {}
    with atomic_output(output) as sink:
        return write_page(
            progress(read, "report"),
            sink,
            title=settings["title"],
            limit=settings["limit"],
            **shown,
            **describe,
        )


def _counted(found: dict[str, list[Path | str]], stage: Stage) -> Iterator[tuple[str, Document]]:
    from corpus.model import count_mentions
    from corpus.report.sources import read_found

    for split, document in read_found(found):
        for counts, number in ((stage.documents, 1), (stage.mentions, count_mentions(document))):
            counts.received += number
            counts.kept += number
            counts.written += number
        yield split, document


def _open_kb(kb: Path) -> Any:
    from corpus.kb.knowledge_base import KB

    return KB(kb)


def _describe(kb: Path) -> Any:
    base = _open_kb(kb)

    def describe(kb_id: str) -> tuple[str, str]:
        entity = base.find(kb_id)
        return (entity.label, entity.description) if entity else ("", "")

    return describe


def _read_agreement(path: Path | None) -> dict[str, Any] | None:
    import json

    from corpus.errors import FormatError

    if path is None:
        return None
    hint = "give what `corpus agreement --json` printed"
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise FormatError(f"{path}: not JSON ({error})", hint) from error
    if not isinstance(found, dict) or not {"overall", "pairs"} <= set(found):
        raise FormatError(f"{path}: holds no measured agreement", hint)
    return found
