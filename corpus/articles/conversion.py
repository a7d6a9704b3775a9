"""The one place that makes Documents: pieces of sources in, Documents and rejects out."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from corpus import places
from corpus.addresses import shown
from corpus.articles.cleaning import Cleaned, Normalised, cut_boilerplate, normalise
from corpus.articles.language import detect_language, language_code
from corpus.articles.metadata import read_head
from corpus.articles.raw import (
    BYTES,
    ROWS,
    ConvertOptions,
    Piece,
    RawArticle,
    Source,
    Unreadable,
    name_of,
    place_of,
)
from corpus.articles.readers import READERS
from corpus.articles.records import read_rows
from corpus.articles.rows import record_pieces
from corpus.compression import read_errors
from corpus.errors import CorpusError, RemoteError
from corpus.files import open_input
from corpus.model import Change, Document, count_mentions, make_document, problems_of
from corpus.reading import note_reading
from corpus.store import decode_line


class Converted(NamedTuple):
    """A document or a reject, where it comes from, and the mentions a reject takes with it."""

    source: int
    row: int
    result: Document | Change
    mentions: int = 0


def article_pieces(source: Source, options: ConvertOptions) -> Iterator[Piece]:
    """What is to be read of a source, in pieces of at most about a megabyte where it has rows."""
    if source.problem:
        yield Piece(source, problem=source.problem)
    elif READERS[source.kind].read is None:
        yield from record_pieces(source, options)
    else:
        note_reading(source.path)  # by whoever gets the piece
        yield Piece(source)


def chunk_pieces(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces in lists of about ROWS articles or BYTES bytes; the same for any workers."""
    chunk: list[Piece] = []
    articles = size = 0
    for piece in pieces:
        parts = piece.rows or piece.ready
        count = len(parts) if parts is not None else 1
        if chunk and articles + count > ROWS:
            yield chunk
            chunk, articles, size = [], 0, 0
        chunk.append(piece)
        articles += count
        size += _size_of(piece)
        if articles >= ROWS or size >= BYTES:
            yield chunk
            chunk, articles, size = [], 0, 0
    if chunk:
        yield chunk


def _size_of(piece: Piece) -> int:
    if piece.rows is not None:
        return sum(len(line) for _, line in piece.rows)
    if piece.ready is not None:
        return sum(len(document.text) for document in piece.ready)
    with contextlib.suppress(OSError):
        return places.size_of(piece.source.path)
    return 0


def convert_piece(piece: Piece, options: ConvertOptions) -> Iterator[Converted]:
    """Every article of the piece as a Document, or as a reject with a reason."""
    source = piece.source
    if piece.problem:
        yield _rejected(source, Unreadable(piece.problem, row=piece.row, where=piece.where))
    elif piece.ready is not None:
        for row, document in enumerate(piece.ready, piece.row):
            yield Converted(source.number, row, _with_lang(document, options))
    elif source.kind == "documents":
        for row, line in piece.rows or ():
            yield _read_document(source, row, line, options)
    else:
        articles = read_rows(piece, options) if piece.rows is not None else _read_file(source)
        for article in articles:
            if isinstance(article, RawArticle):
                yield _convert(source, article, options)
            else:
                yield _rejected(source, article)


def _read_file(source: Source) -> Iterator[RawArticle | Unreadable]:
    read = READERS[source.kind].read
    try:
        with contextlib.closing(open_input(source.path)) as stream:
            data = stream.read()
    except RemoteError:
        raise  # it may be there the next time: no reject
    except read_errors(CorpusError) as error:
        message = error.message if isinstance(error, CorpusError) else str(error)
        yield Unreadable(f"cannot be read: {message.removeprefix(f'{shown(source.path)}: ')}")
        return
    if not data.strip():
        yield Unreadable("it is empty")
        return
    digest = hashlib.sha256(data).hexdigest()
    assert read is not None
    for article in _guarded(read(data)):
        if isinstance(article, RawArticle):
            yield msgspec.structs.replace(article, source_sha256=digest)
        else:
            yield article


