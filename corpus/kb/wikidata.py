"""A Wikidata JSON dump -> records, line by line: an array with one entity a line.

The format is that of https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html. Lines
without the brackets around them, as a tool cut them out, are read too. Empty maps may be lists,
as they were until 2019, and ids of values numbers only, as they were until 2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct

from corpus.errors import DataError, KBError
from corpus.kb.records import Alias, Bad, Item, Record, Redirect, Selection
from corpus.kb.wikidata_types import TYPES
from corpus.kb.wikidata_values import Statement, items_of
from corpus.store import decode_line, read_lines


class _Term(Struct):
    value: str


class _Claims(Struct):
    P31: list[Statement] = []


class _Any(Struct):
    """Whatever it holds is passed over."""


class _Line(Struct):
    id: str = ""
    type: str = "item"
    labels: dict[str, _Term] | list[Any] = {}
    descriptions: dict[str, _Term] | list[Any] = {}
    aliases: dict[str, list[_Term]] | list[Any] = {}
    claims: _Claims | list[Any] = []
    sitelinks: dict[str, _Any] | list[Any] = []
    entity: str = ""
    redirect: str = ""


def read_wikidata(path: str | Path, selection: Selection) -> Iterator[Item]:
    """The items of a dump that the selection takes, and its redirects.

    The count is that of sitelinks, the type that of the first class in TYPES. Raises KBError if
    the dump was cut: then nothing says what is missing.
    """
    opened = closed = False
    number = 0
    for number, line in read_lines(path):
        text = line.strip()
        if text == b"[" and not opened:
            opened = True
        elif text == b"]" and opened:
            closed = True
        else:
            yield from _item_of(text.removesuffix(b","), f"{path}:{number}", selection)
    if opened and not closed:
        raise KBError(
            f"{path}: the dump was cut: its last line, {number}, is not ]",
            "get it whole; for a part of it, give whole lines without the brackets",
        )


def _item_of(line: bytes, where: str, selection: Selection) -> Iterator[Item]:
    try:
        entity = decode_line(line, _Line, where)
    except DataError as error:
        place, _, reason = error.message.partition(": ")
        yield Bad(place, "", reason)
        return
    if entity.redirect:
        yield Redirect(where, entity.entity, entity.redirect)
        return
    if not entity.id:
        yield Bad(where, "", "neither an entity with an id nor a redirect")
        return
    reason = _left_out(entity, selection)
    if reason:
        selection.left_out[reason] += 1
        return
    record = _record_of(entity, where, selection)
    if record.aliases:
        yield record
    else:
        selection.left_out["items without a name in the languages"] += 1


def _left_out(entity: _Line, selection: Selection) -> str:
    if entity.type != "item":
        return "properties and lexemes"
    if selection.classes and selection.classes.isdisjoint(_classes(entity)):
        return "items of other classes"
    if len(entity.sitelinks) < selection.min_sitelinks:
        return "items with fewer sitelinks"
    return ""


def _classes(entity: _Line) -> list[str]:
    """What the item is an instance of, the preferred first."""
    return [] if isinstance(entity.claims, list) else items_of(entity.claims.P31)


def _type_of(classes: Sequence[str], selection: Selection) -> str:
    """The type of the first class that has one of its own, else one by its superclasses."""
    own = (selection.types.get(one) or TYPES.get(one, "") for one in classes)
    above = (selection.supertype(one) for one in classes)
    return next(filter(None, chain(own, above)), "")


def _record_of(entity: _Line, where: str, selection: Selection) -> Record:
    labels = _texts(entity.labels)
    aliases = [Alias(text, lang) for lang, text in labels.items() if selection.speaks(lang)]
    if isinstance(entity.aliases, dict):
        aliases += [
            Alias(term.value, lang)
            for lang, terms in entity.aliases.items()
            if selection.speaks(lang)
            for term in terms
        ]
    return Record(
        where,
        entity.id,
        selection.pick(labels),
        _type_of(_classes(entity), selection),
        selection.pick(_texts(entity.descriptions)),
        len(entity.sitelinks),
        tuple(aliases),
    )


def _texts(terms: dict[str, _Term] | list[Any]) -> dict[str, str]:
    return {} if isinstance(terms, list) else {lang: term.value for lang, term in terms.items()}
