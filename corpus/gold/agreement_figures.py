"""From the sums of agreement to its figures, each with an interval from documents drawn again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from corpus.gold.agreement import ASPECTS, Agreements, Collected
from corpus.gold.bootstrap import percentile_interval
from corpus.gold.coefficients import Pair, Table, f1
from corpus.gold.observations import ANY
from corpus.gold.unitizing import Unitizing

if TYPE_CHECKING:
    from corpus.gold.coefficients import Array

Key = tuple[str, ...]
Values = dict[Key, Any]
Watch = Callable[[Iterable[Any]], Iterable[Any]]
_CELLS = 2_000_000  # draws x documents that are held at once


class Figure(Struct, frozen=True, omit_defaults=True):
    """A value, None where it is not defined, and the interval of resampled documents."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


def figures_of(
    agreements: Agreements,
    *,
    resamples: int = 0,
    seed: int = 0,
    confidence: float = 95.0,
    watch: Watch = lambda items: items,
) -> dict[Key, Figure]:
    """Every figure by its key: (section, names …, aspect or label, measure).

    Sections: overall, pair, label, passes, anchoring. All figures of a section see the same
    draws of documents; a draw in which a figure is not defined is left out of its interval.
    """
    import numpy as np

    result: dict[Key, Figure] = {}
    for count, compute in _sections(agreements):
        values = compute(np.ones(count))
        drawn: dict[Key, list[Array]] = {key: [] for key in values}
        for weights in watch(_draws(count, resamples, seed)):
            for key, figures in compute(weights).items():
                drawn[key].append(figures)
        for key, value in values.items():
            result[key] = _figure(float(value), drawn[key], confidence)
    return result


