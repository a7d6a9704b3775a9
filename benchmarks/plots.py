"""Plots as SVG, from results alone: the same bytes each time.

Each paints its own ground and follows the reader's light or dark scheme. Series differ by the
shape of their marks, by dashes and by a name at their end; a missed target is a hollow diamond with
a word beside it. So nothing hangs on colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from benchmarks.results import Result, Row, met

Series = Mapping[str, Mapping[int, float]]
"""Values by the name of a line, and by size."""

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1b1f24 } .small { font-size: 11px }
.ground { fill: #ffffff } .grid { stroke: #d8dee4 } .limit { stroke: #57606a; stroke-width: 2 }
.line { fill: none; stroke-width: 2 } .mark { stroke-width: 2 }
.c0 { stroke: #0550ae; fill: #0550ae } .c1 { stroke: #953800; fill: #953800 }
.c2 { stroke: #116329; fill: #116329 } .c3 { stroke: #8250df; fill: #8250df }
.line { fill: none } .hollow { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .ground, .hollow { fill: #0d1117 } .grid { stroke: #30363d }
.limit { stroke: #9198a1 }
.c0 { stroke: #79c0ff; fill: #79c0ff } .c1 { stroke: #ffa657; fill: #ffa657 }
.c2 { stroke: #7ee787; fill: #7ee787 } .c3 { stroke: #d2a8ff; fill: #d2a8ff }
.line { fill: none } .hollow { fill: #0d1117 }
}"""
DASHES = ("", "7 4", "2 3", "9 3 2 3", "14 5")
COLOURS = 4


