"""What is to be on the server beside what is there, document by document, in flat memory.

The server is the truth about itself: nothing here outlives the process that compares.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

from corpus.doccano.exports import ExportFile, read_rows
from corpus.doccano.judged import ARRIVED, JoinedRow, Judged, judge_row
from corpus.doccano.mapping import (
    Triple,
    is_ours,
    read_mark,
    row_comments,
    row_spans,
    spans_mark,
)
from corpus.doccano.pieces import document_of, piece_of
from corpus.errors import DataError
from corpus.model import text_sha256

_TABLES = """
CREATE TABLE local (
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, sha TEXT, mark TEXT, spans INT, document TEXT, cut TEXT
);
CREATE TABLE server (
    id TEXT PRIMARY KEY, example INT, copies INT, text_sha TEXT, sha TEXT, sent TEXT, mark TEXT,
    spans INT, comments INT, confirmed INT, batch TEXT, version TEXT, place INT, size INT,
    document TEXT, cut TEXT
);
CREATE TABLE recut (document TEXT PRIMARY KEY);
CREATE TABLE upload (id TEXT PRIMARY KEY);
"""
_JOIN = """
SELECT local.id, local.spans, local.sha, local.mark,
       server.example, copies, text_sha, server.sha, sent, server.mark, server.spans,
       comments, confirmed, version, arrived, companions, place, size, upload.id IS NOT NULL,
       recut.document IS NOT NULL
FROM local LEFT JOIN server USING (id) LEFT JOIN upload USING (id)
LEFT JOIN recut ON recut.document = local.document
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


class Comparison:
    """The documents to push, and what the server holds of them."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self.strangers = 0
        self.rows = 0

    def add_document(
        self, id: str, sha256: str, spans: Iterable[Triple], *, document: str = "", cut: str = ""
    ) -> None:
        """One more to push: a document, or a piece of `document` that is cut so.

        Raises DataError for an id that was there before.
        """
        spans = list(spans)
        try:
            self._db.execute(
                "INSERT INTO local (id, sha, mark, spans, document, cut) VALUES (?, ?, ?, ?, ?, ?)",
                (id, sha256, spans_mark(spans), len(spans), document or id, cut),
            )
        except sqlite3.IntegrityError as error:
            raise DataError(
                f"document id {id!r} stands twice in the input", "nothing was sent; mend the ids"
            ) from error

    def load_server(self, files: Iterable[ExportFile]) -> None:
        """The server's side is what this full export of a shared project says."""
        self._db.execute("DELETE FROM server")
        self._db.execute("DELETE FROM recut")
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
                    "INSERT INTO server VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?) "
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
                        document_of(row),
                        piece.cut if (piece := piece_of(mark)) else "",
                    ),
                )
        self._db.execute(
            "INSERT INTO recut SELECT DISTINCT document FROM server JOIN local USING (document) "
            "WHERE server.cut != local.cut"
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

    def has_spans(self) -> bool:
        """Whether any document is to be sent with a span."""
        query = "SELECT 1 FROM local WHERE spans > 0 LIMIT 1"
        return self._db.execute(query).fetchone() is not None

    def is_missing(self, id: str) -> bool:
        """Whether the server lacks this document."""
        query = (
            "SELECT 1 FROM local LEFT JOIN server USING (id) WHERE local.id = ? "
            "AND server.id IS NULL AND local.document NOT IN (SELECT document FROM recut)"
        )
        return self._db.execute(query, (id,)).fetchone() is not None

    def judge(self) -> Iterator[Judged]:
        """Every document to push with its verdict, in the order of the input."""
        for row in self._db.execute(_JOIN):
            yield judge_row(JoinedRow(*row))

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
