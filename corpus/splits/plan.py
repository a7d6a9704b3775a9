"""How to split: what a person asked for, and the names of what comes out."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from corpus.splits.grouping import NEAR_DUPLICATES
from corpus.splits.near_duplicates import SIMILARITY

By = Literal["labels", "date", "hash"]

SPLITS = ("train", "dev", "test")


def fold_names(folds: int) -> tuple[str, ...]:
    """`fold-1`, `fold-2` …"""
    return tuple(f"fold-{number}" for number in range(1, folds + 1))


class Plan(Struct, frozen=True):
    """The splits by name, the share of each, and how documents are placed.

    `by`: labels (stratified over labels and links), date (the last split is the newest) or
    hash (of the id: no memory is needed). Near-duplicates are looked for whether or not they
    are kept together.
    """

    names: tuple[str, ...] = SPLITS
    ratios: tuple[float, ...] = (80.0, 10.0, 10.0)
    layer: str = "gold"
    seed: int = 0
    keep_together: tuple[str, ...] = (NEAR_DUPLICATES,)
    by: By = "labels"
    similarity: float = SIMILARITY

    @property
    def folds(self) -> bool:
        """Whether each split is tested on what is learned from all others."""
        return self.names[0] != SPLITS[0]

    def others(self, split: int) -> tuple[int, ...]:
        """The splits that are learned from where this one is the test; of train itself none."""
        if self.folds:
            return tuple(j for j in range(len(self.names)) if j != split)
        return (0,) if split else ()
