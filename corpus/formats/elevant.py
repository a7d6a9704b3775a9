"""ELEVANT's benchmarks for entity linking: an article a line, with labelled spans. Read only.

    {"id": 2779825, "title": …, "text": …, "labels": [
      {"id": 0, "span": [40, 67], "entity_id": "Q213610", "type": "Q215627", "parent": null}]}

Offsets are code points. `<NIL>` is NIL; an entity that is a kind of value (DATETIME, QUANTITY) is
none, so such a mention was not judged. What is optional or coreference is counted. Source:
ad-freiburg/elevant, docs on benchmarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from corpus.formats.lines import json_lines, refuse
from corpus.manifest import Stage
from corpus.model import NIL, Document, Layer, Link, Mention, make_document, with_ids

_VALUES = ("DATETIME", "QUANTITY", "")
_META = ("title", "url", "evaluation_span")


class Label(Struct, frozen=True):
    """One labelled span."""

    span: tuple[int, int]
    entity_id: str = ""
    type: str = ""
    coref: bool = False
    optional: bool = False
    desc: bool = False


class Article(Struct, frozen=True):
    """One line."""

    id: int | str
    text: str
    labels: list[Label] = []
    title: str | None = None
    url: str | None = None
    evaluation_span: tuple[int, int] | None = None


def read_elevant(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a benchmark; title, address and evaluation span are metadata.

    Raises FormatError that names file and line.
    """
    for where, article in json_lines(path, Article, "ELEVANT"):
        found = msgspec.to_builtins(article)
        meta: dict[str, Any] = {key: found[key] for key in _META if found[key] is not None}
        mentions = with_ids(_mentions(article, where, stage))
        layers = (Layer(layer, mentions=mentions),)
        yield make_document(str(article.id), article.text, meta=meta, layers=layers)


def _mentions(article: Article, where: str, stage: Stage | None) -> Iterator[Mention]:
    for number, label in enumerate(article.labels, 1):
        start, end = label.span
        if not 0 <= start < end <= len(article.text):
            reason = f"span {start}-{end} lies outside the text of {len(article.text)} code points"
            refuse(stage, str(article.id), reason, where, mention=f"label {number}")
            continue
        for what in ("coref", "optional", "desc"):
            if getattr(label, what) and stage is not None:
                note = f"labels that ELEVANT calls {what}, which is not carried"
                stage.manifest.notes[note] = stage.manifest.notes.get(note, 0) + 1
        target = NIL if label.entity_id == "<NIL>" else label.entity_id
        links = () if target in _VALUES else (Link(target),)
        yield Mention("", start, end, label.type or "UNKNOWN", links)
