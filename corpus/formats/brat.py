"""brat's standoff: a folder with a `.txt` and an `.ann` for each document.

    T1<tab>ORG 10 14<tab>OSCE
    N1<tab>Reference T1 kb:Q81299<tab>OSCE
    T2<tab>LOC 20 24;25 30<tab>Kyiv Oblast

Offsets are code points, ends exclusive. brat keeps no line break inside a span: it cuts it in
two there, as in T2, and so do we; fragments that anything else divides are a discontinuous
mention. Links are normalizations of `kb`, or `kb-metonymic`. Source: brat.nlplab.org/standoff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from corpus.errors import FormatError
from corpus.files import atomic_folder
from corpus.formats.lines import refuse, text_lines, whole_number
from corpus.formats.per_document import files_of, new_file, read_text, unfit_name
from corpus.manifest import Stage
from corpus.model import Document, Layer, Link, Mention, make_document, with_ids

KB, METONYMIC = "kb", "kb-metonymic"
_BREAK = re.compile(r"[\r\n]+")
_BLANK = re.compile(r"\s")
_RELATIONS = {"R": "a relation", "E": "an event", "*": "an equivalence"}


def unfit(document: Document, mention: Mention | None) -> str:
    """Why brat cannot hold the document's id, or the mention's label, link or borders."""
    if mention is None:
        return unfit_name(document)
    if _BLANK.search(mention.label):
        return "its label holds a blank"
    if any(_BLANK.search(link.target) for link in mention.links):
        return "its link holds a blank"
    surface = document.text[mention.start : mention.end]
    if surface[0] in "\r\n" or surface[-1] in "\r\n":
        return "it begins or ends with a line break"
    return ""


def write_brat(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to brat) now in the folder, whole or not at all."""
    count = 0
    with atomic_folder(path) as folder:
        labels: set[str] = set()
        for document in documents:
            new_file(folder, document, ".txt").write_bytes(document.text.encode())
            lines = "".join(_lines(document))
            new_file(folder, document, ".ann").write_bytes(lines.encode())
            labels.update(mention.label for mention in document.layers[0].mentions)
            count += 1
        (folder / "annotation.conf").write_bytes(_configuration(labels).encode())
    return count


def _configuration(labels: set[str]) -> str:
    entities = "".join(f"{label}\n" for label in sorted(labels))
    return f"[entities]\n{entities}\n[relations]\n\n[events]\n\n[attributes]\n"


def _lines(document: Document) -> Iterator[str]:
    norms = 0
    for number, mention in enumerate(document.layers[0].mentions, 1):
        surface = document.text[mention.start : mention.end]
        parts = ";".join(f"{s} {e}" for s, e in _fragments(surface, mention.start))
        shown = _BREAK.sub(" ", surface)
        yield f"T{number}\t{mention.label} {parts}\t{shown}\n"
        for link in mention.links:
            norms += 1
            kb = METONYMIC if link.role == "metonymic" else KB
            yield f"N{norms}\tReference T{number} {kb}:{link.target}\t{shown}\n"


def _fragments(surface: str, start: int) -> Iterator[tuple[int, int]]:
    at = 0
    for found in _BREAK.finditer(surface):
        yield start + at, start + found.start()
        at = found.end()
    yield start + at, start + len(surface)


def read_brat(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a folder of brat's; ids are the files' paths in it.

    Discontinuous mentions, relations and events are rejects; annotators' notes become the
    layer's comments; attributes are counted. Raises FormatError that names file and line.
    """
    for id, file in files_of(path, ".txt"):
        text = read_text(file)
        annotations = file.with_suffix(".ann")
        if not annotations.is_file():
            reason = f"there is no {annotations.name} beside it"
            refuse(stage, id, reason, str(file))
            continue
        reader = _Reader(id, text, stage)
        for where, line in text_lines(annotations):
            if line.strip():
                reader.read(line.split("\t"), where)
        yield make_document(id, text, layers=(reader.layer(layer),))


class _Reader:
    """The annotations of one document as they come; links may come before their mention."""

    def __init__(self, document: str, text: str, stage: Stage | None) -> None:
        self._document = document
        self._text = text
        self._stage = stage
        self._mentions: dict[str, tuple[int, int, str]] = {}
        self._links: list[tuple[str, Link]] = []
        self._comments: list[str] = []

    def read(self, columns: list[str], where: str) -> None:
        kind = columns[0][:1]
        if kind == "T":
            self._read_mention(columns, where)
        elif kind == "N":
            self._read_link(columns, where)
        elif kind == "#":
            self._comments.append(" ".join(columns[1:]))
        elif kind in _RELATIONS:
            refuse(self._stage, self._document, _RELATIONS[kind], where, mention=columns[0])
        elif kind in ("A", "M"):
            self._note("attributes of brat, not carried")
        else:
            raise FormatError(
                f"{where}: {columns[0]!r} begins no annotation of brat",
                "a line begins with T, N, R, E, A, M, # or * and a number",
            )

    def _note(self, what: str) -> None:
        if self._stage is not None:
            notes = self._stage.manifest.notes
            notes[what] = notes.get(what, 0) + 1

    def _read_mention(self, columns: list[str], where: str) -> None:
        label, _, places = columns[1].partition(" ") if len(columns) > 1 else ("", "", "")
        fragments = [self._fragment(part, where) for part in places.split(";")]
        start, end = fragments[0][0], fragments[-1][1]
        problem = ""
        if not all(0 <= s < e <= len(self._text) for s, e in fragments):
            problem = f"span {places} lies outside the text of {len(self._text)} code points"
        for (_, end_before), (begins, _) in pairwise(fragments):
            if not _BREAK.fullmatch(self._text[end_before:begins]):
                problem = problem or f"discontinuous: {places}"
        if problem:
            refuse(self._stage, self._document, problem, where, mention=columns[0], label=label)
        else:
            self._mentions[columns[0]] = (start, end, label)

    def _fragment(self, part: str, where: str) -> tuple[int, int]:
        numbers = part.split(" ")
        if len(numbers) != 2:
            raise FormatError(
                f"{where}: {part!r} is no span", "a mention is: T1<tab>LABEL START END<tab>text"
            )
        return whole_number(numbers[0], where, "a start"), whole_number(numbers[1], where, "an end")

    def _read_link(self, columns: list[str], where: str) -> None:
        parts = columns[1].split(" ", 2) if len(columns) > 1 else []
        kb, colon, target = parts[2].partition(":") if len(parts) == 3 else ("", "", "")
        if not colon or not target:
            raise FormatError(
                f"{where}: is no normalization", "one is: N1<tab>Reference T1 kb:Q42<tab>text"
            )
        link = Link(target, "metonymic") if kb == METONYMIC else Link(target)
        self._links.append((parts[1], link))

    def layer(self, name: str) -> Layer:
        links: dict[str, list[Link]] = {}
        for id, link in self._links:
            if id in self._mentions:
                links.setdefault(id, []).append(link)
            else:
                self._note("normalizations of what is no mention, not carried")
        mentions = with_ids(
            Mention("", start, end, label, tuple(links.get(id, ())))
            for id, (start, end, label) in self._mentions.items()
        )
        return Layer(name, comments=tuple(self._comments), mentions=mentions)
