"""corpus split: gold -> train, dev and test."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import AllowRejects, Force, Json, Seed
from corpus.cli.split_options import RATIOS, plan_of, settings_of
from corpus.cli.split_table import table_lines
from corpus.cli.terminal import count, finish, progress, say

if TYPE_CHECKING:
    from corpus.manifest import Stage
    from corpus.splits.assignment import Assignment
    from corpus.splits.plan import Plan
    from corpus.splits.signature_files import Signed


def split_cli(
    source: Annotated[Path, typer.Argument(help="Documents with gold, as JSONL.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write into.")],
    ratios: Annotated[
        str | None,
        typer.Option(help=f"Documents in train, dev and test, as parts; {RATIOS} by default."),
    ] = None,
    folds: Annotated[
        int | None, typer.Option(min=2, help="Make so many parts of equal size instead.")
    ] = None,
    keep_together: Annotated[
        str,
        typer.Option(
            help="What may not be torn apart: near-duplicates, source, event, day, meta.KEY, "
            "with commas between, or none."
        ),
    ] = "near-duplicates",
    by: Annotated[
        str,
        typer.Option(
            help="labels: stratified over labels and links; date: test is the newest; hash: by "
            "the id's hash, stable without a memory."
        ),
    ] = "labels",
    frozen: Annotated[
        Path | None,
        typer.Option(help="Take the splits of the documents in this folder's splits.jsonl over."),
    ] = None,
    similarity: Annotated[
        float,
        typer.Option(
            min=0.1, max=1.0, help="Part of a text's three-word sequences that makes a copy."
        ),
    ] = 0.5,
    shard_size: Annotated[
        int | None,
        typer.Option(
            min=1, help="Documents in one .spacy file: train-00000.spacy and so on (4 GiB at most)."
        ),
    ] = None,
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="Write even if near-duplicates are torn apart.")
    ] = False,
    signatures: Annotated[
        Path | None,
        typer.Option(
            help="What corpus signatures made of the same files: sooner, the same splits."
        ),
    ] = None,
    layer: Annotated[
        str, typer.Option(help="Split the documents that have this layer, by its labels.")
    ] = "gold",
    seed: Seed = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the splits of an earlier run.")
    ] = False,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Split documents into train, dev and test, balanced by label, nothing leaking.

    Writes train, dev and test, each as .spacy and .jsonl, and splits.jsonl, which says where
    each document went. Run again over a corpus that has grown, documents stay where they were.
    Near-duplicates go together. Documents without the layer go to rest.jsonl; the
    mentions of test that are hard to link are listed in linking-sets.jsonl.

    \b
    Example:
      corpus split gold.jsonl -o splits
      corpus split gold.jsonl -o splits --ratios 60,20,20 --seed 7
      corpus split gold.jsonl -o by-time --by date --keep-together near-duplicates,event
      corpus split gold.jsonl -o folds --folds 5
      corpus split grown.jsonl -o splits-2 --frozen splits
      corpus split 'gold/*.jsonl' -o splits --signatures 'signatures/*.signatures'
    """
    from corpus.splits.assignment import ASSIGNMENT

    plan = plan_of(
        ratios=ratios,
        folds=folds,
        layer=layer,
        seed=seed,
        keep_together=keep_together,
        by=by,
        similarity=similarity,
    )
    listing = output / ASSIGNMENT
    settings = settings_of(plan, shard_size)
    stage = _open_stage(source, output, plan, settings, frozen, force=force or fresh)
    if stage is None:
        return finish(None, listing, allow_rejects=allow_rejects, as_json=json)
    earlier = frozen / ASSIGNMENT if frozen else None if fresh else listing
    signed = _signed(signatures, source, stage) if signatures else None
    how: dict[str, Any] = {"allow_leaks": allow_leaks, "shard_size": shard_size}
    _split(source, output, earlier, plan, stage, signed, **how)
    code = finish(stage, listing, allow_rejects=allow_rejects, as_json=json)
    _tell(stage.manifest.notes, plan, as_json=json)
    return code


def _signed(signatures: Path, source: Path, stage: Stage) -> Iterator[Signed]:
    """The signature of each document of the source.

    They are no inputs of the stage: the splits are those that the texts give.
    """
    from corpus.errors import UsageError
    from corpus.files import find_shards
    from corpus.splits.signature_files import match_files, read_signed

    shards = [str(path) for path in find_shards(source)]
    marks = stage.manifest.inputs[: len(shards)]
    hashes = [(path, mark.sha256) for path, mark in zip(shards, marks, strict=True)]
    output = re.sub(r"(\*\*/)?\*", "{}", str(signatures), count=1)
    make = shlex.join(["corpus", "signatures", str(source), "-o", output])
    try:
        there = find_shards(signatures)
    except UsageError as error:
        raise UsageError(error.message, f"run: {make}") from error
    files = match_files(there, hashes, make)
    return chain.from_iterable(map(read_signed, files))


