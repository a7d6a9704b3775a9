"""Which class of Wikidata is a subclass of which (P279), as the lines of a dump say.

The statements wait in a table on disk, some twenty bytes each; in memory are only the classes
that were asked for with all their subclasses, and the type of each class that was looked up.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from corpus.errors import UsageError
from corpus.kb.records import Selection
from corpus.kb.wikidata_types import TYPES
from corpus.kb.wikidata_values import Statement, items_of
from corpus.store import read_lines

_SAYS = b'"P279"'
_ITEM = re.compile(r"Q[1-9]\d*")
_KEPT = 500_000  # classes whose type is remembered; Wikidata uses fewer
_FOLLOWED = 1000  # superclasses of one class; a chain of them is some twenty long

Line = tuple[int, bytes]


class _Claims(Struct):
    P279: list[Statement] = []


class _Line(Struct):
    id: str = ""
    claims: _Claims | list[object] = []


_decode = msgspec.json.Decoder(_Line).decode


class ClassTree:
    """The subclasses and superclasses of a dump; circles in it do no harm."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(
            "CREATE TABLE subclass(class INTEGER, parent INTEGER, PRIMARY KEY(class, parent)) "
            "WITHOUT ROWID"
        )

    def load(self, lines: Iterable[Line]) -> None:
        """Read the lines of a dump, as (number, line); what is no statement is passed over."""
        self._database.execute("BEGIN")
        for _, line in lines:
            if _SAYS in line:
                rows = list(_statements(line))
                self._database.executemany("INSERT OR IGNORE INTO subclass VALUES (?, ?)", rows)
        self._database.execute("CREATE INDEX IF NOT EXISTS by_parent ON subclass(parent, class)")
        self._database.execute("COMMIT")

    def subclasses_of(self, classes: Iterable[str]) -> frozenset[str]:
        """The classes, their subclasses, the subclasses of those, and so on."""
        found: set[str] = set()
        for name in classes:
            rows = self._database.execute(
                "WITH RECURSIVE below(class) AS (SELECT ? UNION SELECT subclass.class "
                "FROM below JOIN subclass ON parent = below.class) SELECT class FROM below",
                (int(name[1:]),),
            )
            found.update(f"Q{number}" for (number,) in rows)
        return frozenset(found)

    def nearest(self, name: str, types: Mapping[str, str]) -> str:
        """The type of the nearest superclass that has one, or nothing; of two, the lower number."""
        seen = level = {int(name[1:])}
        while level and len(seen) < _FOLLOWED:
            level = {
                parent
                for number in level
                for (parent,) in self._database.execute(
                    "SELECT parent FROM subclass WHERE class = ?", (number,)
                )
            } - seen
            seen = seen | level
            for number in sorted(level):
                if f"Q{number}" in types:
                    return types[f"Q{number}"]
        return ""

    def close(self) -> None:
        """Remove the table."""
        self._database.close()


def _statements(line: bytes) -> Iterator[tuple[int, int]]:
    """(class, superclass) for each statement of a line that is not deprecated."""
    try:
        entity = _decode(line.strip().removesuffix(b","))
    except msgspec.MsgspecError:
        return  # the reading of the entities will list it
    if isinstance(entity.claims, list) or not _ITEM.fullmatch(entity.id):
        return
    for parent in items_of(entity.claims.P279):
        if _ITEM.fullmatch(parent):
            yield int(entity.id[1:]), int(parent[1:])


def read_classes(names: list[str]) -> frozenset[str]:
    """The classes as they were typed; `@FILE` stands for those in a file, one a line.

    Raises UsageError for what is no class.
    """
    found = {}
    for name in names:
        if not name.startswith("@"):
            found[name] = f"--class {name}"
            continue
        for number, line in read_lines(name[1:]):
            found[line.decode("utf-8", "replace").split()[0]] = f"{name[1:]}:{number}"
    for name, where in found.items():
        if not _ITEM.fullmatch(name):
            raise UsageError(f"{where}: {name!r} is no class of Wikidata", "such as: Q5")
    return frozenset(found)


@contextlib.contextmanager
def with_subclasses(
    selection: Selection,
    paths: Iterable[str],
    *,
    watch: Callable[[Iterable[Line], str], Iterable[Line]] = lambda lines, _: lines,
) -> Iterator[Selection]:
    """The selection with all subclasses of its classes, and types of superclasses; while it lasts.

    The dumps at these paths are read once for it.
    """
    with contextlib.closing(ClassTree()) as tree:
        for path in paths:
            tree.load(watch(read_lines(path), f"classes of {path}"))
        types = {**TYPES, **selection.types}
        yield replace(
            selection,
            classes=tree.subclasses_of(selection.classes),
            supertype=lru_cache(_KEPT)(lambda name: tree.nearest(name, types)),
        )
