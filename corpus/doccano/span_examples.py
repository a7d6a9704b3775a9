"""What the rows of one document prove: which export to believe, its state, its text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from corpus.doccano.judged import ACCEPTED
from corpus.doccano.mapping import ExportRow, read_mark, row_spans, spans_mark, text_mark
from corpus.doccano.pieces import Piece, cut_mark, document_of, in_order, piece_of, what_lacks
from corpus.model import Document, State, make_document

_NONE = spans_mark(())


class Example(NamedTuple):
    """A row to believe, what Doccano can prove of it, and which piece it is.

    `torn`: it was confirmed while the exports were made.
    """

    row: ExportRow
    state: State
    torn: bool
    piece: Piece | None

    @property
    def is_bare(self) -> bool:
        """Whether none of the spans that were sent are there, nor any other."""
        return not row_spans(self.row) and read_mark(self.row.corpus_mark).spans != _NONE


def settle_row(full: ExportRow, confirmed: ExportRow | None) -> tuple[ExportRow, bool]:
    """The row to believe, and whether it is confirmed: the confirmed export was made first.

    Doccano reads the labels of what is confirmed, and then what is confirmed: a document that is
    confirmed in between is listed there without its labels and comments. So a confirmed row
    without spans counts only where the later full export has none either; its comments do not.
    """
    if confirmed is None:
        return full, False
    if row_spans(confirmed):
        return confirmed, True
    return full, not row_spans(full)


def span_state(row: ExportRow, is_confirmed: bool, *, shared: bool) -> State:
    """What Doccano can prove of one row."""
    if is_confirmed:
        return "confirmed"
    sent = read_mark(row.corpus_mark).spans
    untouched = {_NONE if sent.startswith(ACCEPTED) else sent}
    if not shared:  # suggestions are seen by their importer only
        untouched.add(_NONE)
    same = spans_mark(row_spans(row)) in untouched
    return "untouched" if same and not row.comments else "touched"


def joint_state(states: Sequence[State]) -> State:
    """The state of a document from those of its pieces: confirmed and untouched are of all."""
    return states[0] if len(set(states)) == 1 else "touched"


def rebuild_document(rows: Sequence[ExportRow]) -> tuple[Document | None, str]:
    """The document as it was pushed, as far as its row, or those of its pieces, know it.

    None, and why, if it may not be that.
    """
    marks = [read_mark(row.corpus_mark) for row in rows]
    pieces = sorted(piece for mark in marks if (piece := piece_of(mark)))
    if lacks := what_lacks(pieces):
        return None, lacks
    first, *_ = rows = in_order(rows)
    meta = {"title": first.corpus_title, "date": first.corpus_date}
    document = make_document(
        document_of(first),
        "".join(str(row.text) for row in rows),
        meta={key: value for key, value in meta.items() if value},
    )
    starts = [piece.start for piece in pieces]
    if pieces:
        same = pieces[0].cut == cut_mark(document.sha256, starts)
    else:
        same = marks[0].text == text_mark(document.sha256)
    return (document, "") if same else (None, "its text was changed on the server after the push")
