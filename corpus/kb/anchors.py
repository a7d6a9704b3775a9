"""Tables beside the entities: how often an alias led to one, and which ids are others now.

TSV without quoting, the columns in this order, or named in a header of one's own order:

    alias   id      count        of anchors: the words of links, Wikipedia's say
    old     new                  of redirects
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus.kb.records import Alias, Bad, Item, Record, Redirect, Selection
from corpus.store import read_lines

_NAMES = {
    "alias": ("alias", "anchor", "surface"),
    "id": ("id", "kb_id", "qid", "entity"),
    "count": ("count", "prior_count"),
    "old": ("old", "from", "id", "redirect"),
    "new": ("new", "to", "target"),
}


def read_anchors(path: str | Path, _: Selection) -> Iterator[Item]:
    """An alias with its count for each row, of an entity that another source names."""
    for where, fields in _rows(path, ("alias", "id", "count")):
        if isinstance(fields, str):
            yield Bad(where, "", fields)
            continue
        alias, id, count = fields
        if not count.isdecimal():
            yield Bad(where, id, f"the count {count!r} is no whole number")
            continue
        yield Record(where, id, aliases=(Alias(alias, "", int(count)),), joins=True)


def read_redirects(path: str | Path, _: Selection) -> Iterator[Redirect | Bad]:
    """A redirect for each row."""
    for where, fields in _rows(path, ("old", "new")):
        if isinstance(fields, str):
            yield Bad(where, "", fields)
        else:
            yield Redirect(where, *fields)


def _rows(path: str | Path, columns: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...] | str]]:
    """The fields of each row in the order of the columns, or what is wrong with the row."""
    order = list(range(len(columns)))
    for number, line in read_lines(path):
        where = f"{path}:{number}"
        try:
            fields = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n").split("\t")
        except UnicodeDecodeError:
            yield where, "the line is not UTF-8"
            continue
        if number == 1:
            header = _header(fields, columns)
            if header:
                order = header
                continue
        if len(fields) <= max(order):
            yield where, f"{len(fields)} fields where {', '.join(columns)} are needed"
            continue
        yield where, tuple(fields[at].strip() for at in order)


def _header(fields: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Where the columns stand if this row names all of them, else nothing."""
    names = [field.strip().lower() for field in fields]
    found = [
        next((at for at, name in enumerate(names) if name in _NAMES[column]), -1)
        for column in columns
    ]
    return found if min(found) >= 0 and len(set(found)) == len(found) else []
