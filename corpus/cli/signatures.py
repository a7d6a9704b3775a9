"""corpus signatures: documents -> what near-duplicate search needs of their texts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import EngineName, Force, Json, Part, Scheduler, Workers, scheduler_of
from corpus.cli.terminal import finish, progress

if TYPE_CHECKING:
    from corpus.manifest import Stage


def signatures_cli(
    source: Annotated[Path, typer.Argument(help="Documents, as JSONL; a pattern for many files.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="Where to write, *.signatures; {} is each file's name."
        ),
    ],
    shard: Part = "",
    workers: Workers = 1,
    engine: EngineName = "local",
    scheduler: Scheduler = "",
    force: Force = False,
    json: Json = False,
) -> int:
    """Take the signatures of texts by which corpus split finds near-duplicates, file by file.

    A file of signatures is of one file of documents, all of them, whatever layers they have. It
    holds hashes, no text. One whose documents have changed is made again. corpus split with
    --signatures takes them and writes what it writes without.

    \b
    Example:
      corpus signatures 'gold/*.jsonl' -o 'signatures/{}.signatures'
      corpus signatures 'gold/*.jsonl' -o 'signatures/{}.signatures' --shard 3/64
      corpus split 'gold/*.jsonl' -o splits --signatures 'signatures/*.signatures'
    """
    from corpus.cli.shard_runs import run_each
    from corpus.shards import is_sharded

    _check_name(output)
    how = {"workers": workers, "scheduler": scheduler_of(engine, scheduler)}
    run = partial(_sign, how=how, force=force)
    if is_sharded(output) or shard:
        return run_each("signatures", source, output, shard, run, allow_rejects=False, as_json=json)
    return finish(run(source, output), output, allow_rejects=False, as_json=json)


def _check_name(output: Path) -> None:
    """By its name `corpus check` knows what it is."""
    from corpus.compression import bare_name
    from corpus.errors import UsageError
    from corpus.splits.signature_files import SUFFIX

    if not bare_name(output).endswith(SUFFIX):
        raise UsageError(f"{output}: is no name for signatures", f"end it with {SUFFIX}")


def _sign(
    source: Path,
    output: Path,
    *,
    how: dict[str, Any],
    force: bool,
    renew_inputs: bool = True,
) -> Stage | None:
    """The stage that made the output; None where it is up to date."""
    import unicodedata

    from corpus.addresses import shown
    from corpus.errors import UsageError
    from corpus.files import atomic_output, find_shards, is_stream
    from corpus.manifest import open_stage
    from corpus.splits.signatures import COUNTED, SOUGHT, WHOLE, WINDOW
    from corpus.splits.signing import sign_lines
    from corpus.store import read_lines

    if is_stream(source):
        raise UsageError(f"{source}: signatures are of a file", "save the documents as one first")
    shards = find_shards(source)
    if len(shards) > 1:
        raise UsageError(
            f"{source}: is {len(shards)} files, and signatures are of one",
            "give -o a name with {} in it, one a file",
        )
    stage = open_stage(
        "signatures",
        output,
        shards,
        settings={"counted": COUNTED, "sought": SOUGHT, "window": WINDOW, "whole": WHOLE},
        versions={"unicode": unicodedata.unidata_version},
        force=force,
        renew_inputs=renew_inputs,
    )
    if stage is None:
        return None
    with stage, atomic_output(output) as sink:
        name = shown(shards[0])
        lines = ((f"{name}:{number}", line) for number, line in read_lines(shards[0]))
        sha256 = stage.manifest.inputs[0].sha256
        for part in sign_lines(
            progress(lines, "sign", stage=stage), sha256, stage.documents, **how
        ):
            sink.write(part)
    return stage
