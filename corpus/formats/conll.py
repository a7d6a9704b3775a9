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
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise, repeat
from pathlib import Path
from typing import NamedTuple

from corpus.errors import FormatError
from corpus.files import open_input
from corpus.manifest import Stage
from corpus.model import Document, Layer, Mention, Token, make_document, with_ids

DOCSTART = "-DOCSTART-"
_NEWDOC = re.compile(r"#\s*newdoc(?:\s+id\s*=\s*(.*))?$")
_TAG = re.compile(r"O|([BIESLU])-(.+)", re.DOTALL)
_MOST_COLUMNS = 4


class _Tag(NamedTuple):
    prefix: str
    label: str


class _Line(NamedTuple):
    """One line, already understood: a token with its tag, a `start` of a document, a `comment`."""

    word: str = ""
    tag: _Tag = _Tag("O", "")
    columns: int = 0
    start: str | None = None
    comment: str | None = None


def read_conll(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a CoNLL file, each with its tokens, sentences and one layer.

    A document's id is what stands after -DOCSTART- or newdoc, else `id_base` (the file's name)
    and its number from 1. Raises FormatError that names file and line.
    """
    base = Path(path).name if id_base is None else id_base
    for number, draft in enumerate(_drafts(path), 1):
        if stage is not None and draft.columns > 2:
            notes = stage.manifest.notes
            name = "tokens with further CoNLL columns, not carried"
            notes[name] = notes.get(name, 0) + len(draft.words)
        yield draft.document(draft.id or f"{base}#{number}", layer)


class _Draft:
    """A document as it grows line by line; `ends` are the numbers of words at sentence ends."""

    def __init__(self, id: str = "") -> None:
        self.id = id
        self.columns = 0
        self.comments: list[str] = []
        self.words: list[str] = []
        self.tags: list[_Tag] = []
        self.ends = [0]

    def end_sentence(self) -> None:
        if len(self.words) > self.ends[-1]:
            self.ends.append(len(self.words))

    def document(self, id: str, layer: str) -> Document:
        self.end_sentence()
        starts = list(accumulate((len(word) + 1 for word in self.words), initial=0))
        tokens = [*map(Token, starts, (start - 1 for start in starts[1:]), repeat(True))]
        if tokens:
            tokens[-1] = tokens[-1]._replace(space_after=False)
        sentences = list(pairwise(self.ends))
        mentions = (
            Mention("", starts[first], starts[last] - 1, label)
            for begin, end in sentences
            for first, last, label in _entities(self.tags[begin:end], begin)
        )
        return make_document(
            id,
            " ".join(self.words),
            meta={"comments": self.comments} if self.comments else {},
            tokens=tuple(tokens),
            sentences=tuple((starts[begin], starts[end] - 1) for begin, end in sentences),
            layers=(Layer(layer, mentions=with_ids(mentions)),),
        )


def _entities(tags: Sequence[_Tag], number: int) -> Iterator[tuple[int, int, str]]:
    """[first, last) token and label of the entities of a sentence that begins at that token."""
    first, open_label = -1, ""
    for at, (prefix, label) in enumerate(tags, number):
        if first >= 0 and (prefix in "OBSU" or label != open_label):
            yield first, at, open_label
            first = -1
        if prefix != "O" and first < 0:
            first, open_label = at, label
        if prefix in "ESLU":
            yield first, at + 1, open_label
            first = -1
    if first >= 0:
        yield first, number + len(tags), open_label


def _drafts(path: str | Path) -> Iterator[_Draft]:
    draft, in_draft, by_start = _Draft(), False, False
    for line in _lines(path):
        if line is None:
            draft.end_sentence()
            if in_draft and not by_start:
                yield draft
                draft, in_draft = _Draft(), False
        elif line.comment is not None:
            if line.comment:
                draft.comments.append(line.comment)
        elif line.start is not None:
            if in_draft:
                yield draft
                draft = _Draft()
            by_start = in_draft = True
            draft.id = line.start
        else:
            draft.words.append(line.word)
            draft.tags.append(line.tag)
            draft.columns = max(draft.columns, line.columns)
            in_draft = True
    if in_draft:
        yield draft


def _lines(path: str | Path) -> Iterator[_Line | None]:
    """The lines understood; None for a blank one."""
    width = 0
    with contextlib.closing(open_input(path)) as source:
        for number, raw in enumerate(source, 1):
            try:
                line = raw.decode().removesuffix("\n").removesuffix("\r")
            except UnicodeDecodeError as error:
                raise _not_utf8(raw, error, f"{path}:{number}") from error
            if number == 1:
                line = line.removeprefix("\ufeff")
            if not line or not line.strip(" \t"):
                yield None
                continue
            understood = _token(line) or _understood(line, width, f"{path}:{number}")
            width = width or understood.columns
            yield understood


def _not_utf8(raw: bytes, error: UnicodeDecodeError, where: str) -> FormatError:
    column = len(raw[: error.start].decode("utf-8")) + 1
    return FormatError(
        f"{where}:{column}: not UTF-8 (byte 0x{raw[error.start]:02x})",
        "convert the file to UTF-8 first",
    )


@lru_cache(maxsize=4096)
def _tag(text: str) -> _Tag | None:
    found = _TAG.fullmatch(text)
    return _Tag(found[1] or "O", found[2] or "") if found else None


def _token(line: str) -> _Line | None:
    """The token of the line that most lines are, a word, a tab and a tag; None of any other."""
    word, _, tag = line.partition("\t")
    known = _tag(tag) if word else None
    if known is None or "\t" in tag or word.startswith(("#", DOCSTART)):
        return None
    return _Line(word, known, 2)


def _understood(line: str, width: int, where: str) -> _Line:
    if line.startswith(DOCSTART):
        inner = re.search(r"\((.*)\)", line)
        return _Line(start=inner.group(1).strip() if inner else "")
    columns = line.rstrip("\t").split("\t") if "\t" in line else line.split(" ")
    columns = [column for column in columns if column]
    tag = _tag(columns[-1])
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
    return _Line(columns[0], tag, len(columns))
