"""How often each surface is linked to each target in each split: the mentions, counted as hashes.

What is held grows with the different surfaces and targets, not with the mentions.
"""

from __future__ import annotations

import hashlib
from array import array
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.model import NIL

NOT_JUDGED, TO_NIL = 0, 1
"""Targets that are no entity's hash."""

_PENDING = 1 << 16  # mentions that wait until they are counted, or half as many as stand there

Numbers = npt.NDArray[np.uint64]


class MentionTable(NamedTuple):
    """Columns, sorted by hash of the surface, hash of the target, split; each three once."""

    surfaces: Numbers
    targets: Numbers
    splits: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.int64]


class MentionCounts:
    """Mentions as they come; then the table."""

    def __init__(self) -> None:
        self._table = MentionTable(
            np.empty(0, np.uint64),
            np.empty(0, np.uint64),
            np.empty(0, np.uint16),
            np.empty(0, np.int64),
        )
        self._forget()

    def _forget(self) -> None:
        self._surfaces, self._targets, self._splits = array("Q"), array("Q"), array("H")

    def add(self, surface: str, target: str | None, split: int) -> None:
        """Count a mention; its target is None where it was not judged."""
        self._surfaces.append(digest(surface))
        self._targets.append(target_digest(target))
        self._splits.append(split)
        if len(self._splits) >= max(_PENDING, len(self._table.counts) // 2):
            self._settle()

    def _settle(self) -> None:
        held = self._table
        surfaces = np.concatenate([held.surfaces, self._surfaces])
        targets = np.concatenate([held.targets, self._targets])
        splits = np.concatenate([held.splits, self._splits])
        counts = np.concatenate([held.counts, np.ones(len(self._splits), np.int64)])
        self._forget()
        order = np.lexsort((splits, targets, surfaces))
        surfaces, targets, splits = surfaces[order], targets[order], splits[order]
        is_new = np.ones(len(order), bool)
        is_new[1:] = surfaces[1:] != surfaces[:-1]
        is_new[1:] |= (targets[1:] != targets[:-1]) | (splits[1:] != splits[:-1])
        starts = np.flatnonzero(is_new)
        counts = np.add.reduceat(counts[order], starts) if len(starts) else counts
        self._table = MentionTable(surfaces[starts], targets[starts], splits[starts], counts)

    def table(self) -> MentionTable:
        """All mentions so far."""
        self._settle()
        return self._table


def digest(value: str) -> int:
    """What stands for a surface or an entity: 64 bits, neither NOT_JUDGED nor TO_NIL."""
    raw = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big") | 2


def target_digest(target: str | None) -> int:
    """What stands for a target, NIL and none at all being two of them."""
    if target is None:
        return NOT_JUDGED
    return TO_NIL if target == NIL else digest(target)
