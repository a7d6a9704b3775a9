"""Intervals and what is said of them."""

import pytest

from corpus.curve.figures import Estimate, draw_curve, sentence_of, verdict_of
from corpus.curve.plan import CurvePlan
from corpus.curve.runs import Run

TYPED, PLAIN = "strong_typed_mention_match", "strong_mention_match"


def run(size, seed, rows):
    counts = {
        measure: {"": dict(enumerate(rows)), "LOC": {0: rows[0]}} for measure in (TYPED, PLAIN)
    }
    return Run("ner", size, seed, 5, "gold", {}, {}, size, counts)


def curve(by_size, *, seeds=1, shares=(0.5, 1.0)):
    plan = CurvePlan(shares=shares, seeds=seeds)
    sizes = dict(zip(shares, by_size, strict=True))
    runs = {
        ("ner", size, seed): run(size, seed, rows)
        for size, some in by_size.items()
        for seed, rows in enumerate(some)
    }
    dev = len(next(iter(by_size.values()))[0])
    return draw_curve("ner", runs, plan, sizes, dev), plan


def test_the_figure_is_the_mean_over_seeds_and_lies_in_its_interval():
    good, bad = [(3, 1, 1)] * 20, [(1, 3, 3)] * 20
    found, _ = curve({5: [bad, good], 10: [good, good]}, seeds=2)
    half, whole = (point.figures[TYPED][""]["fscore"] for point in found.points)
    assert whole == Estimate(0.75, 0.75, 0.75)
    # All documents alike: what is left is the choice of two seeds of two.
    assert half == Estimate(0.5, 0.25, 0.75)
    assert found.gain is not None
    assert (found.gain.before, found.gain.after) == (5, 10)
    assert found.gain.gain == Estimate(0.25, 0.0, 0.5)
    assert found.gain.verdict == "open"
    assert found.gold == {"": 80, "LOC": 4}


def test_a_gain_has_an_interval_narrower_than_those_of_its_figures():
    rows = [(n % 5, 1, 4 - n % 5) for n in range(40)]
    better = [(tp + 1, 0, fn) for tp, _, fn in rows]
    found, plan = curve({5: [rows], 10: [better]})
    half, whole = (point.figures[TYPED][""]["fscore"] for point in found.points)
    gain = found.gain.gain
    assert gain.high - gain.low < min(half.high - half.low, whole.high - whole.low)
    assert gain.low > 0
    assert found.gain.verdict == "rising"
    assert sentence_of("ner", found, plan) == (
        f"ner: from 5 to 10 documents F changed by {gain.value:+.3f} (95 % interval "
        f"{gain.low:+.3f} to {gain.high:+.3f}); still rising: more documents like these should "
        "help (one seed: what the choice of documents does is not in the interval)"
    )


def test_the_last_doubling_is_sought_among_the_shares():
    rows = [[(1, 1, 1)]]
    found, _ = curve(dict.fromkeys((0, 10, 30, 45, 80), rows), shares=(0, 0.1, 0.4, 0.6, 1.0))
    assert (found.gain.before, found.gain.after) == (45, 80)
    found, plan = curve({80: rows}, shares=(1.0,))
    assert found.gain is None
    assert sentence_of("ner", found, plan) == "ner: one share says nothing about more documents"


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.02, 0.001, 0.04), "rising"),
        ((-0.02, -0.04, -0.001), "falling"),
        ((0.001, -0.009, 0.009), "flat"),
        ((0.004, 0.002, 0.006), "flat"),
        ((0.02, -0.001, 0.05), "open"),
        ((0.0, -0.02, 0.02), "open"),
    ],
)
def test_no_verdict_is_surer_than_its_interval(interval, verdict):
    assert verdict_of(Estimate(*interval)) == verdict


def test_a_model_that_learnt_nothing_is_not_called_flat():
    found, _ = curve({5: [[(0, 0, 2)]], 10: [[(0, 1, 2)]]})
    assert found.gain.verdict == "nothing"
