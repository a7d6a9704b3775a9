"""CoNLL: a token a line, its tag in the last column, a blank line between sentences.

    -DOCSTART- (947testa CRICKET)

    SOCCER NN B-NP O
    JAPAN NNP B-NP B-LOC
    GET VB B-VP O

Two to four columns, divided by a tab where the line has one, else by blanks. Tags are IOB1,
IOB2 (BIO), BIOES or BILOU, told apart by nothing but themselves. A document begins at
`-DOCSTART-` or `# newdoc`; in a file whose first line is neither, each block is a document of
its own (tweets, as in WNUT17). Other comments are kept in `meta["comments"]`. The text is the
tokens with one blank between them: what stood between them in the source, CoNLL does not say.
Sources: the CoNLL-2003 shared task, AIDA (ids after -DOCSTART-), Universal Dependencies (newdoc).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from corpus.errors import FormatError
from corpus.files import open_input
from corpus.manifest import Stage
from corpus.model import Document, Layer, Mention, Token, make_document, with_ids

DOCSTART = "-DOCSTART-"
_NEWDOC = re.compile(r"#\s*newdoc(?:\s+id\s*=\s*(.*))?$")
_TAG = re.compile(r"O|([BIESLU])-(.+)", re.DOTALL)
_MOST_COLUMNS = 4


class _Line(NamedTuple):
    """One line, already understood: a token (`word`), a `start` of a document, a `comment`."""

    word: str = ""
    prefix: str = "O"
    label: str = ""
    columns: int = 0
    start: str | None = None
    comment: str = ""


def read_conll(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a CoNLL file, each with its tokens, sentences and one layer.

    A document's id is what stands after -DOCSTART- or newdoc, else `id_base` (the file's name)
    and its number from 1. Raises FormatError that names file and line.
    """
    base = Path(path).name if id_base is None else id_base
    for number, draft in enumerate(_drafts(_lines(path)), 1):
        if stage is not None and draft.columns > 2:
            notes = stage.manifest.notes
            name = "tokens with further CoNLL columns, not carried"
            notes[name] = notes.get(name, 0) + len(draft.tokens)
        yield draft.document(draft.id or f"{base}#{number}", layer)


class _Draft:
    """A document as it grows line by line."""

    def __init__(self, id: str = "") -> None:
        self.id = id
        self.columns = 0
        self.comments: list[str] = []
        self.tokens: list[Token] = []
        self._words: list[str] = []
        self._sentences: list[tuple[int, int]] = []
        self._mentions: list[Mention] = []
        self._open: Mention | None = None
        self._at = 0
        self._sentence = 0

    def add(self, line: _Line) -> None:
        start = self._at
        end = self._at = start + len(line.word)
        self._at += 1
        self.columns = max(self.columns, line.columns)
        self._words.append(line.word)
        self.tokens.append(Token(start, end, True))
        self._tag(line, start, end)

    def _tag(self, line: _Line, start: int, end: int) -> None:
        goes_on = self._open is not None and self._open.label == line.label
        if line.prefix in "BSU" or (line.prefix in "IEL" and not goes_on):
            self._close()
            self._open = Mention("", start, end, line.label)
        elif line.prefix == "O":
            self._close()
        elif self._open is not None:
            self._open = msgspec.structs.replace(self._open, end=end)
        if line.prefix in "ESLU":
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._mentions.append(self._open)
        self._open = None

    def end_sentence(self) -> None:
        self._close()
        if self.tokens and self._sentence < self._at:
            self._sentences.append((self._sentence, self.tokens[-1].end))
            self._sentence = self._at

    def document(self, id: str, layer: str) -> Document:
        self.end_sentence()
        if self.tokens:
            self.tokens[-1] = self.tokens[-1]._replace(space_after=False)
        return make_document(
            id,
            " ".join(self._words),
            meta={"comments": self.comments} if self.comments else {},
            tokens=tuple(self.tokens),
            sentences=tuple(self._sentences),
            layers=(Layer(layer, mentions=with_ids(self._mentions)),),
        )


def _drafts(lines: Iterable[_Line | None]) -> Iterator[_Draft]:
    draft, in_draft, by_start = _Draft(), False, False
    for line in lines:
        if line is None:
            draft.end_sentence()
        elif line.comment:
            draft.comments.append(line.comment)
            continue
        if in_draft and (
            (line is None and not by_start) or (line is not None and line.start is not None)
        ):
            yield draft
            draft, in_draft = _Draft(), False
        if line is not None and line.start is not None:
            by_start = in_draft = True
            draft.id = line.start
        elif line is not None:
            draft.add(line)
            in_draft = True
    if in_draft:
        yield draft


def _lines(path: str | Path) -> Iterator[_Line | None]:
    """The lines understood; None for a blank one."""
    width = 0
    with contextlib.closing(open_input(path)) as source:
        for number, raw in enumerate(source, 1):
            where = f"{path}:{number}"
            line = _decoded(raw, where, number)
            if not line.strip(" \t"):
                yield None
                continue
            understood = _understood(line, width, where)
            width = width or understood.columns
            yield understood


def _decoded(raw: bytes, where: str, number: int) -> str:
    try:
        line = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode("utf-8")) + 1
        raise FormatError(
            f"{where}:{column}: not UTF-8 (byte 0x{raw[error.start]:02x})",
            "convert the file to UTF-8 first",
        ) from error
    return line.removeprefix("\ufeff") if number == 1 else line


def _understood(line: str, width: int, where: str) -> _Line:
    if line.startswith(DOCSTART):
        inner = re.search(r"\((.*)\)", line)
        return _Line(start=inner.group(1).strip() if inner else "")
    columns = line.rstrip("\t").split("\t") if "\t" in line else line.split(" ")
    columns = [column for column in columns if column]
    tag = _TAG.fullmatch(columns[-1])
    if line.startswith("#") and (tag is None or (width and len(columns) != width)):
        newdoc = _NEWDOC.match(line)
        if newdoc:
            return _Line(start=(newdoc.group(1) or "").strip())
        return _Line(comment=line[1:].strip())
    if not 2 <= len(columns) <= _MOST_COLUMNS:
        raise FormatError(
            f"{where}: {len(columns)} columns where CoNLL has 2 to {_MOST_COLUMNS}",
            "a line is a token and its tag, divided by a tab or a blank",
        )
    if tag is None:
        raise FormatError(
            f"{where}: {columns[-1]!r} is no tag",
            "tags are O or B-, I-, E-, S-, L- or U- and a label, in the last column",
        )
    return _Line(columns[0], tag.group(1) or "O", tag.group(2) or "", len(columns))
