"""Chunks of work through one process or several, in order; knows no stage."""

from __future__ import annotations

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

from corpus.errors import CorpusError

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3  # chunks in flight a worker: enough to keep it busy, few enough to keep memory flat


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk


def run_chunks(work: Callable[[T], R], chunks: Iterable[T], *, workers: int = 1) -> Iterator[R]:
    """work(chunk) of every chunk, in the order of the chunks.

    With several workers `work` and the chunks must pickle; at most a few chunks a worker are
    in flight. Raises what `work` raises, and CorpusError when a worker process dies.
    """
    if workers <= 1:
        yield from map(work, chunks)
        return
    # fork shares what is loaded already; elsewhere workers load it again.
    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(workers, context, _begin_worker) as pool:
        stream = iter(chunks)
        flying: deque[Future[R]] = deque(
            pool.submit(work, chunk) for chunk in islice(stream, workers * _AHEAD)
        )
        try:
            while flying:
                result = flying.popleft().result()
                for chunk in islice(stream, 1):
                    flying.append(pool.submit(work, chunk))
                yield result
        except BrokenProcessPool as error:
            raise CorpusError(
                "a worker process died, perhaps for lack of memory",
                "run it again with fewer --workers",
            ) from error
        finally:
            # Futures cancelled one by one can hang the pool's own end (CPython before 3.11.5).
            pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    # Ctrl-C reaches the whole group: the parent alone speaks of it, and workers end with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        # A parent killed by -9 would leave workers that wait for ever (prctl PR_SET_PDEATHSIG).
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
