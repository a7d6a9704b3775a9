"""corpus split: gold -> train, dev and test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import AllowRejects, Force, Json, Seed
from corpus.cli.terminal import count, finish, progress, say

if TYPE_CHECKING:
    from corpus.manifest import Stage
    from corpus.splits.assignment import Assignment


def split_cli(
    source: Annotated[Path, typer.Argument(help="Documents with gold, as JSONL.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write into.")],
    ratios: Annotated[
        str, typer.Option(help="Documents in train, dev and test, as parts of the whole.")
    ] = "80,10,10",
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
    """Split documents into train, dev and test, by document and balanced by label.

    Writes train, dev and test, each as .spacy and .jsonl, and splits.jsonl, which says where
    each document went. Run again over a corpus that has grown, documents stay where they were.
    Equal texts go together. Documents without the layer go to rest.jsonl.

    \b
    Example:
      corpus split gold.jsonl -o splits
      corpus split gold.jsonl -o splits --ratios 60,20,20 --seed 7
    """
    from corpus.splits.assignment import ASSIGNMENT

    parts = _parse_ratios(ratios)
    listing = output / ASSIGNMENT
    settings = {"ratios": list(parts), "layer": layer}
    stage = _open_stage(source, output, settings, seed, force=force or fresh)
    if stage is None:
        return finish(None, listing, allow_rejects=allow_rejects, as_json=json)
    from corpus.splits.assignment import assign_splits, read_earlier
    from corpus.splits.files import write_splits
    from corpus.store import read_documents

    earlier = read_earlier(None if fresh else listing)
    documents = progress(read_documents(source), "survey")
    assignment = assign_splits(documents, earlier, ratios=parts, layer=layer, seed=seed)
    _refuse_nothing(assignment, source, layer)
    with stage:
        write_splits(
            progress(read_documents(source), "split"), output, assignment, stage, layer=layer
        )
        stage.manifest.notes |= _notes(assignment, layer)
    code = finish(stage, listing, allow_rejects=allow_rejects, as_json=json)
    _tell(stage.manifest.notes["splits"], ratios, as_json=json)
    return code


def _parse_ratios(text: str) -> tuple[float, ...]:
    from corpus.errors import UsageError

    try:
        parts = tuple(float(part) for part in text.split(","))
    except ValueError:
        parts = ()
    if len(parts) != 3 or not all(0 <= part < float("inf") for part in parts) or not sum(parts):
        raise UsageError(
            f"--ratios {text}: not three numbers that are 0 or more",
            "give train, dev and test, as in 80,10,10",
        )
    return parts


def _open_stage(
    source: Path, output: Path, settings: dict[str, Any], seed: int, *, force: bool
) -> Stage | None:
    from importlib.metadata import version

    from corpus.errors import UsageError
    from corpus.files import find_shards, is_stream
    from corpus.manifest import manifest_path, open_stage, read_manifest
    from corpus.splits.assignment import ASSIGNMENT, SPLITS

    if is_stream(source):
        raise UsageError(f"{source}: split reads its documents twice", "save them as a file first")
    inputs = find_shards(source)
    listing = output / ASSIGNMENT
    made = manifest_path(listing)
    if not made.exists() and not force:
        there = [
            n for n in SPLITS if any((output / f"{n}{s}").exists() for s in (".jsonl", ".spacy"))
        ]
        if there:
            raise UsageError(
                f"{output}: holds a {there[0]} that this command did not make",
                "give another -o, or --force to replace it",
            )
    _make_folder(output)
    # A corpus that has grown is split again without ado; other ratios are another matter.
    earlier = read_manifest(made) if made.exists() else None
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


def _make_folder(folder: Path) -> None:
    from corpus.errors import UsageError
    from corpus.files import reason_of

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be made ({reason_of(error)})", "give another -o"
        ) from error


def _refuse_nothing(assignment: Assignment, source: Path, layer: str) -> None:
    from corpus.errors import DataError

    if assignment.by_text:
        return
    if not assignment.without_layer:
        raise DataError(f"{source}: holds no documents", "nothing to split")
    raise DataError(
        f"{source}: none of {count(assignment.without_layer, 'document')} has a layer {layer!r}",
        "run corpus adjudicate first, or name another with --layer",
    )


def _notes(assignment: Assignment, layer: str) -> dict[str, int]:
    return {
        "kept the split of an earlier run": assignment.kept,
        "newly placed": assignment.placed,
        "moved, their text is now another's": assignment.moved,
        f"without a layer {layer!r}, in rest.jsonl": assignment.without_layer,
    }


def _tell(splits: Mapping[str, Any], ratios: str, *, as_json: bool) -> None:
    total = sum(each["documents"] for each in splits.values())
    wanted = dict(zip(splits, _parse_ratios(ratios), strict=True))
    for name, each in splits.items():
        if not each["documents"] and wanted[name]:
            say(f"{name} is empty: {count(total, 'document')} cannot be split {ratios}")
        elif not as_json:
            shares = ", ".join(f"{label} {share:.0%}" for label, share in each["shares"].items())
            line = f"  {name}: {count(each['documents'], 'document')}"
            line += f", {count(each['mentions'], 'mention')}" + (f" ({shares})" if shares else "")
            typer.echo(line)
