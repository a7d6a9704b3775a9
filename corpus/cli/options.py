"""Options that several commands share, so that one name has one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Force = Annotated[bool, typer.Option("--force", help="Replace an existing output.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
AllowRejects = Annotated[
    bool, typer.Option("--allow-rejects", help="Exit 0 even if something was rejected.")
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes to use.")]
EngineName = Annotated[
    str, typer.Option("--engine", help="local, or dask: a cluster, see --scheduler.")
]
Scheduler = Annotated[
    str, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster: tcp://host:8786.")
]
Part = Annotated[
    str,
    typer.Option("--shard", metavar="K/N", help="With {} in -o: the Kth of N parts of the files."),
]
Output = Annotated[
    Path,
    typer.Option(
        "-o", "--output", help="Where to write; - is standard output, {} each file's name."
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of every random choice.")]


def scheduler_of(engine: str, scheduler: str) -> str:
    """The scheduler's address, nothing for this machine. Raises UsageError where they differ."""
    from corpus.errors import UsageError

    if engine not in ("local", "dask"):
        raise UsageError(f"--engine {engine}: no such engine", "choose local or dask")
    if engine == "dask" and not scheduler:
        raise UsageError("--engine dask: which cluster?", "give --scheduler tcp://host:8786")
    if engine == "local" and scheduler:
        raise UsageError("--scheduler is of a cluster", "add --engine dask")
    return scheduler
