"""Predictions against gold, in neleval's figures: micro, macro, per label, with intervals.

Clusters are those of the whole corpus in `micro` and `labels`, and of one document at a time in
`macro`. Memory grows with the mentions and, for clustering measures, the pairs of clusters that
meet; never with the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from msgspec import Struct

from corpus.gold.bootstrap import Interval, macro_intervals, micro_intervals, resampled_sums
from corpus.gold.clustering import AGGREGATES, Crossing, b_cubed_shares, cross_rows
from corpus.gold.measures import Counts, Key, Measure, count_matches, keep_rows, ratio
from corpus.gold.pairing import Pair

Intervals = dict[str, Interval]
_Four = tuple[float, float, float, float]


class Figures(Struct, omit_defaults=True):
    """A measure over all documents taken together; ptp/fp and rtp/fn differ for clusters only."""

    ptp: float
    fp: float
    rtp: float
    fn: float
    precision: float
    recall: float
    fscore: float
    intervals: Intervals = {}


class Means(Struct, omit_defaults=True):
    """The mean of each ratio over `over` documents (or labels) that gold has rows in."""

    over: int
    precision: float
    recall: float
    fscore: float
    intervals: Intervals = {}


class MeasureScore(Struct, omit_defaults=True):
    """One measure: all documents together, the mean over documents, and per label."""

    micro: Figures
    macro: Means
    labels: dict[str, Figures] = {}
    macro_labels: Means | None = None


class Resampling(Struct, frozen=True):
    """How intervals are made: the number of draws, their seed, and the per cent they cover."""

    resamples: int = 0
    seed: int = 0
    confidence: float = 95.0


def score_pairs(
    pairs: Sequence[Pair],
    measures: Mapping[str, Measure],
    *,
    by_label: bool = False,
    resampling: Resampling | None = None,
    watch: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> dict[str, MeasureScore]:
    """The figures of each measure, in the order of `measures`; `watch` sees each name pass by."""
    counted = _Counted(pairs, by_label)
    tables: dict[str, _Table] = {}
    # Measures of one key stand together, so that the crossings of one key alone are in memory.
    keys = list(dict.fromkeys(measure.key for measure in measures.values()))
    for name in watch(sorted(measures, key=lambda name: keys.index(measures[name].key))):
        tables[name] = counted.count(measures[name])
    if resampling is not None and resampling.resamples:
        _add_intervals(tables, resampling)
    return {name: tables[name].score for name in measures}


class _Table(Struct):
    """One measure's score, and by document what intervals are drawn from."""

    score: MeasureScore
    by_document: list[Counts]  # empty where clusters cannot be told apart by document
    by_label: dict[str, list[Counts]]
    means: list[_Four]


class _Counted:
    """The rows of one run, and the crossings of clusters that several measures share."""

    def __init__(self, pairs: Sequence[Pair], by_label: bool) -> None:
        self.pairs = pairs
        self.labels: dict[str, list[Pair]] = {}
        if by_label:
            labels = {row.label for p in pairs for row in chain(p.predicted, p.gold)}
            self.labels = {
                label: [_only(pair, label) for pair in pairs] for label in sorted(labels)
            }
        self._key: Key | None = None
        self._crossings: dict[str | int, Crossing] = {}

    def count(self, measure: Measure) -> _Table:
        """The measure's table."""
        by_document, micro = self._count_all(measure, "", self.pairs)
        each = by_document
        if measure.aggregate != "sets":
            each = [
                AGGREGATES[measure.aggregate](self._cross(measure, pair.number, [pair]))
                for pair in self.pairs
            ]
        means = [
            (c.precision, c.recall, c.fscore, 1.0) if _has_gold(measure, [pair]) else _NO_GOLD
            for c, pair in zip(each, self.pairs, strict=True)
        ]
        score = MeasureScore(_figures(micro), _means(means))
        table = _Table(score, by_document, {}, means)
        if self.labels:
            self._count_labels(measure, table)
        return table

    def _count_labels(self, measure: Measure, table: _Table) -> None:
        means = []
        for label, pairs in self.labels.items():
            table.by_label[label], counts = self._count_all(measure, label, pairs)
            table.score.labels[label] = _figures(counts)
            if _has_gold(measure, pairs):
                means.append((counts.precision, counts.recall, counts.fscore, 1.0))
        table.score.macro_labels = _means(means)

    def _count_all(
        self, measure: Measure, name: str, pairs: Sequence[Pair]
    ) -> tuple[list[Counts], Counts]:
        """Counts by document (none where only the whole has them), and of all taken together."""
        if measure.aggregate == "sets":
            each = [count_matches(measure, pair.predicted, pair.gold) for pair in pairs]
            return each, _total(each)
        crossing = self._cross(measure, name, pairs)
        counts = AGGREGATES[measure.aggregate](crossing)
        if measure.aggregate != "b_cubed":
            return [], counts
        # B-cubed is a sum over mentions: documents are drawn while the clusters stay as they are.
        shares = b_cubed_shares(crossing)
        return [shares.get(pair.number, Counts()) for pair in pairs], counts

    def _cross(self, measure: Measure, name: str | int, pairs: Sequence[Pair]) -> Crossing:
        if measure.key is not self._key:
            self._key, self._crossings = measure.key, {}
        found = self._crossings.get(name)
        if found is None:
            predicted = keep_rows(
                list(chain.from_iterable(p.predicted for p in pairs)), measure.keep
            )
            gold = keep_rows(list(chain.from_iterable(p.gold for p in pairs)), measure.keep)
            found = self._crossings[name] = cross_rows(predicted, gold, measure.key)
        return found


_NO_GOLD = (0.0, 0.0, 0.0, 0.0)


def _only(pair: Pair, label: str) -> Pair:
    predicted, gold = (
        [r for r in side if r.label == label] for side in (pair.predicted, pair.gold)
    )
    return Pair(pair.number, predicted, gold)


def _has_gold(measure: Measure, pairs: Iterable[Pair]) -> bool:
    if measure.keep == "all":
        return any(pair.gold for pair in pairs)
    return any(row.target is not None for pair in pairs for row in pair.gold)


def _total(counts: Iterable[Counts]) -> Counts:
    return Counts(*map(sum, zip(*counts, strict=True)))


def _figures(c: Counts) -> Figures:
    return Figures(*c, c.precision, c.recall, c.fscore)


def _means(rows: Sequence[_Four]) -> Means:
    precision, recall, fscore, over = map(sum, zip(*rows, strict=True)) if rows else _NO_GOLD
    return Means(int(over), ratio(precision, over), ratio(recall, over), ratio(fscore, over))


def _add_intervals(tables: Mapping[str, _Table], resampling: Resampling) -> None:
    """Give every figure that is a sum or a mean over documents its interval."""
    import numpy as np

    drawn: list[tuple[Figures | Means, Sequence[_Four]]] = []
    for table in tables.values():
        score = table.score
        drawn += [(score.micro, table.by_document), (score.macro, table.means)]
        drawn += [(score.labels[label], each) for label, each in table.by_label.items()]
    drawn = [(place, block) for place, block in drawn if block]
    columns = np.hstack([np.array(block, dtype=float) for _, block in drawn])
    sums = resampled_sums(columns, resamples=resampling.resamples, seed=resampling.seed)
    for (place, _), four in zip(drawn, np.hsplit(sums, len(drawn)), strict=True):
        interval = macro_intervals if isinstance(place, Means) else micro_intervals
        place.intervals = interval(four, resampling.confidence)
