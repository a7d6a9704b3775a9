"""The table that `corpus split` prints: a column a split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_ROWS = (
    ("documents", "documents"),
    ("tokens", "tokens"),
    ("mentions", "mentions"),
    ("links", "linked to an entity"),
    ("nil", "linked to NIL"),
    ("not_judged", "not judged"),
    ("nil_rate", "NIL rate"),
    ("entities", "entities"),
    ("unseen_entities", "unseen entities"),
    ("mentions_of_unseen_entities", "  their mentions"),
    ("unseen_surfaces", "unseen surfaces"),
    ("mentions_of_unseen_surfaces", "  their mentions"),
    ("ambiguous_surfaces", "ambiguous surfaces"),
    ("mentions_of_ambiguous_surfaces", "  their mentions"),
)
_OF_LINKS = {
    "links", "nil", "not_judged", "nil_rate", "entities", "unseen_entities",
    "mentions_of_unseen_entities", "ambiguous_surfaces", "mentions_of_ambiguous_surfaces",
}  # fmt: skip


def table_lines(splits: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The lines of the table; rows about links only where there are any."""
    linked = any(each["links"] + each["nil"] for each in splits.values())
    rows = [["", *splits]]
    for key, title in _ROWS:
        if linked or key not in _OF_LINKS:
            rows.append([title, *(_cell(each.get(key), key) for each in splits.values())])
    for label in sorted({label for each in splits.values() for label in each["labels"]}):
        shares = (_cell(each["shares"].get(label, 0.0), "share") for each in splits.values())
        rows.append([label, *shares])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for title, *cells in rows:
        padded = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        yield "  ".join(["  " + title.ljust(widths[0]), *padded])


def _cell(value: Any, key: str) -> str:
    if value is None:
        return "–"
    return f"{value:.1%}" if key in ("nil_rate", "share") else f"{value:,}"
