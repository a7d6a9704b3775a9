"""corpus pull: Doccano -> the layers of annotators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.links import need_kb
from corpus.cli.options import AllowRejects, Json
from corpus.cli.push import (
    KnowledgeBase,
    LayerName,
    ProjectId,
    ProjectName,
    TaskName,
    TimeLimit,
    check_task,
)
from corpus.cli.terminal import finish, progress, say


def pull_cli(
    project: ProjectName,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The folder of documents.jsonl and snapshots.")
    ],
    documents: Annotated[
        Path | None, typer.Option(help="The documents that were pushed; all they have is kept.")
    ] = None,
    annotator: Annotated[
        str, typer.Option(help="Whose layer it is, if the project's name does not say.")
    ] = "",
    layer: LayerName = "",
    project_id: ProjectId = None,
    task: TaskName = "spans",
    kb: KnowledgeBase = None,
    time_limit: TimeLimit = 600.0,
    force: Annotated[
        bool, typer.Option("--force", help="Take the server's state even if a layer is lost.")
    ] = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Fetch what annotators did from a Doccano project into a folder.

    Each document gets a layer an annotator and pass: confirmed, touched or untouched. They come
    from the project of that name and from all that are named `<project>.<annotator>.<pass>`.
    Pull again into the same folder; a pull that would lose an earlier layer stops and says so.
    With --task links they are layers of links, and the ids that came by comment are looked up
    in the knowledge base.

    \b
    Example:
      corpus pull --project news --documents silver.jsonl -o annotations
      corpus pull --project news --annotator ann -o annotations
      corpus pull --project links --task links --documents linked.jsonl --kb news.kb -o links
    """
    from corpus.doccano.client import Doccano
    from corpus.doccano.pull import OUTPUT, PullPlan, pull_documents
    from corpus.doccano.settings import read_settings
    from corpus.errors import UsageError

    check_task(task)
    if str(output) == "-" or str(documents) == "-":
        raise UsageError("pull reads and writes files, not -", "give a folder with -o")
    links = task == "links"
    if links and documents is None and not (output / OUTPUT).exists():
        raise UsageError("--task links needs the documents that were pushed", "give --documents")
    plan = PullPlan(
        folder=output,
        project=project,
        documents=documents,
        annotator=annotator,
        layer=layer or ("gold" if links else "silver"),
        project_id=project_id,
        force=force,
        task="links" if links else "spans",
        kb=need_kb(kb) if links else None,
    )
    client = Doccano(read_settings(), time_limit=time_limit)
    stage = pull_documents(plan, client, watch=progress)
    code = finish(stage, output / OUTPUT, allow_rejects=allow_rejects, as_json=json)
    notes = stage.manifest.notes if stage is not None else {}
    for note in notes.get("renamed", ()):
        say(f"corpus: {note}; rename it back before the next push")
    # A layer without spans that was refused is neither a document nor a mention.
    return 1 if notes.get("layers_rejected") and not allow_rejects else code
