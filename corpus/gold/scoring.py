"""Predictions against gold, in neleval's figures: micro, macro, per label, with intervals.

Clusters are those of the whole corpus in `micro` and `labels`, and of one document at a time in
`macro`. Memory grows with the mentions and, for clustering measures, the pairs of clusters that
meet; never with the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

from msgspec import Struct

from corpus.gold.bootstrap import Interval, macro_intervals, micro_intervals, resampled_sums
from corpus.gold.clustering import AGGREGATES, Crossing, b_cubed_shares, cross_rows
from corpus.gold.measures import Counts, Key, Measure, count_matches, keep_rows, ratio, total_counts
from corpus.gold.pairing import Pair

Intervals = dict[str, Interval]
_Four = tuple[float, float, float, float]
_CELLS_AT_ONCE = 1 << 23  # of eight bytes: 64 MB


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
    resampling = resampling or Resampling()
    counted = _Counted(pairs, by_label=by_label, drawing=resampling.resamples > 0)
    scores: dict[str, MeasureScore] = {}
    # Measures of one key stand together, so that the crossings of one key alone are in memory.
    keys = list(dict.fromkeys(measure.key for measure in measures.values()))
    for name in watch(sorted(measures, key=lambda name: keys.index(measures[name].key))):
        scores[name] = counted.score(measures[name])
    _add_intervals(counted, resampling)
    return {name: scores[name] for name in measures}


class _Counted:
    """The rows of one run, the crossings that several measures share, and what is to be drawn."""

    def __init__(self, pairs: Sequence[Pair], *, by_label: bool, drawing: bool) -> None:
        self.pairs = pairs
        self.labels = split_by_label(pairs) if by_label else {}
        self.drawing = drawing
        self.drawn: list[tuple[Figures | Means, Mapping[int, _Four]]] = []
        self._key: Key | None = None
        self._crossings: dict[str | int, Crossing] = {}

    def score(self, measure: Measure) -> MeasureScore:
        """The measure's figures, but for the intervals."""
        micro, by_document = self._figures(measure, "", self.pairs)
        if measure.aggregate != "sets":
            by_document = {
                pair.number: AGGREGATES[measure.aggregate](
                    self._cross(measure, pair.number, [pair])
                )
                for pair in self.pairs
            }
        ratios = {
            pair.number: _ratios(by_document[pair.number])
            for pair in self.pairs
            if _has_gold(measure, [pair])
        }
        macro = _means(ratios.values())
        self._draw(macro, ratios)
        result = MeasureScore(micro, macro)
        if self.labels:
            self._score_labels(measure, result)
        return result

    def _score_labels(self, measure: Measure, result: MeasureScore) -> None:
        for label, pairs in self.labels.items():
            result.labels[label], _ = self._figures(measure, label, pairs)
        result.macro_labels = _means(
            [
                (figures.precision, figures.recall, figures.fscore, 1.0)
                for label, figures in result.labels.items()
                if _has_gold(measure, self.labels[label])
            ]
        )

    def _figures(
        self, measure: Measure, name: str, pairs: Sequence[Pair]
    ) -> tuple[Figures, Mapping[int, Counts]]:
        """The figures of the pairs taken together, and their counts by document."""
        by_document: Mapping[int, Counts] = {}
        if measure.aggregate == "sets":
            by_document = {p.number: count_matches(measure, p.predicted, p.gold) for p in pairs}
            counts = total_counts(by_document.values())
        else:
            crossing = self._cross(measure, name, pairs)
            counts = AGGREGATES[measure.aggregate](crossing)
            if measure.aggregate == "b_cubed" and self.drawing:
                # A sum over mentions: documents are drawn while the clusters stay as they are.
                by_document = b_cubed_shares(crossing)
        figures = Figures(*counts, *_ratios(counts)[:3])
        self._draw(figures, by_document)
        return figures, by_document

    def _draw(self, place: Figures | Means, by_document: Mapping[int, _Four]) -> None:
        if self.drawing and by_document:
            self.drawn.append((place, by_document))

    def _cross(self, measure: Measure, name: str | int, pairs: Sequence[Pair]) -> Crossing:
        if measure.key is not self._key:
            self._key, self._crossings = measure.key, {}
        found = self._crossings.get(name)
        if found is None:
            predicted = list(chain.from_iterable(pair.predicted for pair in pairs))
            gold = list(chain.from_iterable(pair.gold for pair in pairs))
            found = self._crossings[name] = cross_rows(
                keep_rows(predicted, measure.keep), keep_rows(gold, measure.keep), measure.key
            )
        return found


def split_by_label(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """For each label the documents that have it on either side, with its rows alone."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        sides: dict[str, Pair] = {}
        for row in pair.predicted:
            sides.setdefault(row.label, Pair(pair.number, [], [])).predicted.append(row)
        for row in pair.gold:
            sides.setdefault(row.label, Pair(pair.number, [], [])).gold.append(row)
        for label, part in sides.items():
            found.setdefault(label, []).append(part)
    return {label: found[label] for label in sorted(found)}


def _has_gold(measure: Measure, pairs: Iterable[Pair]) -> bool:
    if measure.keep == "all":
        return any(pair.gold for pair in pairs)
    return any(row.target is not None for pair in pairs for row in pair.gold)


def _ratios(counts: Counts) -> _Four:
    return counts.precision, counts.recall, counts.fscore, 1.0


def _means(rows: Collection[_Four]) -> Means:
    precision, recall, fscore, over = map(sum, zip(*rows, strict=True)) if rows else (0.0,) * 4
    return Means(int(over), ratio(precision, over), ratio(recall, over), ratio(fscore, over))


def _add_intervals(counted: _Counted, resampling: Resampling) -> None:
    """Give every figure that is a sum or a mean over documents its interval.

    Some figures at a time, each time with the same draws: that bounds the table in memory.
    """
    import numpy as np

    positions = {pair.number: position for position, pair in enumerate(counted.pairs)}
    at_once = max(1, _CELLS_AT_ONCE // (4 * len(positions)))
    for first in range(0, len(counted.drawn), at_once):
        some = counted.drawn[first : first + at_once]
        columns = np.zeros((len(positions), 4 * len(some)))
        for column, (_, by_document) in enumerate(some):
            rows = [positions[number] for number in by_document]
            columns[rows, 4 * column : 4 * column + 4] = list(by_document.values())
        sums = resampled_sums(columns, resamples=resampling.resamples, seed=resampling.seed)
        for (place, _), four in zip(some, np.hsplit(sums, len(some)), strict=True):
            interval = macro_intervals if isinstance(place, Means) else micro_intervals
            place.intervals = interval(four, resampling.confidence)
