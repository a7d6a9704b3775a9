"""What a knowledge base is made from: one table of kinds of sources, one file a kind.

A source is `PATH`, of the kind that its suffix says, or `KIND:PATH`. Files may be compressed,
as .gz, .bz2 or .zst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from corpus.addresses import file_name, is_remote, shown
from corpus.compression import bare_name
from corpus.errors import KBError
from corpus.kb.anchors import read_anchors, read_redirects
from corpus.kb.geonames import file_of_geonames, read_geonames
from corpus.kb.records import (
    Alias,
    Bad,
    Item,
    Record,
    Redirect,
    Selection,
    checked,
    problem_of_alias,
)
from corpus.kb.skos import read_skos
from corpus.kb.tables import read_csv, read_jsonl, read_tsv
from corpus.kb.wikidata import read_wikidata

__all__ = [
    "Alias",
    "Bad",
    "Item",
    "Kind",
    "Record",
    "Redirect",
    "Selection",
    "checked",
    "file_of",
    "paths_of",
    "problem_of_alias",
    "read_source",
]


class Kind(NamedTuple):
    """A kind of source: what it holds, the suffixes that mean it, how it is read and found."""

    holds: str
    suffixes: tuple[str, ...]
    read: Callable[[str, Selection], Iterator[Item]]
    locate: Callable[[str], Path] = Path


SOURCES = {
    "jsonl": Kind("an entity a line", (".jsonl",), lambda path, _: read_jsonl(path)),
    "csv": Kind("a table with a header", (".csv",), lambda path, _: read_csv(path)),
    "tsv": Kind("the same without quoting", (".tsv",), lambda path, _: read_tsv(path)),
    "wikidata": Kind("a Wikidata JSON dump, or lines of one", (".json",), read_wikidata),
    "skos": Kind(
        "concepts in Turtle, RDF/XML or N-Triples",
        (".ttl", ".rdf", ".xml", ".owl", ".nt"),
        read_skos,
    ),
    "geonames": Kind(
        "geonames:500, 1000, 5000 or 15000, cities with as many people; geonames:countries",
        (),
        read_geonames,
        file_of_geonames,
    ),
    "anchors": Kind("alias, id, count: how often a link's words led there", (), read_anchors),
    "redirects": Kind("old id, new id", (), read_redirects),
}
"""Name -> kind. A new kind of source is one file with a reader and one row here."""


def read_source(source: str | Path, selection: Selection | None = None) -> Iterator[Item]:
    """What a source gives. Raises KBError if the file as a whole is no source of its kind."""
    kind, path = _kind_of(str(source))
    for item in kind.read(path, selection or Selection()):
        sound = checked(item)
        yield replace(sound, where=shown(sound.where)) if is_remote(path) else sound


def file_of(source: str | Path) -> Path:
    """The file that a source is read from."""
    kind, path = _kind_of(str(source))
    return kind.locate(path)


def paths_of(kind: str, sources: Iterable[str]) -> list[str]:
    """The paths of those sources that are of this kind."""
    return [path for found, path in map(_kind_of, sources) if found is SOURCES[kind]]


def _kind_of(source: str) -> tuple[Kind, str]:
    name, colon, path = source.partition(":")
    if colon and name in SOURCES and not Path(source).exists():
        return SOURCES[name], path
    suffix = Path(bare_name(file_name(source))).suffix.lower()
    for kind in SOURCES.values():
        if suffix in kind.suffixes:
            return kind, source
    suffixes = ", ".join(suffix for kind in SOURCES.values() for suffix in kind.suffixes)
    raise KBError(
        f"{source}: no reader for {suffix or 'a file without a suffix'}",
        f"a source is one of: {suffixes} (each also as .gz, .bz2 or .zst), or KIND:PATH "
        f"with KIND one of: {', '.join(SOURCES)}",
    )
