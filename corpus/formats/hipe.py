"""HIPE 2022: a token a line in ten columns, with nested mentions and literal and metonymic links.

    TOKEN<tab>NE-COARSE-LIT<tab>NE-COARSE-METO<tab>NE-FINE-LIT<tab>…<tab>NEL-LIT<tab>NEL-METO<tab>MISC
    # hipe2022:document_id = dev_sv_1
    # hipe2022:language = sv
    Kuddnäs<tab>B-LOC<tab>_<tab>O<tab>_<tab>_<tab>O<tab>NIL<tab>_<tab>NoSpaceAfter

A mention is a run of NE-COARSE-LIT, or of NE-NESTED inside one; NEL-LIT and NEL-METO are its links,
NIL and `_` (not judged) apart. MISC says where no blank follows and where a sentence ends.
Fine types and components are counted as not carried. Source: the HIPE-2022 data, v2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from corpus.errors import FormatError
from corpus.formats.drafts import Draft, Run, runs_of
from corpus.formats.lines import text_lines
from corpus.manifest import Stage
from corpus.model import Document, Link, Role

COLUMNS = (
    "TOKEN", "NE-COARSE-LIT", "NE-COARSE-METO", "NE-FINE-LIT", "NE-FINE-METO", "NE-FINE-COMP",
    "NE-NESTED", "NEL-LIT", "NEL-METO", "MISC",
)  # fmt: skip
ID = "hipe2022:document_id"
LANGUAGE = "hipe2022:language"
META = "corpus:meta"
_COMMENT = re.compile(r"#\s*([^\s=]+)\s*=\s?(.*)")
_TAG = re.compile(r"O|_||[BI]-\S.*")
_TAGGED = ("NE-COARSE-LIT", "NE-COARSE-METO", "NE-NESTED")
_MORE = {"NE-FINE-LIT": "fine types", "NE-FINE-METO": "fine types", "NE-FINE-COMP": "components"}


class _Table:
    """The rows of one document so far, column by column."""

    def __init__(self) -> None:
        self.id = ""
        self.lang = ""
        self.meta: dict[str, Any] = {}
        self.columns: dict[str, list[str]] = {name: [] for name in COLUMNS}


def read_hipe(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a HIPE file, with tokens, sentences, metadata and one layer.

    Raises FormatError that names file and line.
    """
    base = Path(path).name if id_base is None else id_base
    header: list[str] = []
    table: _Table | None = None
    number = 0
    for where, line in text_lines(path):
        if not header:
            header = _header(line, where)
            continue
        comment = _COMMENT.match(line) if "\t" not in line else None
        if comment is not None and (table is None or comment[1] == ID):
            if table is not None:
                yield _document(table, base, number, layer, stage)
            table = _Table()
            number += 1
        if comment is not None and table is not None:
            _note(table, comment[1], comment[2], where)
        elif line.strip() and not (line.startswith("#") and "\t" not in line):
            table = table or _Table()
            number = number or 1
            _add(table, header, line, where)
    if table is not None:
        yield _document(table, base, number, layer, stage)


def _header(line: str, where: str) -> list[str]:
    header = line.split("\t")
    if header[0] != "TOKEN" or "NE-COARSE-LIT" not in header:
        raise FormatError(
            f"{where}: is not HIPE's first line", "it names the columns: TOKEN NE-COARSE-LIT …"
        )
    return header


def _note(table: _Table, key: str, value: str, where: str) -> None:
    if key == ID:
        table.id = value.strip()
    elif key == LANGUAGE:
        table.lang = value.strip()
    elif key == META:
        try:
            table.meta = msgspec.json.decode(value, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise FormatError(f"{where}: {META} is no JSON object", "mend that line") from error
    else:
        table.meta[key] = value


def _add(table: _Table, header: list[str], line: str, where: str) -> None:
    values = line.split("\t")
    if len(values) != len(header):
        raise FormatError(
            f"{where}: {len(values)} columns, the first line names {len(header)}", "mend that line"
        )
    row = dict(zip(header, values, strict=True))
    for name in _TAGGED:
        if not _TAG.fullmatch(row.get(name, "")):
            raise FormatError(
                f"{where}: {row[name]!r} in {name} is no tag", "tags are O, _, B- or I- and a label"
            )
    for name in COLUMNS:
        table.columns[name].append(row.get(name, "_"))


def _document(table: _Table, base: str, number: int, layer: str, stage: Stage | None) -> Document:
    draft = Draft()
    columns = table.columns
    for word, misc in zip(columns["TOKEN"], columns["MISC"], strict=True):
        flags = misc.split("|")
        draft.add(word, space_after="NoSpaceAfter" not in flags)
        if "EndOfSentence" in flags:
            draft.end_sentence()
    outer = set()
    for run in runs_of(columns["NE-COARSE-LIT"]):
        outer.add(run)
        draft.mark(run, tuple(_links(columns, run)))
    for run in runs_of(columns["NE-COARSE-METO"]):
        if not any(run[:2] == other[:2] for other in outer):
            draft.mark(run, tuple(_links(columns, run)))  # metonymic alone
    for run in runs_of(columns["NE-NESTED"]):
        draft.mark(run)
    for name, what in _MORE.items():
        found = len(list(runs_of(columns[name])))
        if stage is not None and found:
            notes, words = stage.manifest.notes, f"{what} of HIPE, not carried"
            notes[words] = notes.get(words, 0) + found
    draft.fields = {"lang": table.lang, "meta": table.meta}
    return draft.document(table.id or f"{base}#{number}", layer)


def _links(columns: dict[str, list[str]], run: Run) -> Iterator[Link]:
    roles: tuple[tuple[str, Role], ...] = (("NEL-LIT", "literal"), ("NEL-METO", "metonymic"))
    for name, role in roles:
        target = columns[name][run[0]]
        if target not in ("_", ""):
            yield Link(target, role)
