"""Percentile intervals from documents drawn with replacement (Efron & Tibshirani 1993, ch. 13).

Every figure of one run sees the same draws, so that they can be compared with each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

METRICS = ("precision", "recall", "fscore")
_DRAWS_AT_ONCE = 64  # bounds the memory: draws x documents

Interval = tuple[float, float]


def resampled_sums(columns: Array, *, resamples: int, seed: int) -> Array:
    """For each draw of as many documents as there are: the sums of their rows of `columns`.

    Shapes: columns (documents, fields), result (resamples, fields). Same seed, same draws.
    """
    import numpy as np

    random = np.random.Generator(np.random.PCG64(seed))
    documents = len(columns)
    sums = np.empty((resamples, columns.shape[1]))
    for first in range(0, resamples, _DRAWS_AT_ONCE):
        block = sums[first : first + _DRAWS_AT_ONCE]
        drawn = random.integers(0, documents, size=(len(block), documents))
        times = np.stack([np.bincount(draw, minlength=documents) for draw in drawn])
        block[:] = times.astype(float) @ columns
    return sums


def micro_intervals(sums: Array, confidence: float) -> dict[str, Interval]:
    """Intervals of precision, recall and fscore from resampled ptp, fp, rtp and fn."""
    return _intervals(micro_figures(sums), confidence)


def micro_figures(sums: Array) -> Array:
    """Precision, recall and fscore, a row each, of rows of ptp, fp, rtp and fn."""
    import numpy as np

    ptp, fp, rtp, fn = sums.T
    precision, recall = _ratio(ptp, ptp + fp), _ratio(rtp, rtp + fn)
    return np.stack([precision, recall, _ratio(2 * precision * recall, precision + recall)])


def macro_intervals(sums: Array, confidence: float) -> dict[str, Interval]:
    """Intervals of the means from resampled precision, recall, fscore and number of documents."""
    *figures, documents = sums.T
    return _intervals([_ratio(figure, documents) for figure in figures], confidence)


def _ratio(numerator: Array, denominator: Array) -> Array:
    import numpy as np

    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def _intervals(figures: Iterable[Array], confidence: float) -> dict[str, Interval]:
    return {
        metric: percentile_interval(values, confidence)
        for metric, values in zip(METRICS, figures, strict=True)
    }


def percentile_interval(values: Any, confidence: float) -> Interval:
    """The middle `confidence` per cent of the values, six decimals.

    Percentiles by NIST's rule, (n + 1) p, as in neleval's `confidence`. Six decimals, because the
    last bits of a matrix product differ between machines.
    """
    import numpy as np

    tail = (100 - confidence) / 2
    low, high = np.percentile(values, [tail, 100 - tail], method="weibull")
    return round(float(low), 6), round(float(high), 6)
