"""corpus adjudicate: annotator layers -> gold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.options import AllowRejects, Force, Json, Output
from corpus.cli.terminal import finish, progress


def adjudicate_cli(
    source: Annotated[Path, typer.Argument(help="A folder that pull wrote, or documents.jsonl.")],
    output: Output,
    rule: Annotated[
        str, typer.Option(help="single: the one confirmed layer becomes gold.")
    ] = "single",
    annotator: Annotated[str, typer.Option(help="Count only this person's layers.")] = "",
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Make the gold layer from what annotators confirmed.

    Documents that nobody has confirmed go on without gold; all layers stay.

    \b
    Example:
      corpus adjudicate annotations -o gold.jsonl
      corpus adjudicate annotations -o gold.jsonl --annotator ann
    """
    from corpus.errors import UsageError
    from corpus.gold.adjudication import adjudicate_single
    from corpus.manifest import open_stage
    from corpus.store import find_shards, read_documents, write_documents

    if rule != "single":
        raise UsageError(f"--rule {rule}: no such rule", "the rules are: single")
    path = source / "documents.jsonl" if source.is_dir() else source
    stage = open_stage(
        "adjudicate",
        output,
        find_shards(path),
        settings={"rule": rule, "annotator": annotator},
        force=force,
    )
    if stage is not None:
        with stage:
            documents = progress(read_documents(path), "adjudicate")
            write_documents(adjudicate_single(documents, stage, annotator=annotator), output)
    return finish(stage, output, allow_rejects=allow_rejects, as_json=json)
