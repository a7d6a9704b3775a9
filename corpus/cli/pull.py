"""corpus pull: Doccano -> the layers of annotators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.links import plan_pull, pull_link_task
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
from corpus.cli.terminal import finish, progress


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

    Each document gets a layer an annotator: confirmed, touched or untouched. Pull again, and
    from the projects of other annotators, into the same folder; a pull that would lose an
    earlier layer stops and says so. With --task links it is a layer of links, and the ids that
    came by comment are looked up in the knowledge base.

    \b
    Example:
      corpus pull --project news.ann.1 --documents silver.jsonl -o annotations
      corpus pull --project news.bob.1 -o annotations
      corpus pull --project links.ann.1 --task links --documents linked.jsonl --kb news.kb -o links
    """
    from corpus.doccano.client import Doccano
    from corpus.doccano.pull import OUTPUT, PullPlan, pull_documents
    from corpus.doccano.settings import read_settings
    from corpus.errors import UsageError

    check_task(task)
    if str(output) == "-" or str(documents) == "-":
        raise UsageError("pull reads and writes files, not -", "give a folder with -o")
    client = Doccano(read_settings(), time_limit=time_limit)
    if task == "links":
        links = plan_pull(output, project, documents, kb, annotator, layer, project_id, force)
        return pull_link_task(links, client, allow_rejects=allow_rejects, as_json=json)
    plan = PullPlan(
        folder=output,
        project=project,
        documents=documents,
        annotator=annotator,
        layer=layer or "silver",
        project_id=project_id,
        force=force,
    )
    stage = pull_documents(plan, client, watch=progress)
    code = finish(stage, output / OUTPUT, allow_rejects=allow_rejects, as_json=json)
    # A layer without spans that was refused is neither a document nor a mention.
    refused = stage is not None and stage.manifest.notes["layers_rejected"] and not allow_rejects
    return 1 if refused else code
