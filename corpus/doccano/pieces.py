"""An article over a length as several examples, cut between paragraphs, and back to one.

A piece is a document of its own for push and for the server: `afp-1 (2/3)`. What it is a piece of
stands in its mark, so that no name can be mistaken for one.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from corpus.doccano.mapping import ExportRow, PushMark, read_mark
from corpus.model import Document, Layer, layer_of, make_document, with_layer
from corpus.offsets import Span
from corpus.store import encode_line

_PARAGRAPH_END = re.compile(r"\n(?:\s*\n)?")
_MARK = re.compile(r"(\d+)/(\d+):(\d+):([0-9a-f]{12})")


class Piece(NamedTuple):
    """Which piece it is, counted from 1, of how many; where it starts, in code points.

    `cut` is the same for all pieces of one text cut at the same places, and for no others.
    """

    number: int
    total: int
    start: int
    cut: str

    def __str__(self) -> str:
        return f"{self.number}/{self.total}:{self.start}:{self.cut}"

    @property
    def suffix(self) -> str:
        """What its id has after that of the document."""
        return f" ({self.number}/{self.total})"


def cut_document(
    document: Document, layer: str, longest: int
) -> Iterator[tuple[Document, Piece | None]]:
    """The document in pieces of at most `longest` code points, with the layer's mentions.

    The texts of the pieces, one after the other, are the document's. A cut is at the end of a
    paragraph and inside no mention, so that a longer paragraph makes a longer piece. A document
    that fits, or can be cut nowhere, comes back itself.
    """
    suggested = layer_of(document, layer)
    starts = _starts(document.text, suggested, longest) if len(document.text) > longest else [0]
    if len(starts) == 1:
        yield document, None
        return
    cut = cut_mark(document.sha256, starts)
    meta = {key: document.meta[key] for key in ("title", "date") if key in document.meta}
    for number, (start, end) in enumerate(pairwise([*starts, len(document.text)]), 1):
        piece = Piece(number, len(starts), start, cut)
        part = make_document(document.id + piece.suffix, document.text[start:end], meta=meta)
        if suggested is not None:
            part = with_layer(part, layer_between(suggested, start, end))
        yield part, piece


def cut_mark(sha256: str, starts: Sequence[int]) -> str:
    """The hash of a text's hash and of the places where it is cut."""
    return hashlib.sha256(encode_line([sha256, list(starts)])).hexdigest()[:12]


def piece_of(mark: PushMark) -> Piece | None:
    """Which piece a row is; None for a whole document."""
    found = _MARK.fullmatch(mark.piece)
    return Piece(int(found[1]), int(found[2]), int(found[3]), found[4]) if found else None


def document_of(row: ExportRow) -> str:
    """The id of the document that the row is, or is a piece of."""
    piece = piece_of(read_mark(row.corpus_mark))
    return str(row.corpus_id).removesuffix(piece.suffix) if piece else str(row.corpus_id)


def what_lacks(pieces: Sequence[Piece]) -> str:
    """Why these are not all pieces of one document, cut once; nothing if they are."""
    if len({(piece.total, piece.cut) for piece in pieces}) > 1:
        return "its pieces on the server are of more than one text or --max-chars"
    there = {piece.number for piece in pieces}
    absent = [str(n) for n in range(1, pieces[0].total + 1) if n not in there] if pieces else []
    if absent:
        which = f"of its {pieces[0].total} pieces the server does not have {', '.join(absent)}"
        return f"{which}; push the documents again"
    return ""


def in_order(rows: Iterable[ExportRow]) -> list[ExportRow]:
    """The pieces of a document in the order of its text."""
    return sorted(rows, key=lambda row: piece_of(read_mark(row.corpus_mark)) or ())


def layer_between(layer: Layer, start: int, end: int) -> Layer:
    """The layer's mentions in that stretch of the text, with the offsets that they have there."""
    mentions = (
        msgspec.structs.replace(one, start=one.start - start, end=one.end - start)
        for one in layer.mentions
        if start <= one.start and one.end <= end
    )
    return msgspec.structs.replace(layer, mentions=tuple(mentions))


def _starts(text: str, layer: Layer | None, longest: int) -> list[int]:
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())  # no piece is all blanks
    taken = _covered(layer)
    ends = (found.end() for found in _PARAGRAPH_END.finditer(text))
    cuts = [end for end in ends if first < end <= last and not _is_inside(end, taken)]
    starts = [0]
    while len(text) - starts[-1] > longest:
        after = bisect_right(cuts, starts[-1])
        if after == len(cuts):
            break
        starts.append(cuts[max(bisect_right(cuts, starts[-1] + longest) - 1, after)])
    return starts


def _covered(layer: Layer | None) -> list[Span]:
    """What the mentions cover, disjoint, by start."""
    covered: list[Span] = []
    for start, end in sorted((m.start, m.end) for m in (layer.mentions if layer else ())):
        if covered and start < covered[-1][1]:
            covered[-1] = (covered[-1][0], max(end, covered[-1][1]))
        else:
            covered.append((start, end))
    return covered


def _is_inside(place: int, covered: Sequence[Span]) -> bool:
    at = bisect_left(covered, (place,)) - 1  # the last that starts before the place
    return at >= 0 and place < covered[at][1]
