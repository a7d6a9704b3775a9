"""From the rows of an export to the layers of annotators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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
)
from corpus.errors import UsageError
from corpus.model import Change, Document, Layer, State, layer_of, text_sha256, with_ids

ANNOTATOR = "annotator:"
_NONE = spans_mark(())
_NAMED = re.compile(r".+\.(?P<name>[^.]+)\.(?P<round>[0-9]{1,6})")


class Reading(NamedTuple):
    """How the spans of a project are to be read: its unit, and the layer that was suggested."""

    graphemes: bool
    shared: bool
    suggested: str


class Pulled(NamedTuple):
    """One annotator's layer of one document or none, and what was refused: `spans` spans in all.

    `bare`: spans were sent and none is there, a person's doing or that of an interrupted push.
    """

    layer: Layer | None
    refused: list[Change]
    spans: int
    bare: bool = False


class Annotator:
    """One annotator's rows of a full and a confirmed export, found by document id."""

    def __init__(
        self, name: str, round: int, full: ExportFile, confirmed: ExportFile | None
    ) -> None:
        self.layer_name = f"{ANNOTATOR}{name}"
        self.round = round
        self.file = full
        self.full = RowIndex(full.path)
        self.confirmed = RowIndex(confirmed.path) if confirmed else None
        for place, row in read_rows(confirmed) if confirmed else ():
            if is_ours(row) and self.confirmed is not None:
                self.confirmed.add(row.corpus_id, place)

    def load(self) -> Iterator[tuple[Change, int]]:
        """The rows that are not taken, with the reason and how many spans they have.

        All others are indexed from now on. A change that names a layer speaks of that alone,
        not of the document.
        """
        for place, row in read_rows(self.file):
            layer = self.layer_name
            if not is_ours(row):
                reason, layer = "it was not pushed by corpus: it has no corpus_id", ""
            elif (version := read_mark(row.corpus_mark).version) != ROW_VERSION:
                reason = f"it was pushed by a corpus of row version {version}"
            elif not self.full.add(row.corpus_id, place):
                reason = "the project has this document twice; its first example counts"
            else:
                continue
            id = str(row.corpus_id or "")
            yield _reject(id, reason, layer, row), len(row_spans(row))

    def row(self, document: str) -> tuple[ExportRow, bool] | None:
        """The row of a document and whether it is confirmed; None if the project has it not.

        Of a confirmed document it is the row that was confirmed, even if the full export, made
        a moment earlier, has an older one.
        """
        full = self.full.line(document)
        if full is None:
            return None
        line = self.confirmed.line(document) if self.confirmed else None
        return decode_row(line or full, f"export of {self.file.author}"), line is not None

    def close(self) -> None:
        """Nothing is left open."""
        self.full.close()
        if self.confirmed:
            self.confirmed.close()


def name_annotator(project: str, annotator: str, user: str) -> tuple[str, int]:
    """Whose a shared project is, and which round: asked for, else as its name says, else ours."""
    named = _NAMED.fullmatch(project)
    name = annotator or (named["name"] if named else user)
    return name, int(named["round"]) if named else 1


def name_annotators(
    full: Sequence[ExportFile],
    confirmed: Sequence[ExportFile],
    *,
    shared: bool,
    project: str,
    annotator: str,
    user: str,
) -> list[Annotator]:
    """Whose layers an export holds.

    A shared project is one annotator's: the one asked for, else the one in its name
    (`news.ann.1` is Ann's first pass), else the one who is logged in. Any other has a file for
    each member. Raises UsageError for an annotator whom such a project does not have.
    """
    name, round = name_annotator(project, annotator, user)
    if shared:
        return [Annotator(name, round, full[0], confirmed[0] if confirmed else None)]
    authors = [file.author for file in full]
    if annotator and annotator not in authors:
        raise UsageError(
            f"--annotator {annotator}: no member of the project",
            f"its members are: {', '.join(authors)}",
        )
    by_author = {file.author: file for file in confirmed}
    return [
        Annotator(file.author, round, file, by_author.get(file.author))
        for file in full
        if annotator in ("", file.author)
    ]


def pull_layer(document: Document, annotator: Annotator, reading: Reading) -> Pulled | None:
    """The annotator's layer of this document; None if the project does not have it."""
    found = annotator.row(document.id)
    if found is None:
        return None
    row, is_confirmed = found
    spans = row_spans(row)
    name = annotator.layer_name
    if text_sha256(row.text) != document.sha256:
        reason = "its text on the server is not that of the document, so its spans may be shifted"
        return Pulled(None, [_reject(document.id, reason, name, row)], len(spans))
    if row.relations:
        reason = "it has relations, which corpus does not know"
        return Pulled(None, [_reject(document.id, reason, name, row)], len(spans))
    known = layer_of(document, reading.suggested)
    mentions, refused = read_mentions(document.text, spans, known, graphemes=reading.graphemes)
    layer = Layer(
        name=name,
        round=annotator.round,
        state=_state(row, spans, is_confirmed, reading),
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
    bare = not spans and read_mark(row.corpus_mark).spans != _NONE and layer.state == "touched"
    return Pulled(layer, changes, len(refused), bare)


def _state(row: ExportRow, spans: Sequence[Triple], is_confirmed: bool, reading: Reading) -> State:
    if is_confirmed:
        return "confirmed"
    sent = read_mark(row.corpus_mark).spans
    untouched = {_NONE if sent.startswith(ACCEPTED) else sent}
    if not reading.shared:  # suggestions are seen by their importer only
        untouched.add(_NONE)
    return "untouched" if spans_mark(spans) in untouched and not row.comments else "touched"


def _reject(document: str, reason: str, layer: str, row: ExportRow) -> Change:
    return Change(
        kind="rejected",
        document=document or f"doccano:{row.id}",
        reason=reason,
        where=f"example {row.id}",
        layer=layer,
    )
