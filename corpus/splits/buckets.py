"""Numbers that wait on disk, in as many buckets as wanted, and come back a few buckets at once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

AT_ONCE = 1 << 20
"""Numbers that come back together, or those of one bucket where it has more."""

BUCKETS = 256  # so that one has fewer than AT_ONCE until there are some 2^28

_WAITING = 1 << 18  # numbers held until they are written, a stretch of each bucket

Numbers = npt.NDArray[np.uint64]


class Buckets:
    """Numbers of 64 bits by bucket, from 0 to BUCKETS - 1. To be closed: it holds a file."""

    def __init__(self, prefix: str) -> None:
        self._file = tempfile.TemporaryFile(prefix=prefix, buffering=0)  # noqa: SIM115 - in close()
        self._numbers: list[Numbers] = []
        self._buckets: list[npt.NDArray[np.uint8]] = []
        self._waiting = 0
        self._stretches: list[npt.NDArray[np.int64]] = []

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()

    def add(self, numbers: Numbers, buckets: npt.NDArray[np.uint64]) -> None:
        """Put each number into its bucket."""
        self._numbers.append(numbers)
        self._buckets.append(buckets.astype(np.uint8))
        self._waiting += len(numbers)
        if self._waiting >= _WAITING:
            self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        buckets = np.concatenate(self._buckets)
        ordered = np.concatenate(self._numbers)[np.argsort(buckets, kind="stable")]
        begin = self._stretches[-1][-1] if self._stretches else 0
        sizes = np.bincount(buckets, minlength=BUCKETS)
        self._stretches.append(begin + np.concatenate([[0], np.cumsum(sizes)]))
        view = memoryview(ordered.tobytes())
        while view:
            view = view[self._file.write(view) or 0 :]
        self._numbers, self._buckets, self._waiting = [], [], 0

    def parts(self) -> Iterator[Numbers]:
        """All numbers, part by part; none of a bucket is in a later part than the next bucket's."""
        self._write()
        first, held = 0, 0
        for bucket in range(BUCKETS):
            size = sum(int(at[bucket + 1] - at[bucket]) for at in self._stretches)
            if held and held + size > AT_ONCE:
                yield self._read(first, bucket, held)
                first, held = bucket, 0
            held += size
        if held:
            yield self._read(first, BUCKETS, held)

    def _read(self, first: int, end: int, size: int) -> Numbers:
        found = np.empty(size, np.uint64)
        at = 0
        for bounds in self._stretches:
            count = int(bounds[end] - bounds[first])
            raw = os.pread(self._file.fileno(), count * 8, int(bounds[first]) * 8)
            found[at : at + count] = np.frombuffer(raw, np.uint64)
            at += count
        return found
