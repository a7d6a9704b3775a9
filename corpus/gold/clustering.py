"""Clustering measures: entities as sets of mentions, over the whole corpus or one document.

All are sums over the sparse table of how many mentions a gold and a predicted cluster share, so
memory is linear in the mentions. A mention that stands in several clusters of one side (spans
that coincide, linked apart) belongs to the last of them in MUC and B-cubed, as in neleval.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, cast

from corpus.gold.assignment import heaviest_pairing
from corpus.gold.measures import Counts, Key, Row, total_counts

Item = tuple[Hashable, ...]


class Clusters(NamedTuple):
    """One side: the size of each cluster; for each mention the clusters that hold it, in order."""

    sizes: list[int]
    homes: dict[Item, tuple[int, ...]]


class Crossing(NamedTuple):
    """Gold against predicted: `shared[gold][predicted]` mentions stand in both clusters."""

    gold: Clusters
    predicted: Clusters
    shared: dict[int, dict[int, int]]


def cluster_rows(rows: Iterable[Row], key: Key) -> Clusters:
    """The clusters of one side, numbered as they first appear."""
    numbers: dict[Hashable, int] = {}
    sizes: list[int] = []
    homes: dict[Item, tuple[int, ...]] = {}
    for row in rows:
        number = numbers.setdefault(row.cluster, len(numbers))
        if number == len(sizes):
            sizes.append(0)
        item = key(row)
        home = homes.get(item, ())
        if number not in home:
            sizes[number] += 1
            homes[item] = tuple(sorted((*home, number))) if home else (number,)
    return Clusters(sizes, homes)


def cross_rows(predicted: Sequence[Row], gold: Sequence[Row], key: Key) -> Crossing:
    """Both sides' clusters and what they share."""
    ours, theirs = cluster_rows(gold, key), cluster_rows(predicted, key)
    shared: dict[int, dict[int, int]] = {}
    for item, homes in ours.homes.items():
        for other in theirs.homes.get(item, ()):
            for home in homes:
                cells = shared.setdefault(home, {})
                cells[other] = cells.get(other, 0) + 1
    return Crossing(ours, theirs, shared)


def b_cubed_shares(crossing: Crossing) -> dict[int, Counts]:
    """B-cubed by document (the first field of a mention), the clusters being the whole corpus's.

    Bagga & Baldwin (1998): each mention's share of its cluster that it meets again, equal weights.
    """
    gold, predicted, shared = crossing
    sums: dict[int, list[float]] = {}
    for item, homes in predicted.homes.items():
        other = gold.homes.get(item)
        share = shared[other[-1]][homes[-1]] / predicted.sizes[homes[-1]] if other else 0.0
        cells = sums.setdefault(cast(int, item[0]), [0.0, 0.0, 0.0, 0.0])
        cells[0] += share
        cells[1] += 1 - share
    for item, homes in gold.homes.items():
        other = predicted.homes.get(item)
        share = shared[homes[-1]][other[-1]] / gold.sizes[homes[-1]] if other else 0.0
        cells = sums.setdefault(cast(int, item[0]), [0.0, 0.0, 0.0, 0.0])
        cells[2] += share
        cells[3] += 1 - share
    return {document: Counts(*cells) for document, cells in sums.items()}


def b_cubed(crossing: Crossing) -> Counts:
    """The sum of `b_cubed_shares` over the documents."""
    return total_counts(b_cubed_shares(crossing).values())


def muc(crossing: Crossing) -> Counts:
    """Vilain et al. (1995): the links inside a cluster that the other side keeps."""
    ptp, found = _links_kept(crossing.predicted, crossing.gold)
    rtp, wanted = _links_kept(crossing.gold, crossing.predicted)
    return Counts(ptp, found - ptp, rtp, wanted - rtp)


def _links_kept(side: Clusters, other: Clusters) -> tuple[int, int]:
    aligned = 0
    pieces: set[tuple[int, int]] = set()
    for item, homes in side.homes.items():
        opposite = other.homes.get(item)
        if opposite:
            aligned += len(homes)
            pieces.update((home, opposite[-1]) for home in homes)
    return aligned - len(pieces), sum(side.sizes) - len(side.sizes)


def pairwise(crossing: Crossing) -> Counts:
    """Pairs of mentions that one cluster holds on both sides."""
    both = sum(_pairs(n) for cells in crossing.shared.values() for n in cells.values())
    found = sum(map(_pairs, crossing.predicted.sizes))
    wanted = sum(map(_pairs, crossing.gold.sizes))
    return Counts(both, found - both, both, wanted - both)


def _pairs(size: int) -> int:
    return size * (size - 1) // 2


def mention_ceaf(crossing: Crossing) -> Counts:
    """Luo (2005), phi 3: mentions shared under the best one-to-one pairing of clusters."""
    both = heaviest_pairing(crossing.shared)
    found, wanted = sum(crossing.predicted.sizes), sum(crossing.gold.sizes)
    return Counts(both, found - both, both, wanted - both)


def entity_ceaf(crossing: Crossing) -> Counts:
    """Luo (2005), phi 4: the Dice similarity of clusters under their best one-to-one pairing."""
    gold, predicted, shared = crossing
    dice = {
        home: {
            other: 2 * n / (gold.sizes[home] + predicted.sizes[other]) for other, n in row.items()
        }
        for home, row in shared.items()
    }
    both = heaviest_pairing(dice)
    return Counts(both, len(predicted.sizes) - both, both, len(gold.sizes) - both)


AGGREGATES: dict[str, Callable[[Crossing], Counts]] = {
    "b_cubed": b_cubed,
    "mention_ceaf": mention_ceaf,
    "entity_ceaf": entity_ceaf,
    "muc": muc,
    "pairwise": pairwise,
}
