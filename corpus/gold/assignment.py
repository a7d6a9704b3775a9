"""The heaviest one-to-one pairing of two sets, on a sparse graph: what CEAF needs.

Shortest augmenting paths with potentials (Jonker & Volgenant 1987) over the edges that exist;
every row may also stay alone at weight 0. Whole weights are summed exactly. Memory is linear in
the edges; only the rows that a greedy start leaves over cost a search. Equal weights would make
each search wander over a plateau, so a seeded trifle, too small to matter, tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from random import Random

Edges = Mapping[int, Mapping[int, float]]


def heaviest_pairing(weights: Edges) -> float:
    """The greatest sum of weights over pairings in which no row and no column stands twice.

    `weights` maps row to column to a weight above 0; columns are numbers from 0.
    """
    costs = _costs(weights)
    over_row = {row: min(cells.values()) for row, cells in costs.items()}
    over_column: dict[int, float] = {}
    row_of: dict[int, int] = {}
    column_of: dict[int, int] = {}
    for row, cells in costs.items():
        for column, cost in cells.items():
            if cost == over_row[row] and column not in row_of:
                row_of[column], column_of[row] = row, column
                break
    for row in costs:
        if row not in column_of:
            _augment(row, costs, over_row, over_column, row_of, column_of)
    return sum(weights[row][column] for row, column in column_of.items() if column >= 0)


def _costs(weights: Edges) -> dict[int, dict[int, float]]:
    """Weights turned into costs, and for each row a column of its own, at no cost.

    All trifles together are below 1e-6: a pairing of whole weights stays the heaviest, one of
    fractions is at most that much lighter.
    """
    luck = Random(0).random  # noqa: S311 - the same trifles in every run
    trifle = 1e-6 / max(1, len(weights))
    return {
        row: {**{column: -w - trifle * luck() for column, w in cells.items()}, -1 - row: 0.0}
        for row, cells in weights.items()
    }


def _augment(
    start: int,
    costs: Edges,
    over_row: dict[int, float],
    over_column: dict[int, float],
    row_of: dict[int, int],
    column_of: dict[int, int],
) -> None:
    """Pair one more row along the shortest path to a free column; the potentials stay feasible."""
    distance: dict[int, float] = {}
    before: dict[int, int] = {}
    done: dict[int, float] = {}
    heap: list[tuple[float, int]] = []
    row, base = start, 0.0
    while True:
        reach = base - over_row[row]
        for column, cost in costs[row].items():
            if column in done:
                continue
            new = reach + cost - over_column.get(column, 0)
            if new < distance.get(column, float("inf")):
                distance[column], before[column] = new, row
                heappush(heap, (new, column))
        base, column = heappop(heap)
        while column in done:
            base, column = heappop(heap)
        if column not in row_of:
            break
        done[column] = base
        row = row_of[column]
    over_row[start] += base
    for passed, far in done.items():
        over_column[passed] = over_column.get(passed, 0) - (base - far)
        over_row[row_of[passed]] += base - far
    following: int | None = column
    while following is not None:
        column, row = following, before[following]
        following = column_of.get(row)
        row_of[column], column_of[row] = row, column
