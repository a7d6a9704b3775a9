"""What is to be on the server beside what is there, document by document, in flat memory.

The server is the truth about itself: nothing here outlives the process that compares.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from corpus.doccano.exports import ExportFile, Place, read_rows
from corpus.doccano.mapping import (
    ROW_VERSION,
    Triple,
    is_ours,
    read_mark,
    row_comments,
    row_spans,
    spans_mark,
    text_mark,
)
from corpus.errors import DataError
from corpus.model import text_sha256

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
OTHER_SPANS = "its suggestions have changed since the push; the server's are left as they are"
_OUTDATED = frozenset({OTHER_TEXT, OTHER_SPANS})

ACCEPTED = "unsent:"
"""Before a spans mark: these spans never arrived, and `--repair` let a person's work stand."""

ARRIVED = "0:arrived"
"""In place of an import's name: its spans went through, which its other documents, sent again
since, can no longer tell."""

_TELLING = 3  # documents that an import needs before their majority says anything

_TABLES = """
CREATE TABLE local (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, sha TEXT, mark TEXT, spans INT);
CREATE TABLE server (
    id TEXT PRIMARY KEY, example INT, copies INT, text_sha TEXT, sha TEXT, sent TEXT, mark TEXT,
    spans INT, comments INT, confirmed INT, batch TEXT, version TEXT, place INT, size INT
);
CREATE TABLE upload (id TEXT PRIMARY KEY);
"""
_JOIN = """
SELECT local.id, local.spans, local.sha, local.mark,
       server.example, copies, text_sha, server.sha, sent, server.mark, server.spans,
       comments, confirmed, version, arrived, companions, place, size, upload.id IS NOT NULL
FROM local LEFT JOIN server USING (id) LEFT JOIN upload USING (id)
LEFT JOIN (
    -- Doccano stores the spans of one import all or not at all: where most of the documents
    -- that had some have some, it went through, and who has none lost them to a person. How
    -- many had some is said by the mark, of which documents may have been sent again since.
    SELECT batch,
           batch = '0:arrived' OR 2 * SUM(spans > 0) > CAST(batch AS INTEGER) AS arrived,
           CAST(batch AS INTEGER) AS companions
    FROM server WHERE sent NOT LIKE '0:%' AND sent NOT LIKE 'unsent:%' GROUP BY batch
) USING (batch)
ORDER BY seq
"""


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