def _guarded(articles: Iterator[RawArticle | Unreadable]) -> Iterator[RawArticle | Unreadable]:
    """The articles; where a parser gives up on the file, its reason instead of the rest."""
    from lxml.etree import LxmlError

    try:
        yield from articles
    except (LxmlError, ValueError, RecursionError) as error:
        yield Unreadable(f"cannot be parsed: {' '.join(str(error).split())}")


def _rejected(source: Source, bad: Unreadable) -> Converted:
    place = place_of(source, bad.row)
    where = f"{place}{bad.where}" if bad.where.startswith(":") else bad.where or place
    name = bad.id or name_of(source, bad.row)
    return Converted(source.number, bad.row, Change("rejected", name, bad.reason, where))


def _read_document(source: Source, row: int, line: bytes, options: ConvertOptions) -> Converted:
    where = place_of(source, row)
    try:
        document = decode_line(line, Document, where)
    except CorpusError as error:
        place, _, reason = error.message.partition(": ")
        return Converted(
            source.number, row, Change("rejected", name_of(source, row), reason, place)
        )
    for problem in problems_of(document):
        change = Change("rejected", document.id, problem, where)
        return Converted(source.number, row, change, count_mentions(document))
    return Converted(source.number, row, _with_lang(document, options))


def _with_lang(document: Document, options: ConvertOptions) -> Document:
    if not options.lang or document.lang == options.lang:
        return document
    return msgspec.structs.replace(document, lang=options.lang)


def _convert(source: Source, raw: RawArticle, options: ConvertOptions) -> Converted:
    name = raw.id or name_of(source, raw.row)
    problem = _problem_of(raw)
    if not problem:
        document = _make_document(source, raw, name, options)
        if document.text.strip():
            return Converted(source.number, raw.row, document)
        problem = "nothing but web boilerplate" if "cuts" in document.meta else "it has no text"
    name = name.encode("utf-8", "replace").decode("utf-8")
    change = Change("rejected", name, problem, place_of(source, raw.row))
    return Converted(source.number, raw.row, change)


def _problem_of(raw: RawArticle) -> str:
    """Why no Document can be made: NUL or a lone surrogate, in the text or what is kept beside."""
    if "\0" in raw.text:
        return f"NUL (U+0000) at offset {raw.text.index(chr(0))} of the text"
    try:
        raw.text.encode("utf-8")
    except UnicodeEncodeError as error:
        return (
            f"lone surrogate U+{ord(raw.text[error.start]):04X} at offset {error.start} of the text"
        )
    beside = (raw.id, raw.title, raw.byline, raw.date, raw.uri, raw.credit, raw.dateline, raw.more)
    try:
        if b"\\u0000" in msgspec.json.encode(beside):
            return "NUL (U+0000) in its id or metadata"
    except UnicodeEncodeError:
        return "a lone surrogate in its id or metadata"
    return ""


def _make_document(source: Source, raw: RawArticle, name: str, options: ConvertOptions) -> Document:
    normal = normalise(raw.text)
    cleaned = cut_boilerplate(normal.text, keep=options.keep_boilerplate)
    text = cleaned.text
    meta = _meta(source, raw, normal, cleaned)
    lang = options.lang or (language_code(raw.lang) if raw.lang_is_sure else "")
    lang = lang or detect_language(text) or language_code(raw.lang)
    return make_document(name, text, lang=lang, meta=meta)


def _meta(source: Source, raw: RawArticle, normal: Normalised, cleaned: Cleaned) -> dict[str, Any]:
    head = read_head(cleaned.text, title=raw.title)
    file = name_of(source, raw.row)
    meta = {
        "title": head.title,
        "dateline": raw.dateline or head.dateline,
        "dateline_date": head.dateline_date,
        "byline": raw.byline or head.byline,
        "credit": raw.credit or cleaned.credit or head.credit,
        "date": raw.date,
        "source": raw.uri or file,
        "file": file,
        "source_sha256": raw.source_sha256,
        "format": source.kind,
        "encoding": raw.encoding,
        "cuts": [{"at": at, "text": text, "reason": why} for at, text, why in cleaned.cuts],
        "edits": [list(edit) for edit in normal.edits],
        "newlines": normal.newlines,
        "normal_form": normal.normal_form,
        **raw.more,
    }
    return {key: value for key, value in meta.items() if value}
