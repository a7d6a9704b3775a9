"""Dstl's re3d: a folder with `documents.json` and `entities.json`, a record a line. Read only.

    {"_id": "F7AC…", "sourceName": "CENTCOM", "title": …, "text": …}
    {"_id": …, "documentId": "F7AC…", "begin": 15, "end": 35, "type": "Organisation", "value": …}

Offsets are code points, ends exclusive; `value` is the surface with its line breaks as blanks, and
where it is another one the entity is a reject. Confidence and ids of entities are not carried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from corpus.errors import UsageError
from corpus.formats.lines import json_lines, refuse
from corpus.manifest import Stage
from corpus.model import Document, Layer, Mention, make_document, with_ids

_NAMES = {"id": "_id", "source_name": "sourceName", "source_url": "sourceUrl"}


class Text(Struct, frozen=True, rename=_NAMES):
    """One document."""

    id: str
    text: str
    title: str = ""
    source_name: str = ""
    source_url: str = ""


class Entity(Struct, frozen=True, rename={"document_id": "documentId"}):
    """One entity in a document."""

    document_id: str
    begin: int
    end: int
    type: str
    value: str


def read_re3d(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a folder of re3d.

    Entities of unknown documents, or that do not stand where they say, are rejects. Raises
    FormatError that names file and line.
    """
    folder = Path(path)
    if not (folder / "documents.json").is_file():
        raise UsageError(f"{path}: holds no documents.json", "give a folder of re3d")
    entities: dict[str, list[tuple[str, Entity]]] = defaultdict(list)
    for where, entity in json_lines(folder / "entities.json", Entity, "re3d"):
        entities[entity.document_id].append((where, entity))
    for _, one in json_lines(folder / "documents.json", Text, "re3d"):
        found = entities.pop(one.id, [])
        mentions = with_ids(_mentions(one.text, found, stage))
        meta = {"title": one.title, "source": one.source_name, "url": one.source_url}
        meta = {key: value for key, value in meta.items() if value}
        layers = (Layer(layer, mentions=mentions),)
        yield make_document(one.id, one.text, meta=meta, layers=layers)
    for id, found in sorted(entities.items()):
        for where, entity in found:
            refuse(stage, id, "its document is not there", where, mention=entity.value)


def _mentions(text: str, found: list[tuple[str, Entity]], stage: Stage | None) -> Iterator[Mention]:
    for where, entity in found:
        surface = text[max(0, entity.begin) : max(0, entity.end)]
        if not surface or surface.split() != entity.value.split():
            span = f"{entity.begin}-{entity.end}"
            reason = f"{entity.value!r} does not stand at {span}, {surface!r} does"
            refuse(stage, entity.document_id, reason, where, mention=f"{span}:{entity.type}")
        else:
            yield Mention("", entity.begin, entity.end, entity.type)
