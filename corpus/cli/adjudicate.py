"""corpus adjudicate: annotator layers -> gold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.options import AllowRejects, Force, Json, Output
from corpus.cli.terminal import finish, progress, say


def adjudicate_cli(
    source: Annotated[Path, typer.Argument(help="A folder that pull wrote, or documents.jsonl.")],
    output: Output,
    rule: Annotated[
        str, typer.Option(help="single: the one confirmed layer becomes gold.")
    ] = "single",
    task: Annotated[
        str, typer.Option(help="spans: make gold; links: link the mentions of gold.")
    ] = "spans",
    annotator: Annotated[str, typer.Option(help="Count only this person's layers.")] = "",
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Make the gold layer from what annotators confirmed.

    Documents that nobody has confirmed go on without gold; all layers stay. With --task links
    the mentions of the gold layer get the links that were confirmed for them; what a person must
    settle, such as BAD SPAN, is listed beside the output.

    \b
    Example:
      corpus adjudicate annotations -o gold.jsonl
      corpus adjudicate annotations -o gold.jsonl --annotator ann
      corpus adjudicate links --task links -o linked-gold.jsonl
    """
    from corpus.errors import UsageError
    from corpus.gold.adjudication import adjudicate_single
    from corpus.gold.linking import link_single
    from corpus.manifest import open_stage, rejects_path
    from corpus.store import find_shards, read_documents, write_documents

    if rule != "single":
        raise UsageError(f"--rule {rule}: no such rule", "the rules are: single")
    if task not in ("spans", "links"):
        raise UsageError(f"--task {task}: no such task", "the tasks are: spans, links")
    path = source / "documents.jsonl" if source.is_dir() else source
    of_task = {"task": task} if task == "links" else {}
    adjudicate = link_single if task == "links" else adjudicate_single
    stage = open_stage(
        "adjudicate",
        output,
        find_shards(path),
        settings={"rule": rule, "annotator": annotator} | of_task,
        force=force,
    )
    if stage is not None:
        with stage:
            documents = progress(read_documents(path), "adjudicate")
            write_documents(adjudicate(documents, stage, annotator=annotator), output)
    code = finish(stage, output, allow_rejects=allow_rejects, as_json=json)
    settled = stage is None or not stage.manifest.notes.get("to_settle")
    if settled:
        return code
    if str(output) != "-":
        say(f"corpus: to be settled by a person: {rejects_path(output)}")
    return code if allow_rejects else 1
