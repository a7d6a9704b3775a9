"""A result as Markdown tables."""

from __future__ import annotations

from benchmarks.results import Figure, Result, Row, met


def tables_of(result: Result) -> list[str]:
    """One table for each title, in the order of the rows; a column without a value is left out."""
    tables: dict[str, list[Row]] = {}
    for row in result.rows:
        tables.setdefault(row.table, []).append(row)
    return [table_of(title, rows) for title, rows in tables.items()]


def table_of(title: str, rows: list[Row]) -> str:
    columns: dict[str, list[str]] = {}
    cells = [cells_of(row) for row in rows]
    for one in cells:
        for name in one:
            columns.setdefault(name, [])
    order = [name for name in COLUMNS if name in columns]
    extra = [name for name in columns if name not in COLUMNS]
    at = order.index("ratio") if "ratio" in order else len(order)
    names = [*order[:at], *extra, *order[at:]] if extra else order
    first = f"{title}: what" if title else ""
    head = [first, *names[1:]]
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(names) - 1)]
    lines += [f"| {' | '.join(one.get(name, '') for name in names)} |" for one in cells]
    return "\n".join(lines)


COLUMNS = ("what", "size", "seconds", "processor s", "peak MB", "ratio", "of", "target", "")


def cells_of(row: Row) -> dict[str, str]:
    cells = {"what": row.what}
    plain: dict[str, Figure | None] = {
        "size": row.size,
        "seconds": row.seconds,
        "processor s": row.processor,
        "peak MB": None if row.peak_mb is None else round(row.peak_mb),
        **row.figures,
    }
    cells |= {name: shown(value) for name, value in plain.items() if value is not None}
    if row.ratio is not None:
        cells |= {"ratio": f"{row.ratio:.2f}", "of": row.of}
    if row.target:
        fine = met(row)
        words = row.target.replace("<=", "at most").replace(">=", "at least")
        cells["target"] = words if fine else f"{words}: **missed**"
    return cells


def shown(value: Figure) -> str:
    """Three digits or so of a number; a text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or value >= 1000:
        return f"{value:,.0f}"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}" if value >= 0.1 or not value else f"{value:.2g}"
