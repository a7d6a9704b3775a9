"""corpus pull: Doccano -> the layers of annotators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.options import AllowRejects, Json
from corpus.cli.push import ProjectId, ProjectName, TaskName, TimeLimit, check_task
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
    layer: Annotated[str, typer.Option(help="The layer whose spans were suggested.")] = "silver",
    project_id: ProjectId = None,
    task: TaskName = "spans",
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
    earlier layer stops and says so.

    \b
    Example:
      corpus pull --project news.ann.1 --documents silver.jsonl -o annotations
      corpus pull --project news.bob.1 -o annotations
    """
    from corpus.doccano.client import Doccano
    from corpus.doccano.pull import OUTPUT, PullPlan, pull_documents
    from corpus.doccano.settings import read_settings
    from corpus.errors import UsageError

    check_task(task)
    if str(output) == "-" or str(documents) == "-":
        raise UsageError("pull reads and writes files, not -", "give a folder with -o")
    plan = PullPlan(
        folder=output,
        project=project,
        documents=documents,
        annotator=annotator,
        layer=layer,
        project_id=project_id,
        force=force,
    )
    client = Doccano(read_settings(), time_limit=time_limit)
    stage = pull_documents(plan, client, watch=progress)
    code = finish(stage, output / OUTPUT, allow_rejects=allow_rejects, as_json=json)
    # A layer without spans that was refused is neither a document nor a mention.
    refused = stage is not None and stage.manifest.notes["layers_rejected"] and not allow_rejects
    return 1 if refused else code