class Frame(NamedTuple):
    """The area of a plot in pixels, and what its edges mean, as decimal logarithms."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - self.x[0]) / (self.x[1] - self.x[0])
        up = (math.log10(y) - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height


def growth_plot(title: str, unit: str, series: Series) -> str:
    """Values over sizes, both in decades: a straight line of slope 1 is linear growth."""
    sizes = [size for line in series.values() for size in line]
    values = [value for line in series.values() for value in line.values()]
    frame = Frame(60, 44, 420, 260, decades(sizes, tight=True), decades(values))
    parts = [axes(frame, unit)]
    ends = []
    for number, (name, line) in enumerate(series.items()):
        points = [frame.at(size, value) for size, value in sorted(line.items())]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = DASHES[number % len(DASHES)]
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        colour = f"c{number % COLOURS}"
        parts.append(f'<polyline class="line {colour}"{dashed} points="{path}"/>')
        parts += [mark(number, x, y, f"mark {colour}") for x, y in points]
        ends.append((points[-1][1], name))
    edge = frame.left + frame.width + 14
    parts += [
        f'<text x="{edge:.0f}" y="{y + 4:.1f}">{escape(name)}</text>' for y, name in spread(ends)
    ]
    return page(title, 800, 350, parts)


def decades(values: Sequence[float], *, tight: bool = False) -> tuple[float, float]:
    low, high = math.log10(min(values)), math.log10(max(values))
    if tight:
        return low, high if high > low else low + 1
    bottom, top = math.floor(low), math.ceil(high)
    return bottom, top if top > bottom else bottom + 1


def axes(frame: Frame, unit: str) -> str:
    parts = []
    for power in range(math.ceil(frame.x[0]), math.floor(frame.x[1]) + 1):
        x, bottom = frame.at(10**power, 10 ** frame.y[0])
        parts.append(line(x, frame.top, x, bottom))
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{10**power:,}')
        parts.append("</text>")
    for power in range(round(frame.y[0]), round(frame.y[1]) + 1):
        _, y = frame.at(10 ** frame.x[0], 10**power)
        parts.append(line(frame.left, y, frame.left + frame.width, y))
        label = f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
        parts.append(f'<text x="{frame.left - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    bottom = frame.top + frame.height + 36
    parts.append(f'<text x="{frame.left}" y="{bottom:.0f}">{escape(unit)}</text>')
    return "".join(parts)


def line(x: float, y: float, to_x: float, to_y: float, kind: str = "grid") -> str:
    return f'<line class="{kind}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def mark(number: int, x: float, y: float, kind: str) -> str:
    """A circle, square, triangle or diamond at a point."""
    shape = number % 4
    if shape == 0:
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    if shape == 1:
        return f'<rect class="{kind}" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    corners = ((0, -5), (5, 4), (-5, 4)) if shape == 2 else ((0, -6), (6, 0), (0, 6), (-6, 0))
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon class="{kind}" points="{points}"/>'


def spread(ends: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """The labels from top to bottom, pushed down where they would touch."""
    placed: list[tuple[float, str]] = []
    for y, name in sorted(ends):
        lowest = placed[-1][0] + 16 if placed else y
        placed.append((max(y, lowest), name))
    return placed


def target_plot(results: Sequence[Result]) -> str:
    """Every ratio that has a target, as a share of it: left of the line is met."""
    rows = [(result.name, row) for result in results for row in result.rows if row.target]
    shares = [share_of_target(row) for _, row in rows]
    low = min(-1.0, *(math.floor(math.log10(share)) for share in shares if share))
    top = max(1.0, *(math.ceil(math.log10(share)) for share in shares))
    left, width, step = 430, 330, 22
    height = len(rows) * step
    frame = Frame(left, 54, width, height, (low, top), (0, 1))
    parts = []
    for power in range(round(low), round(top) + 1):
        x, _ = frame.at(10.0**power, 1)
        parts.append(line(x, 54, x, 54 + height, "limit" if power == 0 else "grid"))
        label = "target" if power == 0 else f"{10.0**power:g} ×"
        parts.append(f'<text class="small" x="{x:.1f}" y="48" text-anchor="middle">{label}</text>')
    for at, ((name, row), share) in enumerate(zip(rows, shares, strict=True)):
        y = 54 + (at + 0.5) * step
        x, _ = frame.at(max(share, 10.0**low), 1)
        own = [other for result, other in rows if result == name]
        label = escape(f"{name}: {label_of(row, own)}")
        parts.append(f'<text class="small" x="{left - 10}" y="{y + 4:.0f}" text-anchor="end">')
        parts.append(f"{label}</text>")
        fine = met(row)
        parts.append(mark(0 if fine else 3, x, y, "mark c0" if fine else "mark c1 hollow"))
        said = f"{row.ratio:.2f}" if fine else f"{row.ratio:.2f} missed"
        parts.append(f'<text class="small" x="{x + 10:.1f}" y="{y + 4:.0f}">{said}</text>')
    return page("Ratios beside their targets: left of the line is better", 860, height + 70, parts)


def label_of(row: Row, rows: Sequence[Row]) -> str:
    """What and size, and the table where another has a row of the same name and size."""
    alike = [other for other in rows if (other.what, other.size) == (row.what, row.size)]
    table = f", {row.table}" if len(alike) > 1 else ""
    size = "" if row.size is None else f", {row.size:,}"
    return f"{row.what}{size}{table}"


def share_of_target(row: Row) -> float:
    sign, limit = row.target.split()
    assert row.ratio is not None
    return row.ratio / float(limit) if sign == "<=" else float(limit) / row.ratio


def page(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"
        f'<rect class="ground" width="100%" height="100%"/>\n'
        f'<text x="16" y="24">{escape(title)}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def growth_of(result: Result) -> dict[str, tuple[str, Series]]:
    """Titles, and (unit, lines) of what the result has at three sizes or more."""
    time: dict[str, dict[int, float]] = {}
    memory: dict[str, dict[int, float]] = {}
    for row in result.rows:
        if row.size and row.processor and not row.seconds:
            time.setdefault(row.what, {})[row.size] = row.processor
        if row.size and row.peak_mb and not row.seconds:
            memory.setdefault(row.what, {})[row.size] = row.peak_mb
    plots: dict[str, tuple[str, Series]] = {}
    for title, unit, lines in (
        ("time", "processor seconds, over size", time),
        ("memory", "peak MB, over size", memory),
    ):
        long = {what: points for what, points in lines.items() if len(points) > 2}
        if long:
            plots[title] = unit, long
    return plots
