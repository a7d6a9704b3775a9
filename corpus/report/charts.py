"""Charts as inline SVG, each with the same numbers as a table beneath it.

Colours come from classes of the page's style, so that dark mode reaches them; nothing here
carries a style attribute, which the page's Content-Security-Policy would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

Series = Mapping[str, Mapping[str, float]]
"""Numbers by series (a layer, say) and by category (a label, say)."""

COLOURS = 8
_LEFT, _WIDTH, _BAR, _GAP = 150, 640, 14, 12
_TEXT = 22  # characters of a category beside the bars
_SHOWN = 40  # categories drawn; the table has all


def bar_chart(title: str, series: Series, *, unit: str, colours: Mapping[str, str]) -> str:
    """Bars of each category, one a series, longest categories first; `colours` are CSS classes."""
    categories = _categories(series)
    if not categories:
        return ""
    shown = categories[:_SHOWN]
    peak = max(series[name].get(each, 0) for name in series for each in shown) or 1
    height = len(shown) * (len(series) * _BAR + _GAP) + _GAP
    parts = []
    top = _GAP
    for category in shown:
        middle = top + len(series) * _BAR / 2 + 4
        parts.append(_label(category, middle))
        for name, numbers in series.items():
            value = numbers.get(category, 0)
            parts.append(_bar(_LEFT, top, value / peak, value, colours[name]))
            top += _BAR
        top += _GAP
    more = len(categories) - len(shown)
    note = f"{more} more in the table" if more else ""
    return _figure(title, series, categories, "".join(parts), height, unit, colours, note)


def share_chart(title: str, series: Series, *, unit: str, colours: Mapping[str, str]) -> str:
    """A bar of the whole width for each series, divided by category; `colours` by category."""
    categories = [each for each in colours if any(series[name].get(each) for name in series)]
    rows = [name for name in series if sum(series[name].values())]
    if not categories or not rows:
        return ""
    parts = []
    top = _GAP
    for name in rows:
        total = sum(series[name].values())
        parts.append(_label(name, top + 13))
        left = float(_LEFT)
        for category in categories:
            share = series[name].get(category, 0) / total
            width = share * (_WIDTH - _LEFT - 60)
            if share:
                parts.append(
                    f'<rect class="{colours[category]}" x="{left:.1f}" y="{top}" '
                    f'width="{width:.1f}" height="18"/>'
                )
            left += width
        parts.append(f'<text x="{left + 6:.1f}" y="{top + 13}">{total:,.0f}</text>')
        top += 18 + _GAP
    flipped = {each: {name: series[name].get(each, 0) for name in rows} for each in categories}
    return _figure(title, flipped, rows, "".join(parts), top, unit, colours)


def table(head: Sequence[str], rows: Sequence[Sequence[object]], *, caption: str = "") -> str:
    """An HTML table whose first column names its rows."""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = ""
    for row in rows:
        cells = "".join(f"<td>{escape(_number(cell))}</td>" for cell in row[1:])
        body += f'<tr><th scope="row" dir="auto">{escape(str(row[0]))}</th>{cells}</tr>'
    return (
        f'<div class="scroll"><table>{title}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _categories(series: Series) -> list[str]:
    totals: dict[str, float] = {}
    for numbers in series.values():
        for category, value in numbers.items():
            totals[category] = totals.get(category, 0) + value
    return sorted(totals, key=lambda each: (-totals[each], each))


def _label(text: str, y: float) -> str:
    short = text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
    return (
        f'<text class="name" x="{_LEFT - 8}" y="{y:.1f}" text-anchor="end">{escape(short)}'
        f"<title>{escape(text)}</title></text>"
    )


def _bar(left: int, top: float, share: float, value: float, colour: str) -> str:
    width = share * (_WIDTH - left - 60)
    return (
        f'<rect class="{colour}" x="{left}" y="{top:.1f}" width="{max(width, 1):.1f}" '
        f'height="{_BAR - 2}"/><text x="{left + width + 6:.1f}" y="{top + 10:.1f}">'
        f"{escape(_number(value))}</text>"
    )


def _figure(
    title: str,
    series: Series,
    categories: Sequence[str],
    drawing: str,
    height: float,
    unit: str,
    colours: Mapping[str, str],
    note: str = "",
) -> str:
    keys = "".join(
        f'<li><svg class="key" aria-hidden="true" width="12" height="12"><rect '
        f'class="{colours[name]}" width="12" height="12"/></svg> '
        f'<bdi dir="auto">{escape(name)}</bdi></li>'
        for name in series
    )
    rows = [[each, *(series[name].get(each, 0) for name in series)] for each in categories]
    return (
        f'<figure class="chart"><figcaption>{escape(title)}</figcaption>'
        f'<ul class="legend">{keys}</ul>'
        f'<svg role="img" aria-label="{escape(title)}; the table below has the numbers" '
        f'viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}">{drawing}</svg>'
        + (f"<p>{escape(note)}</p>" if note else "")
        + f"<details><summary>{escape(unit)} as a table</summary>"
        + table(["", *series], rows)
        + "</details></figure>"
    )


def _number(value: object) -> str:
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.3f}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)
