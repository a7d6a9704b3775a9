"""Which of millions of digests stood before, and where: about 50 bytes for each."""

from __future__ import annotations

from array import array

SIZE = 16
"""Bytes of a digest of SHA-256: two of 2^32 articles agree by chance once in 2^64."""

_FREE = bytes(SIZE)


class PlacesByDigest:
    """A number for each digest, the first that came with it; a hash table in two flat arrays.

    A dict of bytes takes three times the memory. A digest is its own hash.
    """

    def __init__(self) -> None:
        self._count = 0
        self._make_room(1 << 10)

    def _make_room(self, slots: int) -> None:
        self._slots = slots
        self._digests = bytearray(slots * SIZE)
        self._places = array("Q", bytes(slots * 8))

    def __len__(self) -> int:
        return self._count

    def first_place(self, digest: bytes, place: int) -> int:
        """The place that came first with this digest: this one, if it is new."""
        slot = self._find(digest)
        if self._digests[slot * SIZE : slot * SIZE + SIZE] == digest:
            return self._places[slot]
        self._put(slot, digest, place)
        self._count += 1
        if self._count * 3 > self._slots * 2:
            self._grow()
        return place

    def _find(self, digest: bytes) -> int:
        slot = int.from_bytes(digest[:8], "little") % self._slots
        while True:
            found = self._digests[slot * SIZE : slot * SIZE + SIZE]
            if found in (digest, _FREE):
                return slot
            slot = (slot + 1) % self._slots

    def _put(self, slot: int, digest: bytes, place: int) -> None:
        self._digests[slot * SIZE : slot * SIZE + SIZE] = digest
        self._places[slot] = place

    def _grow(self) -> None:
        digests, places = self._digests, self._places
        self._make_room(self._slots * 2)
        for at, place in enumerate(places):
            digest = bytes(digests[at * SIZE : at * SIZE + SIZE])
            if digest != _FREE:
                self._put(self._find(digest), digest, place)
