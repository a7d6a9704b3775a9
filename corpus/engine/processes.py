"""Chunks of work through several processes of this machine, in order."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from corpus.engine.rescue import DIED, DIED_OF_IT, Rescue
from corpus.errors import CorpusError

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3  # chunks in flight a worker: enough to keep it busy, few enough to keep memory flat


def run_in_processes(
    work: Callable[[T], R], chunks: Iterable[T], *, workers: int, rescue: Rescue[T, R] | None
) -> Iterator[tuple[T, R]]:
    """(chunk, work(chunk)) of every chunk, in order, `workers` processes of this machine at it."""
    stream = iter(chunks)
    flying: deque[T] = deque()
    while True:
        with _pool(workers) as pool:
            try:
                yield from _fly(pool, work, stream, flying, workers * _AHEAD)
                return
            except BrokenProcessPool:
                pass
        while flying:  # whoever died may have held any of them
            yield from _again(work, flying.popleft(), rescue)


def _fly(
    pool: ProcessPoolExecutor,
    work: Callable[[T], R],
    stream: Iterator[T],
    flying: deque[T],
    most: int,
) -> Iterator[tuple[T, R]]:
    """The results through a pool; in `flying` stand the chunks whose result is not out yet."""
    futures: deque[Future[R]] = deque()
    while True:
        for chunk in islice(stream, most - len(flying)):
            flying.append(chunk)  # first: what a dead pool refuses is not lost
            futures.append(_submit(pool, work, chunk))
        if not flying:
            return
        result = futures.popleft().result()
        yield flying.popleft(), result


def _again(work: Callable[[T], R], chunk: T, rescue: Rescue[T, R] | None) -> Iterator[tuple[T, R]]:
    """The chunk done in a process of its own; else its parts, each in one, and rejects."""
    done = _alone(work, chunk)
    if done is not None:
        yield chunk, done[0]
        return
    if rescue is None:
        raise CorpusError(DIED, "run it again with fewer --workers")
    for part in rescue.split(chunk):
        done = _alone(work, part)
        yield part, rescue.give_up(part, DIED_OF_IT) if done is None else done[0]


def _alone(work: Callable[[T], R], chunk: T) -> tuple[R] | None:
    """The result of the chunk in a process that does nothing else; None where that dies."""
    with _pool(1) as pool:
        try:
            return (_submit(pool, work, chunk).result(),)
        except BrokenProcessPool:
            return None


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    # fork shares what is loaded already; elsewhere workers load it again.
    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    pool = ProcessPoolExecutor(workers, context, _begin_worker)
    try:
        yield pool
    finally:
        # Futures cancelled one by one can hang the pool's own end (CPython before 3.11.5).
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, work: Callable[[T], R], chunk: T) -> Future[R]:
    # A worker that is forked here begins with Ctrl-C held back, until it ignores it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work, chunk)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    # Ctrl-C reaches the whole group: the parent alone speaks of it, and workers end with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if sys.platform == "linux":
        # A parent killed by -9 would leave workers that wait for ever (prctl PR_SET_PDEATHSIG).
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