class Comparison:
    """The documents to push, and what the server holds of them."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self.strangers = 0
        self.rows = 0

    def add_document(self, id: str, sha256: str, spans: Iterable[Triple]) -> None:
        """One more document to push. Raises DataError for an id that was there before."""
        spans = list(spans)
        try:
            self._db.execute(
                "INSERT INTO local (id, sha, mark, spans) VALUES (?, ?, ?, ?)",
                (id, sha256, spans_mark(spans), len(spans)),
            )
        except sqlite3.IntegrityError as error:
            raise DataError(
                f"document id {id!r} stands twice in the input", "nothing was sent; mend the ids"
            ) from error

    def load_server(self, files: Iterable[ExportFile]) -> None:
        """The server's side is what this full export of a shared project says."""
        self._db.execute("DELETE FROM server")
        self.strangers = self.rows = 0
        for file in files:
            for place, row in read_rows(file):
                self.rows += 1
                if not is_ours(row):
                    self.strangers += 1
                    continue
                spans = row_spans(row)
                mark = read_mark(row.corpus_mark)
                self._db.execute(
                    "INSERT INTO server VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET copies = copies + 1",
                    (
                        row.corpus_id,
                        int(row.id),
                        text_sha256(row.text),
                        mark.text,
                        mark.spans,
                        spans_mark(spans),
                        len(spans),
                        len(row_comments(row)),
                        mark.batch,
                        mark.version,
                        *place,
                    ),
                )

    def load_confirmed(self, files: Iterable[ExportFile]) -> None:
        """What this confirmed export lists counts as confirmed."""
        for file in files:
            for _, row in read_rows(file):
                if is_ours(row):
                    self._db.execute(
                        "UPDATE server SET confirmed = 1 WHERE id = ?", (row.corpus_id,)
                    )

    def forget(self, id: str) -> None:
        """The server has no such document any more."""
        self._db.execute("DELETE FROM server WHERE id = ?", (id,))
        self.rows -= 1

    def uploaded(self, id: str) -> bool:
        """This run has sent that document; whether for the first time."""
        return bool(self._db.execute("INSERT OR IGNORE INTO upload VALUES (?)", (id,)).rowcount)

    def is_missing(self, id: str) -> bool:
        """Whether the server lacks this document."""
        query = "SELECT 1 FROM server WHERE id = ?"
        return self._db.execute(query, (id,)).fetchone() is None

    def judge(self) -> Iterator[Judged]:
        """Every document to push with its verdict, in the order of the input."""
        for row in self._db.execute(_JOIN):
            id, count, sha, mark, example, copies, text_sha, server_sha, sent, found = row[:10]
            spans, comments, confirmed, version, arrived, companions = row[10:16]
            place, size, uploaded = row[16:]
            was_sent = bool(uploaded)
            replaceable = False
            if example is None:
                yield Judged(id, count, MISSING, REASONS[MISSING], None, False, None, was_sent)
                continue
            reason = _difference(sha, mark, copies, text_sha, server_sha, sent, version)
            if reason:
                verdict = DIFFERENT
                untouched = not (comments or confirmed) and server_sha == text_mark(text_sha or "")
                lost = not (spans or arrived)
                replaceable = untouched and reason in _OUTDATED and (found == sent or lost)
            elif sent.startswith(ACCEPTED):
                verdict = KEPT
            elif found == sent:
                verdict = STORED
            elif arrived or (spans and companions < _TELLING):
                verdict = EDITED
            else:
                verdict = UNCLEAR if spans or comments or confirmed else LOST
            reason = reason or REASONS[verdict]
            where = Place(place, size)
            yield Judged(
                id,
                count,
                verdict,
                reason,
                example,
                bool(confirmed),
                where,
                was_sent,
                str(found),
                replaceable,
                bool(arrived),
            )

    def count(self) -> Counter[str]:
        """How many documents have which verdict."""
        return Counter(judged.verdict for judged in self.judge())

    def witnesses(self, ids: Iterable[str]) -> list[int]:
        """The examples that came by one import with these documents, which are not among them.

        They can no longer tell that it went through once these are gone.
        """
        self._db.execute("CREATE TEMP TABLE going (id TEXT PRIMARY KEY)")
        self._db.executemany("INSERT INTO going VALUES (?)", ((id,) for id in ids))
        found = self._db.execute(
            "SELECT example FROM server WHERE id NOT IN going AND sent NOT LIKE '0:%' AND batch IN "
            "(SELECT batch FROM server JOIN going USING (id) WHERE batch != ?) ORDER BY example",
            (ARRIVED,),
        ).fetchall()
        self._db.execute("DROP TABLE going")
        return [example for (example,) in found]

    def close(self) -> None:
        """Nothing is left open."""
        self._db.close()


def _difference(
    sha: str, mark: str, copies: int, text_sha: str, server_sha: str, sent: str, version: str
) -> str:
    """What sets the document apart from the one on the server, beside a person's work."""
    if copies > 1:
        return f"the project has it {copies} times"
    if version != ROW_VERSION:
        return f"it was pushed by a corpus of row version {version}, this one has {ROW_VERSION}"
    if text_sha != sha:
        if server_sha == text_mark(sha):
            return "its text was changed on the server after the push"
        return OTHER_TEXT
    if sent.removeprefix(ACCEPTED) != mark:
        return OTHER_SPANS
    return ""
