"""What is printed, and where: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from corpus.manifest import Stage

T = TypeVar("T")

_state = {"verbose": False}


def set_verbose(verbose: bool) -> None:
    """Set whether `explain` prints."""
    _state["verbose"] = verbose


def say(message: str) -> None:
    """Print a line on stderr."""
    typer.echo(message, err=True)


def explain(message: str) -> None:
    """Print a line on stderr if the person asked for -v."""
    if _state["verbose"]:
        typer.echo(message, err=True)


def print_result(result: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print a result on stdout: as JSON, or as the text meant for people."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
    elif text:
        typer.echo(text)


def progress(items: Iterable[T], what: str, *, total: int | None = None) -> Iterator[T]:
    """The items as they are, with a bar on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        for item in items:
            yield item
            bar.advance(task)


def finish(stage: Stage | None, output: object, *, allow_rejects: bool, as_json: bool) -> int:
    """Print what the stage did and give its exit code: 1 if anything was rejected.

    Results go to stderr when the output itself is standard output.
    """
    if stage is None:
        result: dict[str, Any] = {"output": str(output), "up_to_date": True}
        print_result(result, f"{output} is up to date", as_json=as_json)
        return 0
    import msgspec

    from corpus.manifest import rejects_path, repairs_path

    documents, mentions = stage.documents, stage.mentions
    result = {
        "output": stage.output,
        "up_to_date": False,
        "documents": msgspec.to_builtins(documents),
        "mentions": msgspec.to_builtins(mentions),
        "notes": stage.manifest.notes,
    }
    lines = [f"{stage.output}: {count(documents.written, 'document')}"]
    if mentions.written:
        lines[0] += f", {count(mentions.written, 'mention')}"
    for what, path_of in (("repaired", repairs_path), ("rejected", rejects_path)):
        numbers = getattr(documents, what), getattr(mentions, what)
        if any(numbers):
            place = path_of(stage.output) if stage.on_disk else "give -o FILE to list them all"
            lines.append(
                f"  {what} {count(numbers[0], 'document')}, {count(numbers[1], 'mention')}: {place}"
            )
    lines += [f"  {c.kind} {c.document} {c.mention}: {c.reason}" for c in stage.unlisted]
    rejected = documents.rejected or mentions.rejected
    if stage.on_disk:
        print_result(result, "\n".join(lines), as_json=as_json)
    else:
        say(json.dumps(result, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))
    return 1 if rejected and not allow_rejects else 0


def count(number: int, noun: str) -> str:
    """`1 document`, `2 documents`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
