"""From the rows of a project for spans to the layers of one annotator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from corpus.doccano.annotators import ANNOTATOR, Share
from corpus.doccano.exports import ExportFile, Place, RowIndex, read_rows
from corpus.doccano.mapping import (
    ROW_VERSION,
    ExportRow,
    Triple,
    decode_row,
    is_ours,
    read_mark,
    read_mentions,
    row_comments,
    row_spans,
)
from corpus.doccano.pieces import document_of, layer_between, piece_of, what_lacks
from corpus.doccano.sources import CONFIRMED_MEANWHILE, LayerKey, Pulled, Refused
from corpus.doccano.span_examples import (
    Example,
    joint_state,
    rebuild_document,
    settle_row,
    span_state,
)
from corpus.errors import UsageError
from corpus.model import (
    Change,
    Document,
    Layer,
    Mention,
    State,
    layer_of,
    text_sha256,
    with_ids,
)


class Reading(NamedTuple):
    """How the spans of a project are to be read: its unit, and the layer that was suggested."""

    graphemes: bool
    shared: bool
    suggested: str


class SpanSource:
    """One annotator's rows of a full and a confirmed export, found by document id.

    `first`: of the annotators of a project that is not shared, the one who tells its strangers.
    """

    def __init__(
        self,
        annotator: str,
        round: int,
        full: ExportFile,
        confirmed: ExportFile | None,
        reading: Reading,
        *,
        first: bool = True,
    ) -> None:
        self.key: LayerKey = (f"{ANNOTATOR}{annotator}", "spans", round)
        self.cut_from = 0
        self._file = full
        self._reading = reading
        self._first = first
        self._full = RowIndex(full.path)
        self._confirmed = RowIndex(confirmed.path) if confirmed else None
        for place, row in read_rows(confirmed) if confirmed else ():
            if is_ours(row) and self._confirmed is not None:
                self._confirmed.add(row.corpus_id, place)

    def load(self) -> Iterator[Refused]:
        """The rows that are not taken; all others are indexed from now on."""
        for place, row in read_rows(self._file):
            layer = self.key[0]
            if not is_ours(row):
                reason, layer = "it was not pushed by corpus: it has no corpus_id", ""
            elif (version := read_mark(row.corpus_mark).version) != ROW_VERSION:
                reason = f"it was pushed by a corpus of row version {version}"
            else:
                reason = self._add(row, place)
            if not reason:
                continue
            # Every file of a project that is not shared lists the same strangers.
            told = bool(layer) or self._first
            change = _reject(str(row.corpus_id or ""), reason, layer, row) if told else None
            yield Refused(change, len(row_spans(row)))

    def _add(self, row: ExportRow, place: Place) -> str:
        """Why the row is not taken, or nothing."""
        if piece_of(read_mark(row.corpus_mark)) is None:
            if self._full.pieces(row.corpus_id):
                return "the project has this document in pieces too, which count"
            added = self._full.add(row.corpus_id, place)
        else:
            whole = document_of(row)
            if self._full.peek(whole):
                return "the project has this document whole too, and that counts"
            added = self._full.add(row.corpus_id, place, whole)
        return "" if added else "the project has this document twice; its first example counts"

    def _examples(self, id: str) -> list[Example]:
        """The example of this document or, in their order, those of its pieces."""
        found = []
        for each in self._full.pieces(id) or [id]:
            full = self._full.line(each)
            if full is None:
                continue
            line = self._confirmed.line(each) if self._confirmed else None
            row, is_confirmed = settle_row(self._decode(full), self._decode(line) if line else None)
            state = span_state(row, is_confirmed, shared=self._reading.shared)
            torn = line is not None and not is_confirmed
            found.append(Example(row, state, torn, piece_of(read_mark(row.corpus_mark))))
        return sorted(found, key=lambda one: one.piece.number if one.piece else 0)

    def pull(self, document: Document) -> Pulled | None:
        """The annotator's layer of this document; None if the project does not have it."""
        examples = self._examples(document.id)
        if not examples:
            return None
        pieces = [one.piece for one in examples if one.piece]
        if pieces:
            self.cut_from = min(self.cut_from or len(document.text), len(document.text))
        reason = what_lacks(pieces)
        if not reason and text_sha256("".join(one.row.text for one in examples)) != document.sha256:
            reason = (
                "its text on the server is not that of the document, so its spans may be shifted"
            )
        elif not reason and any(one.row.relations for one in examples):
            reason = "it has relations, which corpus does not know"
        if reason:
            refused = [_reject(document.id, reason, self.key[0], examples[0].row)]
            return Pulled(None, refused, sum(len(row_spans(one.row)) for one in examples))
        return self._read(document, examples)

    def _read(self, document: Document, examples: Sequence[Example]) -> Pulled:
        name, _, round = self.key
        mentions, refused = self._mentions(document, examples)
        layer = Layer(
            name=name,
            round=round,
            state=joint_state([one.state for one in examples]),
            blind=any(read_mark(one.row.corpus_mark).is_blind for one in examples),
            comments=tuple(comment for one in examples for comment in row_comments(one.row)),
            mentions=with_ids(mentions),
        )
        changes = [
            Change(
                kind="rejected",
                document=document.id,
                reason=reason,
                layer=name,
                mention=f"{start}-{end}:{label}",
                before={"start": start, "end": end, "label": label},
            )
            for (start, end, label), reason in refused
        ]
        # A person's doing, or that of an interrupted push.
        bare = layer.state == "touched" and any(one.is_bare for one in examples)
        notes = {"without_their_suggestions": int(bare)}
        if any(one.torn for one in examples):
            notes[CONFIRMED_MEANWHILE] = 1
        return Pulled(layer, changes, len(refused), notes)

    def _mentions(
        self, document: Document, examples: Sequence[Example]
    ) -> tuple[list[Mention], list[tuple[Triple, str]]]:
        """The mentions of all examples, in the text of the document; what no text holds."""
        known = layer_of(document, self._reading.suggested)
        mentions: list[Mention] = []
        refused: list[tuple[Triple, str]] = []
        start = 0
        for one in examples:
            # Piece by piece: a span that runs past the end of one must not reach into the next.
            text = str(one.row.text)
            there = layer_between(known, start, start + len(text)) if known else None
            read, not_read = read_mentions(
                text, row_spans(one.row), there, graphemes=self._reading.graphemes
            )
            where = f", in piece {one.piece.number} of {one.piece.total}" if one.piece else ""
            refused += [(span, reason + where) for span, reason in not_read]
            mentions += [
                msgspec.structs.replace(each, start=each.start + start, end=each.end + start)
                for each in read
            ]
            start += len(text)
        return mentions, refused

    def rest(self) -> Iterator[str]:
        """The ids that nobody asked for, in the order of the export."""
        return self._full.unseen()

    def rebuild(self, id: str) -> tuple[Document | None, str]:
        """The document as it was pushed, as far as its row knows it, or why it cannot be told."""
        ids = self._full.pieces(id) or [id]
        rows = [self._decode(line) for line in map(self._full.peek, ids) if line]
        return rebuild_document(rows) if rows else (None, "")

    def discard(self, id: str) -> tuple[str, int] | None:
        """The example, or those of its pieces, and how many spans there are."""
        rows = [one.row for one in self._examples(id)]
        if not rows:
            return None
        where = f"example {', '.join(str(row.id) for row in rows)}"
        return where, sum(len(row_spans(row)) for row in rows)

    def states(self) -> Counter[State]:
        """How many examples, documents or pieces of one, are in which state."""
        return Counter(
            span_state(row, self._is_confirmed(row), shared=self._reading.shared)
            for _, row in read_rows(self._file)
            if is_ours(row)
        )

    def _is_confirmed(self, row: ExportRow) -> bool:
        return bool(self._confirmed and self._confirmed.peek(row.corpus_id))

    def _decode(self, line: bytes) -> ExportRow:
        return decode_row(line, f"export of {self._file.author}")

    def close(self) -> None:
        """Nothing is left open."""
        self._full.close()
        if self._confirmed:
            self._confirmed.close()


