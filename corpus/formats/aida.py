"""AIDA-CoNLL: a token a line; those of a mention with B or I, the mention, and its entity.

    -DOCSTART- (1 EU)
    EU<tab>B<tab>EU<tab>--NME--
    rejects
    German<tab>B<tab>German<tab>Germany<tab>http://en.wikipedia.org/wiki/Germany<tab>11867<tab>/m/0345h

`--NME--` is NIL; a mention of three columns was not judged. Where there is an address, the
target is its last part, decoded: the name before it may be escaped as YAGO does. There are no
labels. Source: AIDA-YAGO2-dataset.tsv of the AIDA CoNLL-YAGO dataset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from corpus.errors import FormatError
from corpus.files import atomic_output
from corpus.formats.conll import DOCSTART
from corpus.formats.conll_writer import unfit_token
from corpus.formats.drafts import Draft
from corpus.formats.fit import UNLABELLED
from corpus.formats.iris import WIKIDATA, target_iri
from corpus.formats.lines import text_lines
from corpus.manifest import Stage
from corpus.model import NIL, Document, Link, Mention

_NIL = "--NME--"
_BREAKS = re.compile(r"[\t\n\r]")


def unfit(document: Document, mention: Mention | None) -> str:
    """Why AIDA cannot hold the document, or the mention's link."""
    if mention is None:
        if _BREAKS.search(document.id) or document.id != document.id.strip():
            return "its id holds a tab or a line break, or begins or ends with a blank"
        return unfit_token(document, _BREAKS)
    if any(_BREAKS.search(link.target) or link.target == _NIL for link in mention.links):
        return "its link holds a tab or a line break, or is AIDA's word for NIL"
    return ""


def write_aida(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to AIDA) now in the file, whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            sink.write("".join(_rows(document)).encode())
            count += 1
    return count


def _rows(document: Document) -> Iterator[str]:
    yield f"{DOCSTART} ({document.id})\n"
    breaks = {start for start, _ in (document.sentences or ())[1:]}
    mentions = list(reversed(document.layers[0].mentions))
    text = document.text
    for token in document.tokens or ():
        if token.start in breaks:
            yield "\n"
        while mentions and mentions[-1].end <= token.start:
            mentions.pop()
        word = text[token.start : token.end]
        if not mentions or mentions[-1].start > token.start:
            yield f"{word}\n"
            continue
        mention = mentions[-1]
        columns = [word, "B" if token.start == mention.start else "I"]
        columns += [text[mention.start : mention.end], *_entity(mention)]
        yield "\t".join(columns) + "\n"
    yield "\n"


def _entity(mention: Mention) -> Iterator[str]:
    for link in mention.links:
        if link.target == NIL:
            yield _NIL
            return
        yield link.target
        iri = target_iri(link.target)
        if iri.startswith(WIKIDATA):
            yield iri


def read_aida(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of an AIDA file; the text is its tokens with one blank between them.

    Raises FormatError that names file and line.
    """
    base = Path(path).name if id_base is None else id_base
    number = 0
    draft: Draft | None = None
    begun: _Begun | None = None
    for where, line in text_lines(path):
        columns = line.split("\t")
        begun = _closed(begun, draft, columns)
        if line.startswith(DOCSTART):
            if draft is not None:
                yield draft.document(draft.id, layer)
            number += 1
            inner = re.search(r"\((.*)\)", line)
            draft = Draft(inner.group(1) if inner else f"{base}#{number}")
        elif not line.strip(" \t"):
            if draft is not None:
                draft.end_sentence()
        elif draft is None:
            raise FormatError(f"{where}: stands before the first {DOCSTART}", "add that line")
        else:
            if len(columns) > 1:
                begun = _extended(begun, len(draft), columns, where)
            draft.add(columns[0])
    if draft is not None:
        _closed(begun, draft, [])
        yield draft.document(draft.id, layer)


_Begun = tuple[int, int, tuple[Link, ...]]


def _closed(begun: _Begun | None, draft: Draft | None, columns: list[str]) -> _Begun | None:
    """The mention that goes on with this line; one that does not is noted in the draft."""
    if begun is None or columns[1:2] == ["I"]:
        return begun
    first, last, links = begun
    assert draft is not None  # a mention begins in one
    draft.mark((first, last, UNLABELLED), links)
    return None


def _extended(begun: _Begun | None, at: int, columns: list[str], where: str) -> _Begun:
    if columns[1] not in ("B", "I") or len(columns) < 3:
        raise FormatError(
            f"{where}: {columns[1]!r} in column 2 of {len(columns)}",
            "a token of a mention has B or I, the mention and its entity after it",
        )
    if begun is not None:
        return (begun[0], at, begun[2])
    return (at, at, tuple(_links(columns)))


def _links(columns: list[str]) -> Iterator[Link]:
    name = columns[3] if len(columns) > 3 else ""
    address = columns[4] if len(columns) > 4 else ""
    if name == _NIL:
        yield Link(NIL)
    elif "/" in address:
        yield Link(unquote(address.rpartition("/")[2]))
    elif name:
        yield Link(name)
