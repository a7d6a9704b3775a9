"""All sources through one process or several: counted, duplicates found, in order.

A worker converts and encodes a chunk; only digests of ids and texts come back beside the
encoded bytes. A chunk with an id that stood before is done again without it: that is rare.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from corpus.addresses import shown
from corpus.articles.conversion import article_pieces, chunk_pieces, convert_piece
from corpus.articles.digests import SIZE, PlacesByDigest
from corpus.articles.raw import ConvertOptions, Piece, Source, grouped, name_of, place_of
from corpus.articles.readers import READERS
from corpus.engine import Rescue, run_chunks
from corpus.errors import CorpusError, RemoteError
from corpus.manifest import Stage
from corpus.model import Change, Document, count_mentions

T = TypeVar("T")
Encode = Callable[[list[Document]], T]
ReadAnnotated = Callable[[Source], Iterator[Document]]

_ROW_BITS = 36  # rows of a file; the 27 above them number the files
_LISTED = 1000  # duplicate texts named in the manifest; all are counted


class Mark(NamedTuple):
    """What is remembered of a document: id and text as digests, its place, its mentions."""

    id: str
    id_digest: bytes
    text_digest: bytes
    source: int
    row: int
    mentions: int


class Reject(NamedTuple):
    """A reject, and how many mentions go with it."""

    change: Change
    mentions: int


# Python 3.10 knows no NamedTuple that is generic.
@dataclasses.dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """A chunk: a mark for each document, the rejects, and what `encode` made of the documents."""

    marks: list[Mark]
    rejects: list[Reject]
    payload: T


def convert_sources(
    sources: list[Source],
    *,
    options: ConvertOptions,
    encode: Encode[T],
    read_annotated: ReadAnnotated,
    stage: Stage,
    workers: int = 1,
    scheduler: str = "",
) -> Iterator[T]:
    """What `encode` makes of the documents of each chunk, in the order of the sources.

    Every article is counted in the stage, each reject recorded. `read_annotated` reads kinds
    that are none of READERS. With several workers `encode` must pickle.
    """
    chunks = chunk_pieces(
        piece for source in sources for piece in _pieces(source, options, read_annotated)
    )
    work = partial(_convert_chunk, options=options, encode=encode)
    rescue = Rescue(_single_articles, partial(_give_up, encode=encode))
    run = partial(run_chunks, workers=workers, scheduler=scheduler)
    with closing(_Seen(sources)) as seen:
        for pieces, batch in run(work, chunks, rescue=rescue):
            twins = seen.twins(batch.marks)
            if twins:
                batch = dataclasses.replace(batch, payload=work(pieces, without=twins).payload)
            _count(stage, batch, twins)
            kept = [mark for at, mark in enumerate(batch.marks) if at not in twins]
            seen.note_texts(stage, kept)
            yield batch.payload


def _pieces(
    source: Source, options: ConvertOptions, read_annotated: ReadAnnotated
) -> Iterator[Piece]:
    if source.problem or source.kind in READERS:
        yield from article_pieces(source, options)
        return
    row = 1
    try:
        for documents in grouped(read_annotated(source), _text_size):
            yield Piece(source, ready=documents, row=row)
            row += len(documents)
    except RemoteError:
        raise  # it may be there the next time: no reject
    except CorpusError as error:
        message = error.message.removeprefix(f"{shown(source.path)}: ")
        yield Piece(source, problem=message, row=row if row > 1 else 0)


def _text_size(document: Document) -> int:
    return len(document.text)


def _convert_chunk(
    pieces: list[Piece],
    *,
    options: ConvertOptions,
    encode: Encode[T],
    without: Collection[int] = (),
) -> Batch[T]:
    marks: list[Mark] = []
    documents: list[Document] = []
    rejects: list[Reject] = []
    for piece in pieces:
        for found in convert_piece(piece, options):
            if isinstance(found.result, Change):
                rejects.append(Reject(found.result, found.mentions))
                continue
            documents.append(found.result)
            marks.append(_mark(found.result, found.source, found.row))
    kept = [document for at, document in enumerate(documents) if at not in without]
    return Batch(marks, rejects, encode(kept))


def _single_articles(pieces: list[Piece]) -> list[list[Piece]]:
    """A list of one article, or of one file, for each in the pieces."""
    parts: list[list[Piece]] = []
    for piece in pieces:
        if piece.rows is not None:
            parts += [[replace(piece, rows=[row])] for row in piece.rows]
        elif piece.ready is not None:
            for row, document in enumerate(piece.ready, piece.row):
                parts.append([replace(piece, ready=[document], row=row)])
        else:
            parts.append([piece])
    return parts


def _give_up(pieces: list[Piece], reason: str, *, encode: Encode[T]) -> Batch[T]:
    """The reject that an article is which cannot even be read here; it is not touched again."""
    rejects = []
    for piece in pieces:
        row = abs(piece.rows[0][0]) if piece.rows else piece.row
        name, mentions = name_of(piece.source, row), 0
        for document in piece.ready or ():
            name, mentions = document.id, count_mentions(document)
        where = place_of(piece.source, row)
        rejects.append(Reject(Change("rejected", name, reason, where), mentions))
    return Batch([], rejects, encode([]))


def _mark(document: Document, source: int, row: int) -> Mark:
    return Mark(
        document.id,
        hashlib.sha256(document.id.encode()).digest()[:SIZE],
        bytes.fromhex(document.sha256[: 2 * SIZE]),
        source,
        row,
        count_mentions(document),
    )


def _count(stage: Stage, batch: Batch[T], twins: dict[int, Change]) -> None:
    lost = [*batch.rejects, *(Reject(twins[at], batch.marks[at].mentions) for at in twins)]
    for reject in lost:
        stage.record(reject.change)
    kept = len(batch.marks) - len(twins)
    mentions = sum(mark.mentions for at, mark in enumerate(batch.marks) if at not in twins)
    gone = sum(reject.mentions for reject in lost)
    for counts, good, bad in (
        (stage.documents, kept, len(lost)),
        (stage.mentions, mentions, gone),
    ):
        counts.received += good + bad
        counts.kept += good
        counts.rejected += bad
        counts.written += good


class _Seen:
    """The digests so far: 16 bytes and a place for each id and each text."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources
        self._ids = PlacesByDigest()
        self._texts = PlacesByDigest()

    def close(self) -> None:
        self._ids.close()
        self._texts.close()

    def twins(self, marks: list[Mark]) -> dict[int, Change]:
        """The rejects of the documents, by position, whose id stood before."""
        twins = {}
        places = [_packed(mark) for mark in marks]
        firsts = self._ids.first_places([mark.id_digest for mark in marks], places)
        for at, (mark, place, first) in enumerate(zip(marks, places, firsts, strict=True)):
            if first != place:
                where = place_of(self._sources[mark.source], mark.row)
                reason = f"its id is also that of {self._place(first)}, which was kept"
                if mark.row:
                    reason += "; --id-column - makes ids of file and row"
                twins[at] = Change("rejected", mark.id, reason, where)
        return twins

    def note_texts(self, stage: Stage, marks: list[Mark]) -> None:
        """Note in the manifest the documents that have the text of an earlier one."""
        places = [_packed(mark) for mark in marks]
        firsts = self._texts.first_places([mark.text_digest for mark in marks], places)
        for mark, place, first in zip(marks, places, firsts, strict=True):
            if first == place:
                continue
            notes = stage.manifest.notes
            notes["duplicate_texts"] = notes.get("duplicate_texts", 0) + 1
            listed = notes.setdefault("duplicates", [])
            if len(listed) < _LISTED:
                listed.append({"document": mark.id, "same_text_as": self._place(first)})

    def _place(self, packed: int) -> str:
        return place_of(self._sources[packed >> _ROW_BITS], packed & (1 << _ROW_BITS) - 1)


def _packed(mark: Mark) -> int:
    """Source and row in one number below 2^63."""
    return mark.source << _ROW_BITS | mark.row
