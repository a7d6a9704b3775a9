"""From the rows of a project for spans to the layers of one annotator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corpus.doccano.annotators import ANNOTATOR, Share
from corpus.doccano.comparison import ACCEPTED
from corpus.doccano.exports import ExportFile, RowIndex, read_rows
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
    spans_mark,
    text_mark,
)
from corpus.doccano.sources import CONFIRMED_MEANWHILE, LayerKey, Pulled, Refused
from corpus.errors import UsageError
from corpus.model import (
    Change,
    Document,
    Layer,
    State,
    layer_of,
    make_document,
    text_sha256,
    with_ids,
)

_NONE = spans_mark(())


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
            elif not self._full.add(row.corpus_id, place):
                reason = "the project has this document twice; its first example counts"
            else:
                continue
            # Every file of a project that is not shared lists the same strangers.
            told = bool(layer) or self._first
            change = _reject(str(row.corpus_id or ""), reason, layer, row) if told else None
            yield Refused(change, len(row_spans(row)))

    def pull(self, document: Document) -> Pulled | None:
        """The annotator's layer of this document; None if the project does not have it."""
        full = self._full.line(document.id)
        if full is None:
            return None
        line = self._confirmed.line(document.id) if self._confirmed else None
        row, is_confirmed = settle_row(self._decode(full), self._decode(line) if line else None)
        spans = row_spans(row)
        reason = ""
        if text_sha256(row.text) != document.sha256:
            reason = (
                "its text on the server is not that of the document, so its spans may be shifted"
            )
        elif row.relations:
            reason = "it has relations, which corpus does not know"
        if reason:
            refused = [_reject(document.id, reason, self.key[0], row)]
            return Pulled(None, refused, len(spans))
        pulled = self._read(document, row, spans, is_confirmed)
        if line and not is_confirmed:
            pulled = pulled._replace(notes={**pulled.notes, CONFIRMED_MEANWHILE: 1})
        return pulled

    def _read(
        self, document: Document, row: ExportRow, spans: Sequence[Triple], is_confirmed: bool
    ) -> Pulled:
        name, _, round = self.key
        known = layer_of(document, self._reading.suggested)
        mentions, refused = read_mentions(
            document.text, spans, known, graphemes=self._reading.graphemes
        )
        mark = read_mark(row.corpus_mark)
        layer = Layer(
            name=name,
            round=round,
            state=span_state(row, is_confirmed, shared=self._reading.shared),
            blind=mark.is_blind,
            comments=row_comments(row),
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
        bare = not spans and mark.spans != _NONE and layer.state == "touched"
        return Pulled(layer, changes, len(refused), {"without_their_suggestions": int(bare)})

    def rest(self) -> Iterator[str]:
        """The ids that nobody asked for, in the order of the export."""
        return self._full.unseen()

    def rebuild(self, id: str) -> tuple[Document | None, str]:
        """The document as it was pushed, as far as its row knows it, or why it cannot be told."""
        line = self._full.peek(id)
        return rebuild_document(self._decode(line)) if line else (None, "")

    def discard(self, id: str) -> tuple[str, int] | None:
        """The row's example and how many spans it has."""
        line = self._full.line(id)
        if line is None:
            return None
        row = self._decode(line)
        return f"example {row.id}", len(row_spans(row))

    def states(self) -> Counter[State]:
        """How many documents are in which state."""
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


def rebuild_document(row: ExportRow) -> tuple[Document | None, str]:
    """The document as it was pushed, as far as its row knows it, or why it may not be that."""
    meta = {"title": row.corpus_title, "date": row.corpus_date}
    document = make_document(
        str(row.corpus_id), str(row.text), meta={key: value for key, value in meta.items() if value}
    )
    if read_mark(row.corpus_mark).text != text_mark(document.sha256):
        return None, "its text was changed on the server after the push"
    return document, ""


def _reject(document: str, reason: str, layer: str, row: ExportRow) -> Change:
    return Change(
        kind="rejected",
        document=document or f"doccano:{row.id}",
        reason=reason,
        where=f"example {row.id}",
        layer=layer,
    )
