"""Curves as inline SVG: F with its intervals, precision and recall beside it.

Lines differ in dashes, marks and names at their ends, not in colour alone. Colours come from
classes of the page's style, so that dark mode reaches them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from math import ceil
from typing import NamedTuple

from corpus.curve.figures import Estimate, Estimates, Point

Scale = Callable[[float], float]


class Frame(NamedTuple):
    """The size of a chart, its margins, the documents that x ends with, and what y is marked at."""

    width: int
    height: int
    left: int
    right: int
    below: int
    documents: int
    ticks: tuple[float, ...]


_ABOVE = 14
_APART = 15  # between the names at the lines' ends


def curve_chart(title: str, points: Sequence[Point], figures: Sequence[Estimates]) -> str:
    """F with band and bars, precision and recall as thin lines; `figures` stand at the points."""
    highest = max(each.high for one in figures for each in one.values())
    frame = Frame(720, 380, 56, 96, 40, points[-1].documents or 1, _ticks(highest))
    xs, ends = [_x(frame)(point.documents) for point in points], {}
    parts = [*_axes(frame, [point.documents for point in points], named=True)]
    parts += _interval(frame, xs, [one["fscore"] for one in figures])
    for metric, name, mark in (
        ("precision", "precision", "triangle"),
        ("recall", "recall", "square"),
        ("fscore", "F", "circle"),
    ):
        ys = [_y(frame)(one[metric].value) for one in figures]
        parts += _line(metric, mark, xs, ys)
        ends[name] = ys[-1]
    at = xs[-1] + 14
    parts += [
        f'<text x="{at:.1f}" y="{y + 4:.1f}" class="end">{name}</text>'
        for name, y in _spread(ends).items()
    ]
    return _svg(frame, title, parts)


def label_chart(title: str, points: Sequence[Point], figures: Sequence[Estimates]) -> str:
    """A small chart of one label's F with its intervals, from 0 to 1."""
    frame = Frame(230, 140, 42, 18, 24, points[-1].documents or 1, (0.0, 0.5, 1.0))
    sizes = [points[0].documents, points[-1].documents] if len(points) > 1 else []
    xs = [_x(frame)(point.documents) for point in points]
    of_f = [one["fscore"] for one in figures]
    parts = [*_axes(frame, sizes, named=False), *_interval(frame, xs, of_f)]
    parts += _line("fscore", "circle", xs, [_y(frame)(each.value) for each in of_f])
    return _svg(frame, title, parts)


def _svg(frame: Frame, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg role="img" aria-label="{escape(title)}; the table has the numbers" '
        f'viewBox="0 0 {frame.width} {frame.height}" width="{frame.width}">{"".join(parts)}</svg>'
    )


def _ticks(highest: float) -> tuple[float, ...]:
    """From 0 in steps of 0.1 or 0.2 to the first that is high enough."""
    step = 0.1 if highest <= 0.5 else 0.2
    return tuple(step * number for number in range(max(1, ceil(round(highest / step, 6))) + 1))


def _x(frame: Frame) -> Scale:
    wide = frame.width - frame.left - frame.right
    return lambda documents: frame.left + wide * documents / frame.documents


def _y(frame: Frame) -> Scale:
    high = frame.height - _ABOVE - frame.below
    return lambda value: _ABOVE + high * (1 - value / frame.ticks[-1])


def _axes(frame: Frame, sizes: Sequence[int], *, named: bool) -> Iterator[str]:
    x, y = _x(frame), _y(frame)
    right, bottom = frame.width - frame.right, y(0)
    for value in frame.ticks:
        yield f'<line class="grid" x1="{frame.left}" y1="{y(value):.1f}" x2="{right}" '
        yield f'y2="{y(value):.1f}"/><text x="{frame.left - 6}" y="{y(value) + 4:.1f}" '
        yield f'text-anchor="end">{value:.1f}</text>'
    last = -100.0
    for size in sizes:
        yield f'<line class="axis" x1="{x(size):.1f}" y1="{bottom:.1f}" x2="{x(size):.1f}" '
        yield f'y2="{bottom + 5:.1f}"/>'
        if x(size) - last > 34:  # names that would run into each other are left out
            last = x(size)
            yield f'<text x="{last:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{size:,}</text>'
    yield f'<line class="axis" x1="{frame.left}" y1="{bottom:.1f}" x2="{right}" y2="{bottom:.1f}"/>'
    if named:
        yield f'<text x="{(frame.left + right) / 2:.1f}" y="{bottom + 35:.1f}" '
        yield 'text-anchor="middle">documents to learn from</text>'


def _interval(frame: Frame, xs: Sequence[float], estimates: Sequence[Estimate]) -> Iterator[str]:
    """A band between the points, and a bar with caps at each."""
    y = _y(frame)
    highs = [f"{x:.1f},{y(each.high):.1f}" for x, each in zip(xs, estimates, strict=True)]
    lows = [f"{x:.1f},{y(each.low):.1f}" for x, each in zip(xs, estimates, strict=True)]
    yield f'<polygon class="band" points="{" ".join((*highs, *reversed(lows)))}"/>'
    for x, each in zip(xs, estimates, strict=True):
        top, bottom = y(each.high), y(each.low)
        yield f'<path class="bar" d="M{x - 5:.1f} {top:.1f}h10M{x:.1f} {top:.1f}V{bottom:.1f}'
        yield f'M{x - 5:.1f} {bottom:.1f}h10"/>'


def _line(metric: str, mark: str, xs: Sequence[float], ys: Sequence[float]) -> Iterator[str]:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    yield f'<polyline class="line {metric}" points="{places}"/>'
    for x, y in zip(xs, ys, strict=True):
        yield f'<path class="mark {metric}" d="{_MARKS[mark](x, y)}"/>'


_MARKS: dict[str, Callable[[float, float], str]] = {
    "circle": lambda x, y: f"M{x - 4.5:.1f} {y:.1f}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
    "square": lambda x, y: f"M{x - 3.5:.1f} {y - 3.5:.1f}h7v7h-7z",
    "triangle": lambda x, y: f"M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z",
}


def _spread(ends: dict[str, float]) -> dict[str, float]:
    """The heights of the names, moved apart where lines end near each other."""
    placed: dict[str, float] = {}
    last = -_APART * 2.0
    for name, y in sorted(ends.items(), key=lambda end: end[1]):
        last = placed[name] = max(y, last + _APART)
    return placed
