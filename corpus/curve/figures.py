"""The figures of a curve: means over seeds, with intervals over seeds and documents of dev.

An interval is of draws with replacement: documents of dev, the same for all models, and of seeds,
the same at every share (Efron & Tibshirani 1993, ch. 13). So a gain, the difference of two
shares, has an interval of its own, which is narrower than the two figures' would make it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from corpus.curve.plan import CONFIDENCE, MEASURES, RESAMPLES, CurvePlan, Task
from corpus.curve.runs import Run
from corpus.curve.training import ALL
from corpus.gold.bootstrap import METRICS, micro_figures, percentile_interval, resampled_sums

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

FLAT = 0.01
"""A gain that is surely smaller than this is called none."""


class Estimate(Struct, frozen=True):
    """A figure with its interval."""

    value: float
    low: float
    high: float


Estimates = dict[str, Estimate]
"""By precision, recall and fscore."""


class Point(Struct, frozen=True, omit_defaults=True):
    """One share: its documents, the mean number of mentions in them, and the figures.

    `figures` are by measure and, within it, by label; an empty label stands for all. `untrained`
    says of seeds with nothing to learn from, why.
    """

    share: float
    documents: int
    mentions: float
    figures: dict[str, dict[str, Estimates]]
    untrained: dict[int, str] = {}


class Gain(Struct, frozen=True):
    """What more documents brought: F at `after` less F at `before`, and what that suggests."""

    before: int
    after: int
    gain: Estimate
    verdict: str


class TaskCurve(Struct, frozen=True):
    """The curve of a task, of its first measure; the gain is of the last doubling or near it."""

    measure: str
    gold: dict[str, int]
    points: list[Point]
    gain: Gain | None


class _Draws:
    """The figures of one measure and label at every share: values, and what the draws give."""

    def __init__(self, runs: Sequence[Sequence[Run]], measure: str, label: str, dev: int) -> None:
        import numpy as np

        shares, seeds = len(runs), len(runs[0])
        table = np.zeros((dev, shares, seeds, 4))
        for at, some in enumerate(runs):
            for seed, run in enumerate(some):
                for number, (tp, fp, fn) in run.counts[measure].get(label, {}).items():
                    table[number, at, seed] = tp, fp, tp, fn
        columns = table.reshape(dev, -1)
        sums = resampled_sums(columns, resamples=RESAMPLES, seed=0)
        drawn = micro_figures(sums.reshape(-1, 4)).reshape(3, RESAMPLES, shares, seeds)
        random = np.random.Generator(np.random.PCG64(1))
        which = random.integers(0, seeds, size=(1, RESAMPLES, 1, seeds))
        self.drawn = np.take_along_axis(drawn, which, axis=3).mean(axis=3)
        whole = micro_figures(columns.sum(axis=0).reshape(-1, 4))
        self.values = whole.reshape(3, shares, seeds).mean(axis=2)

    def estimates(self, share: int) -> Estimates:
        """The figures at one share."""
        return {
            metric: _estimate(self.values[at, share], self.drawn[at, :, share])
            for at, metric in enumerate(METRICS)
        }

    def gain(self, before: int, after: int) -> Estimate:
        """F at one share less F at another."""
        drawn = self.drawn[2, :, after] - self.drawn[2, :, before]
        return _estimate(self.values[2, after] - self.values[2, before], drawn)


def _estimate(value: float, drawn: Array) -> Estimate:
    return Estimate(round(float(value), 6), *percentile_interval(drawn, CONFIDENCE))


def draw_curve(
    task: Task, runs: Mapping[tuple[Task, int, int], Run], plan: CurvePlan, sizes: dict[float, int],
    dev: int,
) -> TaskCurve:  # fmt: skip
    """The curve of one task; `dev` is the number of documents that were scored."""
    shares = {size: share for share, size in sizes.items()}  # of equal ones the largest
    by_size = [[runs[task, size, seed] for seed in plan.every_seed] for size in shares]
    whole = [run for some in by_size for run in some]
    figures: list[dict[str, dict[str, Estimates]]] = [{} for _ in shares]
    gain = None
    for measure in MEASURES[task]:
        labels = sorted({label for run in whole for label in run.counts[measure]})
        for label in labels:
            draws = _Draws(by_size, measure, label, dev)
            for at, place in enumerate(figures):
                place.setdefault(measure, {})[label] = draws.estimates(at)
            if (measure, label) == (MEASURES[task][0], ALL):
                gain = _last_doubling(draws, list(shares))
    points = [
        Point(
            share,
            size,
            sum(run.mentions for run in some) / len(some),
            found,
            {run.seed: run.untrained for run in some if run.untrained},
        )
        for (size, share), some, found in zip(shares.items(), by_size, figures, strict=True)
    ]
    return TaskCurve(MEASURES[task][0], _gold(whole[0], MEASURES[task][0]), points, gain)


def _gold(run: Run, measure: str) -> dict[str, int]:
    """How many of gold's mentions a measure counts in dev, by label."""
    return {
        label: sum(tp + fn for tp, _, fn in found.values())
        for label, found in sorted(run.counts[measure].items())
    }


def _last_doubling(draws: _Draws, sizes: Sequence[int]) -> Gain | None:
    """The gain from the share nearest to half of the largest, to the largest."""
    smaller = [at for at, size in enumerate(sizes[:-1]) if size]
    if not smaller:
        return None
    before = min(smaller, key=lambda at: (abs(2 * sizes[at] - sizes[-1]), -at))
    gain = draws.gain(before, len(sizes) - 1)
    verdict = verdict_of(gain) if draws.values[2].any() else "nothing"
    return Gain(sizes[before], sizes[-1], gain, verdict)


def verdict_of(gain: Estimate) -> str:
    """`rising`, `falling`, `flat` or, where the interval allows several of these, `open`."""
    if gain.low > -FLAT and gain.high < FLAT:
        return "flat"
    if gain.low > 0:
        return "rising"
    return "falling" if gain.high < 0 else "open"


_SAYS = {
    "nothing": "nothing was learnt at any share: more --steps or more documents are needed",
    "rising": "still rising: more documents like these should help",
    "falling": "falling: more documents made it worse, look at --steps and at what was added",
    "flat": f"flat: the gain is surely less than {FLAT}",
    "open": "open: it may be rising or flat, a larger dev or more seeds would tell",
}


def sentence_of(task: Task, curve: TaskCurve, plan: CurvePlan) -> str:
    """What the curve suggests, with no more certainty than its interval."""
    if curve.gain is None:
        return f"{task}: one share says nothing about more documents"
    gain, before, after = curve.gain.gain, curve.gain.before, curve.gain.after
    sentence = (
        f"{task}: from {before:,} to {after:,} documents F changed by {gain.value:+.3f} "
        f"({CONFIDENCE:g} % interval {gain.low:+.3f} to {gain.high:+.3f}); "
        f"{_SAYS[curve.gain.verdict]}"
    )
    if plan.seeds == 1:
        sentence += " (one seed: what the choice of documents does is not in the interval)"
    return sentence
