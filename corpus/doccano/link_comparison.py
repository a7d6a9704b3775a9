"""The decisions to be on the server beside those that are there, a document at a time.

The server is the truth about itself: nothing here outlives the process that compares, and
memory does not grow with the project.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from corpus.doccano.exports import ExportFile
from corpus.doccano.link_examples import LinkExample, shown_ids
from corpus.doccano.link_rows import Stored
from corpus.doccano.link_store import LinkStore
from corpus.doccano.mapping import text_mark
from corpus.errors import DataError
from corpus.model import Document, Layer, Mention

MISSING = "missing"
STORED = "stored"
EDITED = "edited"
LOST = "lost label"
DIFFERENT = "different"

_TABLES = """
CREATE TABLE input (id TEXT PRIMARY KEY);
CREATE TABLE upload (document TEXT, key TEXT, PRIMARY KEY (document, key));
"""


class Judged(NamedTuple):
    """One decision: its verdict and why, and what is known of it on either side."""

    verdict: str
    reason: str
    label: str
    places: tuple[tuple[int, int], ...]
    stored: Stored | None = None
    example: LinkExample | None = None


class LinkComparison:
    """The documents to push, and what the server holds of them."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self.store = LinkStore()
        self.strangers = 0

    def add_document(self, id: str) -> None:
        """One more document to push. Raises DataError for an id that was there before."""
        try:
            self._db.execute("INSERT INTO input VALUES (?)", (id,))
        except sqlite3.IntegrityError as error:
            raise DataError(
                f"document id {id!r} stands twice in the input", "nothing was sent; mend the ids"
            ) from error

    def load_server(self, files: Iterable[ExportFile]) -> None:
        """The server's side is what this full export of a shared project says."""
        self.strangers = sum(1 for _ in self.store.load(files))

    def uploaded(self, example: LinkExample) -> bool:
        """This run has sent that decision; whether for the first time."""
        added = self._db.execute(
            "INSERT OR IGNORE INTO upload VALUES (?, ?)", (example.document, example.key)
        )
        return bool(added.rowcount)

    def judge(self, document: Document, spans: Layer, silver: Layer) -> Iterator[Judged]:
        """A verdict for each decision of the document that the server has."""
        there: dict[tuple[int, int, str], Mention] = {
            (m.start, m.end, m.label): m for m in spans.mentions
        }
        offered = {mention.id: shown_ids(mention) for mention in silver.mentions}
        for stored, copies in self.store.decisions(document.id):
            reason = _difference(document, stored, copies, there, offered)
            verdict = DIFFERENT if reason else STORED
            if not reason and stored.chosen != stored.preselected:
                verdict, reason = self._changed(stored)
            yield Judged(verdict, reason, stored.label, stored.places, stored=stored)

    def _changed(self, stored: Stored) -> tuple[str, str]:
        query = "SELECT 1 FROM upload WHERE document = ? AND key = ?"
        mine = self._db.execute(query, (stored.document, stored.key)).fetchone() is not None
        now = ", ".join(stored.chosen) or "none"
        if not (stored.chosen or stored.confirmed or stored.comments):
            # Of an import that was interrupted, or of a person who has decided nothing yet.
            return LOST, "it has no key, and nobody has confirmed or commented it"
        if mine:
            return DIFFERENT, f"{stored.sent or 'none'} was sent as its key, {now} is there"
        return EDITED, f"a person has chosen: {now}"

    def close(self) -> None:
        """Nothing is left open."""
        self.store.close()
        self._db.close()


def _difference(
    document: Document,
    stored: Stored,
    copies: int,
    there: Mapping[tuple[int, int, str], Mention],
    offered: Mapping[str, tuple[str, ...]],
) -> str:
    """What sets the decision apart from the mentions it was made of, beside a person's work."""
    if copies > 1:
        return f"the project has it {copies} times"
    if stored.document_mark != text_mark(document.sha256):
        return "its source text has changed since the push; the server's is left as it is"
    if stored.changed:
        return "what the annotator sees was changed on the server after the push"
    mentions = [there.get((*place, stored.label)) for place in stored.places]
    gone = [place for place, one in zip(stored.places, mentions, strict=True) if one is None]
    if gone:
        places = ", ".join(f"{start}-{end}" for start, end in gone)
        return f"it stands for {places} {stored.label}, where no such mention is any more"
    if any(offered.get(one.id) != stored.candidates for one in mentions if one is not None):
        return "its candidates have changed since the push; the server's are left as they are"
    return ""
