"""What the options of `corpus split` mean together: a Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.splits.plan import By, Plan

RATIOS = "80,10,10"


def plan_of(
    *,
    ratios: str | None,
    folds: int | None,
    layer: str,
    seed: int,
    keep_together: str,
    by: str,
    similarity: float,
) -> Plan:
    """The Plan that the options ask for. Raises UsageError for what cannot be."""
    from corpus.splits.grouping import parse_kinds
    from corpus.splits.plan import SPLITS, Plan, fold_names

    if by not in ("labels", "date", "hash"):
        raise UsageError(f"--by {by}: no such way", "the ways are: labels, date, hash")
    if folds is not None and ratios is not None:
        raise UsageError("--folds and --ratios: folds are of equal size", "give one of the two")
    return Plan(
        names=SPLITS if folds is None else fold_names(folds),
        ratios=parse_ratios(ratios or RATIOS) if folds is None else (1.0,) * folds,
        layer=layer,
        seed=seed,
        keep_together=parse_kinds(keep_together),
        by=cast("By", by),
        similarity=similarity,
    )


def settings_of(plan: Plan, shard_size: int | None) -> dict[str, Any]:
    """What the manifest keeps of the options, but for the seed: lists, no tuples."""
    import msgspec

    settings: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plan))
    del settings["seed"]
    return settings | ({"shard_size": shard_size} if shard_size else {})


def parse_ratios(text: str) -> tuple[float, ...]:
    """Three numbers, 0 or more. Raises UsageError for anything else."""
    try:
        parts = tuple(float(part) for part in text.split(","))
    except ValueError:
        parts = ()
    if len(parts) != 3 or not all(0 <= part < float("inf") for part in parts) or not sum(parts):
        raise UsageError(
            f"--ratios {text}: not three numbers that are 0 or more",
            "give train, dev and test, as in 80,10,10",
        )
    return parts