def _draws(count: int, resamples: int, seed: int) -> Iterator[Array]:
    """How often each document is drawn, (draws, documents) at a time, as few as fit well."""
    import numpy as np

    if count < 2:
        return
    random = np.random.Generator(np.random.PCG64(seed))
    at_once = max(8, min(250, _CELLS // count))
    for first in range(0, resamples, at_once):
        block = min(at_once, resamples - first)
        draws = random.integers(0, count, size=(block, count))
        yield np.stack([np.bincount(draw, minlength=count) for draw in draws]).astype(float)


def _figure(value: float, drawn: list[Array], confidence: float) -> Figure:
    import numpy as np

    if not math.isfinite(value):
        return Figure()
    figures = np.concatenate(drawn) if drawn else np.zeros(0)
    figures = figures[np.isfinite(figures)]
    if len(figures) < 2:
        return Figure(round(value, 6))
    low, high = percentile_interval(figures, confidence)
    return Figure(round(value, 6), low, high)


def _sections(agreements: Agreements) -> Iterator[tuple[int, Callable[[Array], Values]]]:
    between, within = agreements.between, agreements.within
    yield len(between.ids), lambda weights: _between(between, weights)
    yield len(within.ids), lambda weights: _pairs(within, weights, "passes")
    yield between.given, lambda weights: _anchoring(agreements, weights)


def _between(found: Collected, weights: Array) -> Values:
    return {
        **_overall(found, weights),
        **_pairs(found, weights, "pair"),
        **_labels(found, weights),
    }


def _overall(found: Collected, weights: Array) -> Values:
    values: Values = {}
    compared = found.compared
    number = len(compared)
    for aspect in ASPECTS:
        nominal = found.nominal[aspect]
        values["overall", aspect, "fleiss_kappa"] = nominal.fleiss(number, weights)
        values["overall", aspect, "alpha"] = nominal.alpha(weights)
    values |= _prefixed(("overall",), _shared(found.shared.values(), weights))
    values |= _prefixed(("overall",), _linked(found.linked.values(), weights))
    unitizing = _of_everybody(found)
    if unitizing is not None:
        values["overall", "boundary", "alpha_u"] = unitizing.alpha(weights, ANY)
        values["overall", "type", "alpha_u"] = unitizing.alpha(weights)
    return values


def _of_everybody(found: Collected) -> Unitizing | None:
    """The units of the documents that all annotators confirmed."""
    if len(found.unitizing) == 1:
        return next(iter(found.unitizing.values()))
    return found.everybody.get(tuple(found.compared))


def _pairs(found: Collected, weights: Array, section: str) -> Values:
    values: Values = {}
    for pair in sorted({*found.shared, *found.linked}):
        of_pair: Values = {}
        for aspect in ASPECTS:
            nominal = found.nominal[aspect]
            of_pair[aspect, "cohen_kappa"] = nominal.cohen(pair, weights)
            of_pair[aspect, "alpha"] = nominal.alpha_of_pair(pair, weights)
        of_pair |= _shared(_of(found.shared, pair), weights)
        of_pair |= _linked(_of(found.linked, pair), weights)
        if pair in found.unitizing:
            unitizing = found.unitizing[pair]
            of_pair["boundary", "alpha_u"] = unitizing.alpha(weights, ANY)
            of_pair["type", "alpha_u"] = unitizing.alpha(weights)
        values |= _prefixed((section, *pair), of_pair)
    return values


def _of(tables: dict[Pair, Table], pair: Pair) -> list[Table]:
    return [tables[pair]] if pair in tables else []


def _labels(found: Collected, weights: Array) -> Values:
    values: Values = {}
    unitizing = _of_everybody(found)
    for label, table in sorted(found.shared_of_label.items()):
        of_label = _shared([table], weights)
        values["label", label, "f1"] = of_label["type", "f1"]
        values["label", label, "overlap_f1"] = of_label["type", "overlap_f1"]
        values["label", label, "alpha"] = found.nominal["type"].alpha_of(label, weights)
        if unitizing is not None:
            values["label", label, "alpha_u"] = unitizing.alpha(weights, label)
    return values


def _shared(tables: Iterable[Table], weights: Array) -> Values:
    """F1 with equal borders and with overlap, whatever the label and with it."""
    sums = _summed(tables, 8, weights)
    exact, typed, over_one, over_other, typed_one, typed_other, one, other = sums
    return {
        ("boundary", "f1"): f1(exact, one, other),
        ("boundary", "overlap_f1"): f1((over_one + over_other) / 2, one, other),
        ("type", "f1"): f1(typed, one, other),
        ("type", "overlap_f1"): f1((typed_one + typed_other) / 2, one, other),
    }


def _linked(tables: Iterable[Table], weights: Array) -> Values:
    sums = _summed(tables, 6, weights)
    return {("link", "f1"): f1(*sums[:3]), ("nil", "f1"): f1(*sums[3:])}


def _summed(tables: Iterable[Table], columns: int, weights: Array) -> list[Array]:
    """The columns of all tables together."""
    import numpy as np

    total = np.zeros((*weights.shape[:-1], columns))
    for table in tables:
        total = total + table.sums(weights)
    return [total[..., column] for column in range(columns)]


def _anchoring(agreements: Agreements, weights: Array) -> Values:
    """F1 of each annotator with the suggestions, where they were shown and where not."""
    values: Values = {}
    shown, blind = [], []
    for name, tables in sorted(agreements.anchoring.items()):
        values |= _anchored(name, [tables.shown], [tables.blind], weights)
        shown.append(tables.shown)
        blind.append(tables.blind)
    if shown:
        values |= _anchored("", shown, blind, weights)
    return values


def _anchored(name: str, shown: Iterable[Table], blind: Iterable[Table], weights: Array) -> Values:
    values: Values = {}
    with_them, without = _shared(shown, weights), _shared(blind, weights)
    for aspect in ("boundary", "type"):
        one, other = with_them[aspect, "f1"], without[aspect, "f1"]
        values["anchoring", name, aspect, "shown"] = one
        values["anchoring", name, aspect, "blind"] = other
        values["anchoring", name, aspect, "difference"] = one - other
    return values


def _prefixed(prefix: Key, values: dict[Key, Any]) -> Values:
    return {(*prefix, *key): value for key, value in values.items()}
