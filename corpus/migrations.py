"""Records of earlier versions, made into those of today, one step a version.

A record says its type and version: `document/1`. When a type gets a new version, the step from the
one before stands here for good, so that a file of any earlier version is read; what is written is
always of today. A record of a later version than this corpus knows is never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Record = dict[str, Any]
Step = Callable[[Record], Record]

STEPS: Mapping[str, Step] = {}
"""The type and version that a record says -> what makes the next version of it, but for `type`."""


def steps_between(found: str, wanted: str) -> list[Step] | None:
    """The steps from one version of a type to a later one; None if there is no such way."""
    kind, _, last = wanted.partition("/")
    name, _, first = found.partition("/")
    if name != kind or not (first.isdecimal() and last.isdecimal()) or int(first) >= int(last):
        return None
    steps = [STEPS.get(f"{kind}/{version}") for version in range(int(first), int(last))]
    return [step for step in steps if step] if all(steps) else None


def migrate(record: Record, steps: list[Step], wanted: str) -> Record:
    """The record after all steps, of the version wanted."""
    for step in steps:
        record = step(record)
    return {**record, "type": wanted}
