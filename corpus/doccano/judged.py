"""The verdict on one document to push, from what the server has of it."""

from __future__ import annotations

from typing import NamedTuple

from corpus.doccano.exports import Place
from corpus.doccano.mapping import ROW_VERSION, text_mark

MISSING = "missing"
STORED = "stored"
EDITED = "edited"
KEPT = "kept without suggestions"
LOST = "lost"
UNCLEAR = "unclear"
DIFFERENT = "different"

REASONS = {
    MISSING: "it is not on the server",
    STORED: "its spans are on the server as sent",
    EDITED: "a person has changed its spans since they were sent",
    KEPT: "a person judged it without its suggestions, which --repair accepted",
    LOST: "an interrupted import left it without spans, and nobody has touched it since",
    UNCLEAR: "an interrupted import left it without spans, and somebody has worked on it since",
}

OTHER_TEXT = "its source text has changed since the push; the server's is left as it is"
OTHER_CUT = (
    "it is there in other pieces, of another text or --max-chars, which are left as they are"
)
OTHER_SPANS = "its suggestions have changed since the push; the server's are left as they are"
_OUTDATED = frozenset({OTHER_TEXT, OTHER_SPANS})

ACCEPTED = "unsent:"
"""Before a spans mark: these spans never arrived, and `--repair` let a person's work stand."""

ARRIVED = "0:arrived"
"""In place of an import's name: its spans went through, which its other documents, sent again
since, can no longer tell."""

_TELLING = 3  # documents that an import needs before their majority says anything


class Judged(NamedTuple):
    """One document of the input: its verdict, why, and its row on the server, if it has one.

    `replaceable`: another text or other suggestions were pushed, and nobody has touched it, as
    far as both exports tell.
    """

    id: str
    spans: int  # how many were to be sent
    verdict: str
    reason: str
    example: int | None
    confirmed: bool
    place: Place | None
    uploaded: bool
    found: str = ""  # the mark of the spans that are there
    replaceable: bool = False
    arrived: bool = False  # the spans of its import went through


class JoinedRow(NamedTuple):
    """A document to push beside its row on the server; without one that half is None."""

    id: str
    to_send: int
    sha: str
    mark: str
    example: int | None
    copies: int
    text_sha: str
    server_sha: str
    sent: str
    found: str
    spans: int
    comments: int
    confirmed: int
    version: str
    arrived: int
    companions: int
    place: int
    size: int
    uploaded: int
    is_recut: int


def judge_row(row: JoinedRow) -> Judged:
    """The verdict on it."""
    judged = Judged(
        row.id, row.to_send, MISSING, REASONS[MISSING], None, False, None, bool(row.uploaded)
    )
    if row.is_recut:
        return judged._replace(verdict=DIFFERENT, reason=OTHER_CUT)
    if row.example is None:
        return judged
    reason = _difference(row)
    replaceable = False
    if reason:
        verdict = DIFFERENT
        untouched = not (row.comments or row.confirmed)
        untouched = untouched and row.server_sha == text_mark(row.text_sha or "")
        lost = not (row.spans or row.arrived)
        replaceable = untouched and reason in _OUTDATED and (row.found == row.sent or lost)
    elif row.sent.startswith(ACCEPTED):
        verdict = KEPT
    elif row.found == row.sent:
        verdict = STORED
    elif row.arrived or (row.spans and row.companions < _TELLING):
        verdict = EDITED
    else:
        verdict = UNCLEAR if row.spans or row.comments or row.confirmed else LOST
    return judged._replace(
        verdict=verdict,
        reason=reason or REASONS[verdict],
        example=row.example,
        confirmed=bool(row.confirmed),
        place=Place(row.place, row.size),
        found=row.found,
        replaceable=replaceable,
        arrived=bool(row.arrived),
    )


def _difference(row: JoinedRow) -> str:
    """What sets the document apart from the one on the server, beside a person's work."""
    if row.copies > 1:
        return f"the project has it {row.copies} times"
    if row.version != ROW_VERSION:
        return f"it was pushed by a corpus of row version {row.version}, this one has {ROW_VERSION}"
    if row.text_sha != row.sha:
        if row.server_sha == text_mark(row.sha):
            return "its text was changed on the server after the push"
        return OTHER_TEXT
    if row.sent.removeprefix(ACCEPTED) != row.mark:
        return OTHER_SPANS
    return ""
