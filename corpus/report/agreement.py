"""What `corpus agreement --json` found, as tables: figures, and matrices of annotator pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from corpus.report.charts import table


def agreement_tables(agreement: Mapping[str, Any]) -> str:
    """Every list of records and every record of numbers in it as a table, under its name."""
    parts = [part for name, value in agreement.items() for part in _tables(name, value)]
    return "<h3>Agreement</h3>" + "".join(parts) if parts else ""


def _tables(name: str, value: Any) -> Iterator[str]:
    title = name.replace("_", " ")
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        head = list(dict.fromkeys(key for each in value for key in each))
        rows = [[_cell(each.get(key, "")) for key in head] for each in value]
        yield table([each.replace("_", " ") for each in head], rows, caption=title)
    elif isinstance(value, dict) and value:
        if all(isinstance(each, dict) for each in value.values()):
            head = list(dict.fromkeys(key for each in value.values() for key in each))
            matrix = [
                [row, *(_cell(each.get(key, "")) for key in head)] for row, each in value.items()
            ]
            yield table(["", *head], matrix, caption=title)
        else:
            yield table(["", "value"], [[k, _cell(v)] for k, v in value.items()], caption=title)
    elif isinstance(value, int | float | str):
        yield table(["", "value"], [[title, _cell(value)]])


def _cell(value: Any) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, int | str):
        return value
    if isinstance(value, list):
        return ", ".join(str(_cell(each)) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_cell(each)}" for key, each in value.items())
    return "" if value is None else str(value)
