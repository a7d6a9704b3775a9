"""Documents as CoNLL: see `conll` for a sample of the format, `fit` for what it cannot hold.

    -DOCSTART- (947testa)           -DOCSTART- -X- -X- O

    Kyiv<tab>B-GPE                  Kyiv -X- -X- I-GPE
    Oblast<tab>I-GPE                Oblast -X- -X- I-GPE

Two columns divided by a tab, and the id of each document; readers that know nothing of ids pass
over that line. Or, as the shared task of 2003 has it, four columns divided by blanks, tags as
IOB1 and no ids: part of speech and chunk, which we do not know, are its own `-X-`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from corpus.files import atomic_output
from corpus.formats.conll import DOCSTART
from corpus.model import Document, Mention
from corpus.offsets import token_range

_BREAKS = re.compile(r"[\t\n\r]")
_BLANKS = re.compile(r"[ \t\n\r]")


def unfit(document: Document, mention: Mention | None) -> str:
    """Why CoNLL cannot hold the document, or the mention's label."""
    return _unfit(document, mention, _BREAKS)


def unfit_2003(document: Document, mention: Mention | None) -> str:
    """The same, where columns are divided by blanks."""
    return _unfit(document, mention, _BLANKS)


def _unfit(document: Document, mention: Mention | None, breaks: re.Pattern[str]) -> str:
    if mention is not None:
        broken = breaks.search(mention.label) or not mention.label.strip()
        return "its label holds a tab, a blank or a line break" if broken else ""
    if breaks is _BREAKS:
        if breaks.search(document.id):
            return "its id holds a tab or a line break"
        if document.id != document.id.strip():
            return "its id begins or ends with a blank"
    return unfit_token(document, breaks)


def unfit_token(document: Document, breaks: re.Pattern[str]) -> str:
    """Why the tokens of a document cannot stand one a line."""
    if DOCSTART not in document.text and not breaks.search(document.text):
        return ""
    for token in document.tokens or ():
        word = document.text[token.start : token.end]
        if word == DOCSTART or breaks.search(word):
            return f"token {token.start}-{token.end} is nothing that such a line can hold"
    return ""


Tag = Callable[[Mention, int, int, int, Mention | None], str]
"""(mention, token, its first token, its last, the mention that ends just before) -> prefix."""


def _bio(mention: Mention, at: int, first: int, last: int, before: Mention | None) -> str:
    return "B" if at == first else "I"


def _iob1(mention: Mention, at: int, first: int, last: int, before: Mention | None) -> str:
    touches = before is not None and before.label == mention.label
    return "B" if at == first and touches else "I"


def _bioes(mention: Mention, at: int, first: int, last: int, before: Mention | None) -> str:
    if first == last:
        return "S"
    return "B" if at == first else "E" if at == last else "I"


def _bilou(mention: Mention, at: int, first: int, last: int, before: Mention | None) -> str:
    return {"S": "U", "E": "L"}.get(prefix := _bioes(mention, at, first, last, before), prefix)


SCHEMES: dict[str, Tag] = {"bio": _bio, "iob": _iob1, "bioes": _bioes, "bilou": _bilou}


def write_conll(documents: Iterable[Document], path: str | Path, *, scheme: str = "bio") -> int:
    """The number of documents (each fitted to CoNLL) now in the file, whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            lines = [f"{DOCSTART} ({document.id})\n\n", *_rows(document, SCHEMES[scheme], "\t")]
            sink.write("".join(lines).encode())
            count += 1
    return count


def write_conll2003(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to it) now in a file as the shared task has it."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            lines = [f"{DOCSTART} -X- -X- O\n\n", *_rows(document, _iob1, " -X- -X- ")]
            sink.write("".join(lines).encode())
            count += 1
    return count


def _rows(document: Document, prefix: Tag, middle: str) -> Iterator[str]:
    tokens = document.tokens or ()
    tags = tags_of(document, prefix)
    breaks = {start for start, _ in (document.sentences or ())[1:]}
    for token, tag in zip(tokens, tags, strict=True):
        if token.start in breaks:
            yield "\n"
        yield f"{document.text[token.start : token.end]}{middle}{tag}\n"
    yield "\n"


def tags_of(document: Document, prefix: Tag) -> list[str]:
    """The tag of every token of a fitted document: its mentions lie on tokens, none overlap."""
    tokens = document.tokens or ()
    starts, ends = [token.start for token in tokens], [token.end for token in tokens]
    breaks = {start for start, _ in document.sentences or ()}
    tags = ["O"] * len(tokens)
    before: tuple[int, Mention] | None = None
    for mention in document.layers[0].mentions:
        found = token_range(starts, ends, mention.start, mention.end)
        if found is None:
            raise ValueError(f"mention {mention.id} fits no tokens")  # never: it was fitted
        first, last = found[0], found[1] - 1
        touching = (
            before[1] if before and before[0] == first - 1 and mention.start not in breaks else None
        )
        for at in range(first, last + 1):
            tags[at] = f"{prefix(mention, at, first, last, touching)}-{mention.label}"
        before = last, mention
    return tags
