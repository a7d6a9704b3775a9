"""Which document goes to whom: pure, the same for the same input, seed and server. No file.

A document's overlap, blindness and second pass hang on the seed and its id alone, so they stay
as they are when the corpus grows. The others are dealt in turn, in the order of the input: each
round of as many documents as there are annotators gives each of them one. What an annotator has
on the server stays there whatever is dealt: nothing that was assigned ever moves.
"""

from __future__ import annotations

import hashlib
import sqlite3
from itertools import count
from typing import NamedTuple

import msgspec

from corpus.errors import DataError, UsageError
from corpus.store import encode_line


class Deal(msgspec.Struct, frozen=True):
    """How documents are dealt.

    `overlap`: the share that goes to `per_document` annotators, 0 for all. `blind`: the share
    whose suggestions are kept from everyone. `passes` after the first repeat the share `repeat`
    of what the annotator had in the first.
    """

    annotators: tuple[str, ...]
    overlap: float = 0.0
    per_document: int = 0
    blind: float = 0.0
    passes: int = 1
    repeat: float = 1.0
    seed: int = 0


class Part(NamedTuple):
    """One annotator's part in one document: in which pass, and whether without suggestions."""

    annotator: str
    round: int
    blind: bool
    there: bool


class Assigned(NamedTuple):
    """Who gets a document; `overlap` says that it was meant for several."""

    document: str
    overlap: bool
    parts: tuple[Part, ...]


class Held:
    """What annotators have on the server: document, annotator, pass, and whether it is blind.

    Memory does not grow with the corpus: it is a private SQLite file, gone with the process.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute(
            "CREATE TABLE held (document TEXT, annotator TEXT, round INT, blind INT, "
            "PRIMARY KEY (document, annotator, round))"
        )
        self._db.execute("CREATE TABLE dealt (document TEXT PRIMARY KEY)")
        self._db.execute("BEGIN")

    def add(self, document: str, annotator: str, round: int, *, blind: bool) -> None:
        """One more; of twins the first counts."""
        self._db.execute(
            "INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?)", (document, annotator, round, blind)
        )

    def check_once(self, document: str) -> None:
        """Raises DataError for a document that was dealt before."""
        try:
            self._db.execute("INSERT INTO dealt VALUES (?)", (document,))
        except sqlite3.IntegrityError as error:
            raise DataError(
                f"document id {document!r} stands twice in the input",
                "nothing was sent; mend the ids",
            ) from error

    def find(self, document: str) -> dict[tuple[str, int], bool]:
        """Who has the document in which pass, and whether it is blind there."""
        query = (
            "SELECT annotator, round, blind FROM held WHERE document = ? ORDER BY annotator, round"
        )
        return {(name, round): bool(b) for name, round, b in self._db.execute(query, (document,))}

    def close(self) -> None:
        """Nothing is left open."""
        self._db.close()


class Dealer:
    """Deals one document after the other, in the order of the input."""

    def __init__(self, deal: Deal, held: Held) -> None:
        check_deal(deal)
        self._deal = deal
        self._held = held
        self._shared = count()
        self._single = count()

    def deal(self, document: str) -> Assigned:
        """Who gets this document: whoever has it, and those whose turn it is.

        Raises DataError for one that was dealt before.
        """
        deal = self._deal
        self._held.check_once(document)
        there = self._held.find(document)
        overlap = _chance(deal.seed, "overlap", document) < deal.overlap
        queue = self._queue(overlap)
        names = [name for name, round in there if round == 1]
        wanted = (deal.per_document or len(queue)) if overlap else 1
        if overlap and not deal.per_document:
            names += [name for name in queue if name not in names]
        else:
            free = [name for name in queue if name not in names]
            names += free[: max(0, wanted - len(names))]
        hidden = any(there.values()) if there else self._is_blind(document)
        pairs = dict.fromkeys((name, 1) for name in names)
        if _chance(deal.seed, "repeat", document) < deal.repeat:
            again = [name for name in names if name in deal.annotators]
            pairs |= dict.fromkeys((n, r) for r in range(2, deal.passes + 1) for n in again)
        pairs |= dict.fromkeys(there)
        parts = [
            Part(name, round, there.get((name, round), hidden), (name, round) in there)
            for name, round in sorted(pairs)
        ]
        return Assigned(document, overlap, tuple(parts))

    def _queue(self, overlap: bool) -> list[str]:
        """The annotators, those whose turn it is first."""
        names = self._deal.annotators
        rank = next(self._shared if overlap else self._single)
        block, place = divmod(rank, len(names))
        what = "several" if overlap else "one"
        order = sorted(names, key=lambda name: _chance(self._deal.seed, what, str(block), name))
        return order[place:] + order[:place]

    def _is_blind(self, document: str) -> bool:
        return _chance(self._deal.seed, "blind", document) < self._deal.blind


def check_deal(deal: Deal) -> None:
    """Raises UsageError for a deal that cannot be made."""
    for option, share in (
        ("--overlap", deal.overlap),
        ("--blind", deal.blind),
        ("--repeat", deal.repeat),
    ):
        if not 0 <= share <= 1:
            raise UsageError(f"{option} {share:g}: is no share", "give a number from 0 to 1")
    people = len(deal.annotators)
    if deal.per_document and not 2 <= deal.per_document <= people:
        raise UsageError(
            f"--per-document {deal.per_document}: there are {people} annotators",
            f"give a number from 2 to {people}, or leave it out for all",
        )


def _chance(seed: int, *parts: str) -> float:
    """A number from 0 to below 1 that hangs on nothing else."""
    digest = hashlib.sha256(encode_line([str(seed), *parts])).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
