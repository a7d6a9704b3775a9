"""A new small run held against the committed one: ratios, not times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.results import Result, Row

TOLERANCE = 0.25
"""By so much of itself a ratio may be worse: what the same code differs by on a busy machine."""


class Verdict(NamedTuple):
    """`worse` and `missing` fail the gate; `better` and `new` are only said."""

    worse: list[str]
    missing: list[str]
    better: list[str]
    new: list[str]

    @property
    def fails(self) -> bool:
        return bool(self.worse or self.missing)


def compare(
    committed: Mapping[str, Result], fresh: Mapping[str, Result], tolerance: float = TOLERANCE
) -> Verdict:
    """Every ratio with a target of the fresh results beside the committed one of the same key.

    A lower ratio is better where the target is "at most", worse where it is "at least". A
    benchmark that was not run is not missing; a row of one that was run is.
    """
    verdict = Verdict([], [], [], [])
    for name in sorted(fresh):
        before = ratios_of(committed[name]) if name in committed else {}
        now = ratios_of(fresh[name])
        for key in before:
            place = place_of(name, before[key])
            if key not in now:
                verdict.missing.append(f"{place}: was {before[key].ratio:.2f}, is not measured")
            else:
                judge(place, before[key], now[key], tolerance, verdict)
        verdict.new.extend(
            f"{place_of(name, row)}: {row.ratio:.2f}"
            for key, row in now.items()
            if key not in before
        )
    return verdict


def ratios_of(result: Result) -> dict[tuple[str, str, int | None], Row]:
    return {row.key: row for row in result.rows if row.target and row.ratio is not None}


def judge(place: str, before: Row, now: Row, tolerance: float, verdict: Verdict) -> None:
    assert before.ratio is not None
    assert now.ratio is not None
    growth = now.ratio / before.ratio if now.target.startswith("<=") else before.ratio / now.ratio
    said = f"{place}: {before.ratio:.2f} before, {now.ratio:.2f} now, target {now.target}"
    if growth > 1 + tolerance:
        verdict.worse.append(said)
    elif growth < 1 / (1 + tolerance):
        verdict.better.append(said)


def place_of(name: str, row: Row) -> str:
    size = "" if row.size is None else f" at {row.size:,}"
    return f"{name}: {row.what}{size}"


def told(verdict: Verdict) -> str:
    """What the gate prints."""
    lines = [
        f"{kind}: {line}"
        for kind, found in zip(Verdict._fields, verdict, strict=True)
        for line in found
    ]
    lines.append(
        f"{len(verdict.worse)} worse, {len(verdict.missing)} missing, "
        f"{len(verdict.better)} better, {len(verdict.new)} new"
    )
    return "\n".join(lines)
