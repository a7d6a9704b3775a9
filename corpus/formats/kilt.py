"""KILT's JSONL for entity linking: a mention a line, marked in its text.

    {"id": "osce.txt:0", "input": "The [START_ENT] OSCE [END_ENT] met",
     "output": [{"answer": "Q81299", "provenance": [{"wikipedia_id": …, "title": …}]}],
     "meta": {"left_context": "The ", "mention": "OSCE", "right_context": " met", "label": "ORG"}}

The contexts are the whole text, so that it can be put together again. NIL is an answer `NIL`, not
judged is no answer. Source: facebookresearch/KILT, its aidayago2 and wned files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec import Struct

from corpus.errors import FormatError
from corpus.files import atomic_output
from corpus.formats.fit import UNLABELLED
from corpus.formats.lines import json_lines
from corpus.manifest import Stage
from corpus.model import Document, Layer, Link, Mention, make_document, with_ids
from corpus.store import encode_line

_START, _END = " [START_ENT] ", " [END_ENT] "


class Output(Struct, frozen=True, omit_defaults=True):
    """One answer, and the pages that it stands on."""

    answer: str | None = None
    provenance: list[dict[str, Any]] = []


class Row(Struct, frozen=True):
    """One mention."""

    id: str
    input: str
    output: list[Output]
    meta: dict[str, Any] = {}


def unfit(document: Document, mention: Mention | None) -> str:
    """Why no row can be written: a document without mentions has none."""
    if mention is None and not document.layers[0].mentions:
        return "it has no mention, and a row of KILT is a mention"
    return ""


def write_kilt(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted) whose mentions are now in the file, a line each."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            for number, mention in enumerate(document.layers[0].mentions):
                sink.write(encode_line(_row(document, number, mention)))
            count += 1
    return count


def _row(document: Document, number: int, mention: Mention) -> Row:
    text = document.text
    left, surface, right = (
        text[: mention.start],
        text[mention.start : mention.end],
        text[mention.end :],
    )
    marked = f"{left.rstrip()}{_START}{surface}{_END}{right.lstrip()}".strip()
    meta = {"left_context": left, "mention": surface, "right_context": right}
    output = [Output(link.target, [{"title": link.target}]) for link in mention.links]
    return Row(f"{document.id}:{number}", marked, output, {**meta, "label": mention.label})


def read_kilt(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a KILT file: neighbouring rows of one text are one.

    Rows whose contexts are cut are documents of their own. Raises FormatError that names file
    and line.
    """
    rows = (_placed(where, row) for where, row in json_lines(path, Row, "KILT"))
    for (id, text), group in groupby(rows, lambda placed: placed[0]):
        mentions = [mention for _, mention in group]
        yield make_document(id, text, layers=(Layer(layer, mentions=with_ids(mentions)),))


def _placed(where: str, row: Row) -> tuple[tuple[str, str], Mention]:
    parts = [row.meta.get(key) for key in ("left_context", "mention", "right_context")]
    if not all(isinstance(part, str) for part in parts) or not parts[1]:
        raise FormatError(
            f"{where}: its meta lacks left_context, mention or right_context",
            "give KILT's files for entity linking",
        )
    left, surface, right = map(str, parts)
    label = str(row.meta.get("label") or UNLABELLED)
    links = tuple(Link(one.answer) for one in row.output if one.answer)
    base, colon, number = row.id.rpartition(":")
    id = base if colon and number.isdecimal() else row.id
    mention = Mention("", len(left), len(left) + len(surface), label, links[:1])
    return (id, f"{left}{surface}{right}"), mention
