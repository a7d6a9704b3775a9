"""What a curve is asked for: tasks, shares, seeds, steps."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from corpus.errors import UsageError

Task = Literal["ner", "links"]

MEASURES: dict[Task, tuple[str, ...]] = {
    "ner": ("strong_typed_mention_match", "strong_mention_match"),
    "links": ("strong_all_match", "strong_link_match"),
}
"""The measures of each task by neleval's names; the first is the one that is drawn.

With `strong_all_match` NIL is an answer like another; `strong_link_match` leaves it out.
"""

RESAMPLES = 1000
CONFIDENCE = 95.0


class CurvePlan(Struct, frozen=True):
    """How to train: each task on each share of train, once a seed, for so many steps.

    Seeds are `seed`, `seed` + 1 and so on. A seed orders the documents, of which a share takes
    the first, and starts the model.
    """

    tasks: tuple[Task, ...] = ("ner",)
    shares: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0)
    seeds: int = 3
    steps: int = 500
    layer: str = "gold"
    seed: int = 0

    @property
    def every_seed(self) -> range:
        """The seeds."""
        return range(self.seed, self.seed + self.seeds)


def parse_tasks(text: str) -> tuple[Task, ...]:
    """The tasks of `ner`, `links` or `both`. Raises UsageError for another word."""
    if text == "both":
        return ("ner", "links")
    for task in MEASURES:
        if text == task:
            return (task,)
    raise UsageError(f"--task {text}: no such task", "the tasks are: ner, links, both")


def parse_shares(text: str) -> tuple[float, ...]:
    """Shares over 0 and up to 1, each once, smallest first. Raises UsageError for anything else."""
    try:
        shares = sorted({float(part) for part in text.split(",")})
    except ValueError:
        shares = []
    if not shares or not all(0 < share <= 1 for share in shares):
        raise UsageError(
            f"--shares {text}: not numbers over 0 and up to 1", "give them as in 0.1,0.5,1"
        )
    return tuple(shares)
