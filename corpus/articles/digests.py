"""Which of millions of digests stood before, and where: about 50 bytes for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

SIZE = 16
"""Bytes of a digest of SHA-256: two of 2^32 articles agree by chance once in 2^64."""

_MOVED = 1 << 14  # slots moved at once when the table grows

Array = np.ndarray[Any, Any]


class PlacesByDigest:
    """A number for each digest, the first that came with it; a hash table in two flat arrays.

    A dict of bytes takes three times the memory. A digest is its own hash; many are looked up
    at once, since one by one in Python takes twenty times as long.
    """

    def __init__(self) -> None:
        self._count = 0
        self._make_room(1 << 12)

    def _make_room(self, slots: int) -> None:
        self._mask = np.int64(slots - 1)
        self._digests = np.zeros((slots, 2), dtype=np.int64)
        self._places = np.zeros(slots, dtype=np.int64)

    def __len__(self) -> int:
        return self._count

    def first_places(self, digests: Sequence[bytes], places: Sequence[int]) -> list[int]:
        """For each digest the place that came first with it: its own, if it is new.

        A digest has SIZE bytes, not all of them zero; a place is below 2^63.
        """
        first: dict[bytes, int] = {}
        for digest, place in zip(digests, places, strict=True):
            first.setdefault(digest, place)
        keys = np.frombuffer(b"".join(first), dtype="<i8").reshape(-1, 2)
        while (self._count + len(keys)) * 3 > len(self._places) * 2:
            self._grow()
        found = self._settle(keys, np.fromiter(first.values(), np.int64, len(first)))
        known = dict(zip(first, found.tolist(), strict=True))
        return [known[digest] for digest in digests]

    def _settle(self, keys: Array, places: Array) -> Array:
        """The first places of keys that differ, those that are new put into the table."""
        result: Array = places.copy()
        slots = keys[:, 0] & self._mask
        left = np.arange(len(keys))
        while len(left):
            at = slots[left]
            free = ~self._digests[at].any(axis=1)
            # Where several want one free slot, the last written has it and the others go on.
            self._digests[at[free]] = keys[left[free]]
            self._places[at[free]] = places[left[free]]
            won = (self._digests[at] == keys[left]).all(axis=1)
            self._count += int((won & free).sum())
            result[left[won]] = self._places[at[won]]
            left = left[~won]
            slots[left] = (slots[left] + 1) & self._mask
        return result

    def _grow(self) -> None:
        digests, places = self._digests, self._places
        self._count = 0
        self._make_room(len(places) * 2)
        # Piece by piece: to move all at once takes as much memory again as the new table.
        for at in range(0, len(places), _MOVED):
            part = digests[at : at + _MOVED]
            taken = part.any(axis=1)
            self._settle(part[taken], places[at : at + _MOVED][taken])
