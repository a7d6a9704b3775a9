"""What becomes of work that kills whoever does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

DIED = "a worker process died, perhaps for lack of memory, twice on the same work"
DIED_OF_IT = "the worker process that read it died, twice, perhaps for lack of memory"


# Python 3.10 knows no NamedTuple that is generic.
@dataclass(frozen=True, slots=True)
class Rescue(Generic[T, R]):
    """What becomes of a chunk that kills its worker: cut into parts, and the guilty part given up.

    `give_up` makes of a part, and of a reason, what the work would have made of a reject.
    """

    split: Callable[[T], list[T]]
    give_up: Callable[[T, str], R]
