"""A small number for each of millions of keys: sorted arrays, 18 bytes a key."""

from __future__ import annotations

from array import array
from bisect import bisect_left

import numpy as np
import numpy.typing as npt

SIZE = 16
"""Bytes of a key: of SHA-256 or BLAKE2b."""

Halves = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]


def halves_of(keys: bytes | bytearray) -> Halves:
    """The upper and lower 64 bits of each key, which are in order as the keys are."""
    both = np.frombuffer(keys, ">u8").reshape(-1, 2)
    return both[:, 0].astype(np.uint64), both[:, 1].astype(np.uint64)


class ByKey:
    """The number given with each key; of one given twice the greatest."""

    def __init__(self, keys: bytes | bytearray = b"", numbers: npt.ArrayLike = ()) -> None:
        high, low = halves_of(keys)
        given = np.asarray(numbers, np.int16)
        order = np.lexsort((given, low, high))
        high, low = high[order], low[order]
        more = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        last = np.concatenate([more, np.ones(min(len(high), 1), bool)])
        self._numbers: array[int] = array("h", given[order][last].tobytes())
        self._high: array[int] = array("Q", high[last].tobytes())
        self._low: array[int] = array("Q", low[last].tobytes())

    def __len__(self) -> int:
        return len(self._high)

    def get(self, key: bytes) -> int | None:
        """The number of a key; None if it has none."""
        high, low = int.from_bytes(key[:8], "big"), int.from_bytes(key[8:], "big")
        at = bisect_left(self._high, high)
        while at < len(self._high) and self._high[at] == high:
            if self._low[at] == low:
                return self._numbers[at]
            at += 1
        return None
