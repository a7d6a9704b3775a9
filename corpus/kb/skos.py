"""SKOS concepts, or anything with rdfs:label, in Turtle, RDF/XML or N-Triples -> records.

prefLabel, altLabel, hiddenLabel and rdfs:label are aliases, definition (else scopeNote) the
description, exactMatch and owl:sameAs redirects. Labels of SKOS-XL and notes that are resources of
their own are read through: https://www.w3.org/TR/skos-reference/skos-xl.html, skosxl:literalForm,
and https://www.w3.org/TR/skos-primer/#secdocumentation, rdf:value.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax import SAXException

from corpus.addresses import file_name, is_remote, shown, url_of
from corpus.compression import bare_name, read_errors
from corpus.errors import KBError
from corpus.kb.records import Alias, Item, Record, Redirect, Selection
from corpus.store import open_input

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XL = "http://www.w3.org/2008/05/skos-xl#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_PREDICATES = {
    f"{_SKOS}prefLabel": "label",
    f"{_RDFS}label": "name",
    f"{_SKOS}altLabel": "alias",
    f"{_SKOS}hiddenLabel": "alias",
    f"{_SKOS}definition": "definition",
    f"{_SKOS}scopeNote": "note",
    f"{_SKOS}exactMatch": "same",
    f"{_OWL}sameAs": "same",
    f"{_OWL}deprecated": "deprecated",
    f"{_RDF}type": "type",
    f"{_XL}prefLabel": "label",
    f"{_XL}altLabel": "alias",
    f"{_XL}hiddenLabel": "alias",
}
_FORMS = (f"{_XL}literalForm", f"{_RDF}value")
_TEXTS = ("label", "name", "alias", "definition", "note")

_SYNTAXES = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml", ".xml": "xml", ".owl": "xml"}
_SHORT = (
    (re.compile(r"https?://www\.wikidata\.org/entity/(Q\d+)"), r"\1"),
    (re.compile(r"https?://(?:sws|www)\.geonames\.org/(\d+)/?"), r"geonames:\1"),
)
_OF_THEMSELVES = {f"{_SKOS}Concept", f"{_OWL}NamedIndividual", f"{_OWL}Thing", f"{_OWL}Class"}

_Row = tuple[str, str, str, str]


def read_skos(path: str | Path, selection: Selection) -> Iterator[Item]:
    """The concepts of a file, by their URI, and after each the ids that mean the same.

    Statements wait in a database on disk until all of a concept's are there. Raises KBError if
    the file is not of the syntax that its suffix says.
    """
    with contextlib.closing(sqlite3.connect("", isolation_level=None)) as database:
        _load(path, database)
        _read_through(database, selection)
        rows = database.execute("SELECT * FROM said ORDER BY subject, what, lang, value")
        for subject, group in groupby(rows, key=lambda row: str(row[0])):
            said = list(group)
            where = f"{path} <{subject}>"
            record = _record_of(subject, said, where, selection)
            if record is None:
                continue
            yield record
            for _, what, value, _ in said:
                if what == "same" and _short(value) != record.id:
                    yield Redirect(where, _short(value), record.id)


def _record_of(subject: str, said: list[_Row], where: str, selection: Selection) -> Record | None:
    of: dict[str, list[tuple[str, str]]] = {}
    for _, what, value, lang in said:
        of.setdefault(what, []).append((lang, value))
    named = [(kind, pair) for kind in ("label", "name", "alias") for pair in of.get(kind, ())]
    if not named:
        return None  # of another thing than a concept: a scheme, a collection
    if any(value == "true" for _, value in of.get("deprecated", ())):
        selection.left_out["deprecated concepts"] += 1
        return None
    aliases = [Alias(text, lang) for _, (lang, text) in named if selection.speaks(lang)]
    if not aliases:
        selection.left_out["concepts without a name in the languages"] += 1
        return None
    types = [value for _, value in of.get("type", ()) if value not in _OF_THEMSELVES]
    return Record(
        where,
        _short(subject),
        selection.pick(dict(of.get("label") or of.get("name") or ())),
        re.split(r"[#/]", types[0].rstrip("#/"))[-1].lower() if types else "",
        " ".join(selection.pick(dict(of.get("definition") or of.get("note") or ())).split()),
        0,
        tuple(dict.fromkeys(aliases)),
    )


def _load(path: str | Path, database: sqlite3.Connection) -> None:
    """The statements that count, in three tables: said outright, said through a node, its text."""
    from rdflib import Graph, plugin
    from rdflib.exceptions import ParserError
    from rdflib.store import Store

    database.executescript(
        "CREATE TABLE said(subject TEXT, what TEXT, value TEXT, lang TEXT);"
        "CREATE TABLE through(subject TEXT, what TEXT, node TEXT);"
        "CREATE TABLE form(node TEXT, value TEXT, lang TEXT);"
    )
    database.execute("BEGIN")

    store: Any = plugin.get("Memory", Store)()
    store.add = partial(_keep, database)  # nothing stays in memory
    syntax = _SYNTAXES[Path(bare_name(file_name(path))).suffix.lower()]
    base = shown(url_of(path)) if is_remote(path) else Path(path).resolve().as_uri()
    with contextlib.closing(open_input(path)) as source:
        try:
            Graph(store=store).parse(source, format=syntax, publicID=base)
        except read_errors(ParserError, SyntaxError, ValueError, SAXException) as error:
            reason = " ".join(str(error).split())[:200]
            raise KBError(
                f"{path}: cannot be read as {syntax} ({reason})", "give valid RDF"
            ) from error


def _keep(database: sqlite3.Connection, triple: Any, *_: Any, **__: Any) -> None:
    from rdflib import Literal, URIRef

    subject, predicate, value = triple
    what = _PREDICATES.get(str(predicate))
    if str(predicate) in _FORMS and isinstance(value, Literal):
        row = (_node(subject), str(value), value.language or "")
        database.execute("INSERT INTO form VALUES (?, ?, ?)", row)
    elif not what or not isinstance(subject, URIRef):
        return
    elif what in _TEXTS and not isinstance(value, Literal):
        row = (str(subject), what, _node(value))
        database.execute("INSERT INTO through VALUES (?, ?, ?)", row)
    else:
        said = (str(subject), what, str(value), getattr(value, "language", None) or "")
        database.execute("INSERT INTO said VALUES (?, ?, ?, ?)", said)


def _node(resource: Any) -> str:
    from rdflib import URIRef

    return str(resource) if isinstance(resource, URIRef) else f"_:{resource}"


def _read_through(database: sqlite3.Connection, selection: Selection) -> None:
    """What is said through a resource of its own is said of the concept."""
    database.execute("CREATE INDEX by_node ON form(node, value, lang)")
    database.execute(
        "INSERT INTO said SELECT subject, what, value, lang FROM through JOIN form USING (node)"
    )
    # A label may have labels too, and is no concept for that.
    database.execute(
        "DELETE FROM said WHERE subject IN "
        "(SELECT node FROM through WHERE what IN ('label', 'name', 'alias'))"
    )
    empty = database.execute(
        "SELECT count(*) FROM through WHERE node NOT IN (SELECT node FROM form)"
    ).fetchone()[0]
    if empty:
        selection.left_out["labels and notes without a text"] += empty
    database.execute("CREATE INDEX by_subject ON said(subject, what, lang, value)")


def _short(uri: str) -> str:
    for pattern, short in _SHORT:
        found = pattern.fullmatch(uri)
        if found:
            return found.expand(short)
    return uri
