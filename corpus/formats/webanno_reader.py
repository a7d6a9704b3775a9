"""WebAnno TSV 3 read: see `webanno` for a sample."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from corpus.errors import FormatError, OffsetError
from corpus.formats.iris import iri_target
from corpus.formats.lines import refuse, text_lines, whole_number
from corpus.formats.per_document import files_of
from corpus.formats.uima import ENTITY
from corpus.formats.webanno import TEXT_ESCAPES
from corpus.manifest import Stage
from corpus.model import Document, Layer, Link, Mention, make_document, with_ids
from corpus.offsets import from_utf16, to_utf16

_UNESCAPES = {escape: char for char, escape in TEXT_ESCAPES.items()} | {"\\n": "\n"}
_TEXT_ESCAPE = re.compile(r"\\[\\trfbn]")
_PLAIN_TOKEN = re.compile(r"\d+-\d+(\.\d+)?")
_VALUE = re.compile(r"(.*?)(?:(?<!\\)\[(\d+)\])?", re.DOTALL)
_DIVIDER = re.compile(r"(?<!\\)\|")


class _Row(NamedTuple):
    """One token or part of one, in UTF-16 units of the document, with its columns of values."""

    start: int
    end: int
    values: list[str]


class _Sheet:
    """A file as it is read: where the columns are, the sentences' texts, the rows."""

    def __init__(self) -> None:
        self.columns = 0
        self.label = -1
        self.identifier = -1
        self.relations: list[int] = []
        self.sentences: list[tuple[list[str], list[_Row]]] = []

    def declare(self, line: str) -> None:
        """Take in a line that declares a layer and its columns."""
        kind, _, rest = line.partition("=")
        name, *features = rest.split("|")
        first, self.columns = self.columns, self.columns + len(features)
        if kind == "#T_RL":
            self.relations.append(first)
        if kind == "#T_SP" and (name == ENTITY or self.label < 0):
            wanted = "value" if "value" in features else (features or [""])[0]
            self.label = first + features.index(wanted) if features else -1
            known = "identifier" in features
            self.identifier = first + features.index("identifier") if known else -1


def read_webanno(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a folder of WebAnno TSV; ids are the files' paths in it.

    The named entities are read, else the first layer of spans, by its first feature. Relations
    are rejects. Raises FormatError that names file and line.
    """
    for id, file in files_of(path, ".tsv"):
        sheet = _sheet(file)
        text, sentences = _text(sheet, file)
        for _, rows in sheet.sentences:
            for row in rows:
                for column in sheet.relations:
                    if row.values[column] not in ("_", ""):
                        reason = "a relation between mentions"
                        refuse(stage, id, reason, str(file), mention=f"at {row.start}-{row.end}")
        mentions = with_ids(_mentions(sheet, text, file))
        layers = (Layer(layer, mentions=mentions),)
        yield make_document(id, text, sentences=sentences, layers=layers)


def _sheet(file: Path) -> _Sheet:
    sheet = _Sheet()
    lines = text_lines(file)
    where, first = next(lines, (f"{file}:1", ""))
    if not first.startswith("#FORMAT=WebAnno TSV 3"):
        hint = "its first line says #FORMAT=WebAnno TSV 3.3"
        raise FormatError(f"{where}: is no WebAnno TSV 3", hint)
    texts: list[str] = []
    rows: list[_Row] = []
    for where, line in lines:
        if line.startswith("#Text="):
            if rows:
                texts, rows = [], []
            if not texts:
                sheet.sentences.append((texts, rows))
            texts.append(_TEXT_ESCAPE.sub(lambda found: _UNESCAPES[found[0]], line[6:]))
        elif line.startswith("#T_") and not sheet.sentences:
            sheet.declare(line)
        elif line.strip("\t") and not (line.startswith("#") and "\t" not in line):
            if not texts:
                raise FormatError(f"{where}: a token before any #Text=", "mend the file")
            rows.append(_row(line, sheet, where))
    return sheet


def _row(line: str, sheet: _Sheet, where: str) -> _Row:
    id, _, rest = line.partition("\t")
    place, _, rest = rest.partition("\t")
    _, _, rest = rest.partition("\t")
    start, dash, end = place.partition("-")
    values = rest.split("\t")[: sheet.columns]
    if not _PLAIN_TOKEN.fullmatch(id) or not dash or len(values) < sheet.columns:
        raise FormatError(
            f"{where}: is no token with {sheet.columns} columns of values",
            "a line is: 1-1<tab>0-4<tab>token<tab>values",
        )
    return _Row(whole_number(start, where, "a start"), whole_number(end, where, "an end"), values)


def _text(sheet: _Sheet, file: Path) -> tuple[str, tuple[tuple[int, int], ...] | None]:
    """The text, each sentence where its first token stands, blanks before it; and the sentences."""
    text, units = "", 0
    sentences = []
    for texts, rows in sheet.sentences:
        sentence = "\n".join(texts)
        # No word begins with a blank, but the sentence before its first word may.
        blanks = len(sentence) - len(sentence.lstrip())
        begin = rows[0].start - blanks if rows else units
        if begin < units:
            reason = f"sentence {sentence[:30]!r} begins in the one before"
            raise FormatError(f"{file}: {reason}", "mend its offsets")
        text += " " * (begin - units)
        start = len(text)
        text += sentence
        units = begin + to_utf16(sentence, [(0, len(sentence))])[0][1]
        sentences.append((start, len(text)))
    return text, tuple(span for span in sentences if span[0] < span[1]) or None


def _mentions(sheet: _Sheet, text: str, file: Path) -> Iterator[Mention]:
    spans: dict[str, tuple[int, int, str, str]] = {}
    for _, rows in sheet.sentences:
        for row in rows:
            for number, label, iri in _stacked(sheet, row):
                name = number or f"{row.start}-{row.end}:{len(spans)}"
                start, end = row.start, row.end
                if name in spans:
                    start, end = spans[name][0], max(end, spans[name][1])
                spans[name] = (start, end, label, iri)
    for start, end, label, iri in spans.values():
        try:
            ((first, last),) = from_utf16(text, [(start, end)])
        except OffsetError as error:
            raise FormatError(f"{file}: {error.message}", "mend its offsets") from error
        links = (Link(iri_target(iri)),) if iri else ()
        yield Mention("", first, last, label or "UNKNOWN", links)


def _stacked(sheet: _Sheet, row: _Row) -> Iterator[tuple[str, str, str]]:
    """(number or nothing, label, identifier) of each annotation on a token."""
    if sheet.label < 0 or row.values[sheet.label] in ("_", ""):
        return
    labels = _DIVIDER.split(row.values[sheet.label])
    iris = ["*"] * len(labels)
    if sheet.identifier >= 0:
        iris = _DIVIDER.split(row.values[sheet.identifier])
    for label, iri in zip(labels, iris, strict=False):
        value, number = _parted(label)
        yield number, value, _parted(iri)[0]


def _parted(value: str) -> tuple[str, str]:
    """A value without its number, unescaped, and the number; `*` is no value."""
    found = _VALUE.fullmatch(value)
    assert found is not None  # it takes anything
    plain, number = found[1], found[2] or ""
    if plain in ("*", "_"):
        return "", number
    return re.sub(r"\\(->|.)", r"\1", plain, flags=re.DOTALL), number