def open_span_sources(
    share: Share,
    full: Sequence[ExportFile],
    confirmed: Sequence[ExportFile],
    *,
    suggested: str,
    annotator: str,
) -> list[SpanSource]:
    """The sources of one project: of a shared one its annotator's, else one for each member.

    `annotator` is whom the person asked for. Raises UsageError for one whom such a project does
    not have.
    """
    shared = bool(share.project["collaborative_annotation"])
    reading = Reading(bool(share.project["grapheme_mode"]), shared, suggested)
    if shared:
        theirs = confirmed[0] if confirmed else None
        return [SpanSource(share.annotator, share.round, full[0], theirs, reading)]
    authors = [file.author for file in full]
    if annotator and annotator not in authors:
        raise UsageError(
            f"--annotator {annotator}: no member of the project",
            f"its members are: {', '.join(authors)}",
        )
    by_author = {file.author: file for file in confirmed}
    chosen = [file for file in full if annotator in ("", file.author)]
    return [
        SpanSource(
            file.author, share.round, file, by_author.get(file.author), reading, first=not number
        )
        for number, file in enumerate(chosen)
    ]


def _reject(document: str, reason: str, layer: str, row: ExportRow) -> Change:
    return Change(
        kind="rejected",
        document=document or f"doccano:{row.id}",
        reason=reason,
        where=f"example {row.id}",
        layer=layer,
    )
