"""Chunks of work through one process, several, or a Dask cluster, in order; knows no stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from corpus.engine.processes import run_in_processes
from corpus.engine.rescue import Rescue

__all__ = ["Rescue", "chunked", "run_chunks"]

T = TypeVar("T")
R = TypeVar("R")


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk


def run_chunks(
    work: Callable[[T], R],
    chunks: Iterable[T],
    *,
    workers: int = 1,
    scheduler: str = "",
    rescue: Rescue[T, R] | None = None,
) -> Iterator[tuple[T, R]]:
    """(chunk, work(chunk)) of every chunk, in the order of the chunks.

    With several workers, or the address of a Dask scheduler, `work` and the chunks must pickle; at
    most a few chunks a worker are in flight. When a worker dies, what it held is done again; a
    chunk that kills its worker again comes back in parts (see Rescue), and without a rescue is a
    CorpusError. Raises what `work` raises.
    """
    if scheduler:
        from corpus.engine.cluster import run_on_cluster

        yield from run_on_cluster(work, chunks, scheduler=scheduler, rescue=rescue)
    elif workers > 1:
        yield from run_in_processes(work, chunks, workers=workers, rescue=rescue)
    else:
        for chunk in chunks:
            yield chunk, work(chunk)
