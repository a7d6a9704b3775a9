"""Chunks of work through the workers of a Dask cluster, in order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from corpus.engine.rescue import DIED, DIED_OF_IT, Rescue
from corpus.errors import CorpusError, DependencyError, UsageError

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3  # chunks in flight a worker
_PATIENCE = 5  # seconds for the scheduler to answer
_LOOK = 5.0  # seconds of waiting for a result, after which it is asked for again
_ALONE = 300.0  # seconds that a scheduler may be without workers


def run_on_cluster(
    work: Callable[[T], R], chunks: Iterable[T], *, scheduler: str, rescue: Rescue[T, R] | None
) -> Iterator[tuple[T, R]]:
    """(chunk, work(chunk)) of every chunk, in order, done by the workers of a Dask scheduler.

    Files that `work` opens must be under the same paths there. Dask does what a dead worker held
    again. Raises what `work` raises; DependencyError without `distributed`; UsageError where no
    scheduler answers, it has no workers, they run several threads or another release of corpus;
    CorpusError where all workers are gone for five minutes.
    """
    with _client(scheduler) as client:
        most = _AHEAD * _checked_workers(client, scheduler)
        stream = iter(chunks)
        flying: deque[tuple[T, Any]] = deque()
        while True:
            for chunk in islice(stream, most - len(flying)):
                flying.append((chunk, client.submit(work, chunk, pure=False)))
            if not flying:
                return
            chunk, future = flying.popleft()
            done = _result(client, future)
            if done is not None:
                yield chunk, done[0]
            else:
                yield from _parts(client, work, chunk, rescue)


def _parts(
    client: Any, work: Callable[[T], R], chunk: T, rescue: Rescue[T, R] | None
) -> Iterator[tuple[T, R]]:
    if rescue is None:
        raise CorpusError(DIED, "give the workers more memory")
    for part in rescue.split(chunk):
        done = _result(client, client.submit(work, part, pure=False))
        yield part, rescue.give_up(part, DIED_OF_IT) if done is None else done[0]


def _result(client: Any, future: Any) -> tuple[Any] | None:
    """What the work gave; None where it killed as many workers as Dask allows.

    Dask itself waits for ever where no worker is left, and now and then for a result that went
    with its worker although another one is there: so it is asked again and again.
    """
    from distributed.scheduler import KilledWorker

    seen = time.monotonic()
    while True:
        try:
            error = future.exception(timeout=_LOOK)
            if error is None:
                return (future.result(timeout=_LOOK),)
            break
        except (TimeoutError, asyncio.TimeoutError):  # one and the same from Python 3.11 on
            if client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > _ALONE:
                raise CorpusError(
                    f"the Dask scheduler has had no workers for {_ALONE:g} seconds",
                    "see why they ended, start some, and run this again",
                ) from None
    if isinstance(error, KilledWorker):
        return None
    raise error


@contextlib.contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise DependencyError(
            "--engine dask: distributed is not installed", "pip install 'corpus[dask]'"
        ) from error
    try:
        connect: Any = Client  # has no types
        client = connect(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, asyncio.TimeoutError) as error:
        raise UsageError(
            f"--scheduler {scheduler}: no Dask scheduler answers ({str(error) or 'no answer'})",
            "give an address like tcp://host:8786, as `dask scheduler` prints it",
        ) from error
    with client:
        yield client


def _checked_workers(client: Any, scheduler: str) -> int:
    """How many workers there are, each with one thread and this release of corpus."""
    threads = client.nthreads()
    if not threads:
        raise UsageError(
            f"--scheduler {scheduler}: it has no workers", "start some: dask worker --nthreads 1"
        )
    many = sorted(address for address, count in threads.items() if count > 1)
    if many:
        # spaCy's vocabulary is not made for threads.
        raise UsageError(
            f"worker {many[0]} runs {threads[many[0]]} threads", "start it with --nthreads 1"
        )
    here = _release()
    for address, there in sorted(client.run(_release).items()):
        if there != here:
            raise UsageError(
                f"worker {address} has corpus and spaCy {there}, here is {here}",
                "install the same release on all machines",
            )
    return len(threads)


def _release() -> str:
    from importlib.metadata import version

    return f"{version('corpus')} and {version('spacy')}"