def _split(
    source: Path,
    output: Path,
    earlier: Path | None,
    plan: Plan,
    stage: Stage,
    signed: Iterator[Signed] | None,
    *,
    allow_leaks: bool,
    shard_size: int | None,
) -> None:
    from corpus.splits.assignment import assign_splits, notes_of, read_earlier
    from corpus.splits.files import write_splits
    from corpus.store import read_documents

    documents = progress(read_documents(source), "survey", stage=stage)
    before = read_earlier(earlier, plan.names)
    assignment = assign_splits(documents, before, plan, signed)
    _refuse_nothing(assignment, source, plan.layer)
    if not allow_leaks:
        _refuse_leaks(assignment)
    with stage:
        documents = progress(read_documents(source), "split", stage=stage)
        write_splits(
            documents, output, assignment, stage, plan, earlier=before, shard_size=shard_size
        )
        stage.manifest.notes |= notes_of(assignment, plan)


def _open_stage(
    source: Path,
    output: Path,
    plan: Plan,
    settings: dict[str, Any],
    frozen: Path | None,
    *,
    force: bool,
) -> Stage | None:
    from importlib.metadata import version

    from corpus import places
    from corpus.errors import UsageError
    from corpus.files import find_shards, is_stream
    from corpus.manifest import manifest_path, open_stage, read_manifest
    from corpus.splits.assignment import ASSIGNMENT

    if is_stream(source):
        raise UsageError(f"{source}: split reads its documents twice", "save them as a file first")
    inputs = find_shards(source)
    if frozen:
        inputs += find_shards(frozen / ASSIGNMENT)
    listing = output / ASSIGNMENT
    made = manifest_path(listing)
    was_made = places.is_file(made)
    if not was_made and not force:
        _refuse_others(output, plan)
    _make_folder(output)
    seed = plan.seed
    # A corpus that has grown is split again without ado; other ratios are another matter.
    earlier = read_manifest(made) if was_made else None
    renew = earlier is not None and (earlier.settings, earlier.seed) == (settings, seed)
    return open_stage(
        "split",
        listing,
        inputs,
        settings=settings,
        versions={"spacy": version("spacy")},
        seed=seed,
        force=force,
        renew=renew,
    )


def _refuse_others(output: Path, plan: Plan) -> None:
    from corpus import places
    from corpus.errors import UsageError

    for name in plan.names:
        if any(places.exists(output / f"{name}{suffix}") for suffix in (".jsonl", ".spacy")):
            raise UsageError(
                f"{output}: holds a {name} that this command did not make",
                "give another -o, or --force to replace it",
            )


def _make_folder(folder: Path) -> None:
    from corpus.addresses import is_remote
    from corpus.errors import UsageError
    from corpus.files import reason_of

    if is_remote(folder):
        return  # a bucket has none
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be made ({reason_of(error)})", "give another -o"
        ) from error


def _refuse_nothing(assignment: Assignment, source: Path, layer: str) -> None:
    from corpus.errors import DataError

    if len(assignment.by_text):
        return
    if not assignment.without_layer:
        raise DataError(f"{source}: holds no documents", "nothing to split")
    raise DataError(
        f"{source}: none of {count(assignment.without_layer, 'document')} has a layer {layer!r}",
        "run corpus adjudicate first, or name another with --layer",
    )


def _refuse_leaks(assignment: Assignment) -> None:
    from corpus.errors import DataError

    if assignment.across:
        raise DataError(
            f"{count(assignment.across, 'near-duplicate pair')} would stand in different splits",
            "name near-duplicates in --keep-together, or give --allow-leaks",
        )


def _tell(notes: Mapping[str, Any], plan: Plan, *, as_json: bool) -> None:
    splits = notes["splits"]
    total = sum(each["documents"] for each in splits.values())
    wanted = dict(zip(splits, plan.ratios, strict=True))
    for name, each in splits.items():
        if not each["documents"] and wanted[name]:
            parts = ",".join(f"{ratio:g}" for ratio in plan.ratios)
            say(f"{name} is empty: {count(total, 'document')} cannot be split {parts}")
    for moved in notes.get("moved_documents", ()):
        say(f"moved, with its group: {moved}")
    if as_json:
        return
    for line in table_lines(splits):
        typer.echo(line)
    sets = notes.get("linking_sets")
    if sets:
        told = ", ".join(f"{name} {number:,}" for name, number in sets.items())
        typer.echo(f"  mentions in linking-sets.jsonl: {told}")
