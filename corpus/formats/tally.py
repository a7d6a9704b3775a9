"""What became of documents and mentions while a format was written: it adds up, it is settled."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from corpus.errors import DataError
from corpus.manifest import Stage
from corpus.model import Change, Document


class Tally(Struct):
    """Changes, how many mentions of each layer they repaired or rejected, and notes in words."""

    changes: list[Change] = msgspec.field(default_factory=list)
    repaired: dict[str, int] = msgspec.field(default_factory=dict)
    rejected: dict[str, int] = msgspec.field(default_factory=dict)
    documents_rejected: int = 0
    notes: dict[str, int] = msgspec.field(default_factory=dict)

    def reject_document(self, document: Document, reason: str) -> None:
        """Count a document and all its mentions as rejected."""
        self.changes.append(Change("rejected", document.id, reason))
        self.documents_rejected += 1
        for layer in document.layers:
            _count(self.rejected, layer.name, len(layer.mentions))

    def take(self, changes: Iterable[Change]) -> None:
        """Count each change of a mention."""
        for change in changes:
            _count(self.repaired if change.kind == "repaired" else self.rejected, change.layer)
            self.changes.append(change)

    def note(self, what: str, number: int = 1) -> None:
        """Count something that a person should know."""
        if number:
            _count(self.notes, what, number)


def settle(tally: Tally, stage: Stage | None, path: str | Path) -> None:
    """Bring a stage that had counted everything as kept in line with the tally.

    Mentions that the stage had kept become repaired or rejected. Of those that it had added
    (of a layer in `added_by`), the rejected are no longer added; the ledgers list them all.
    Without a stage there is no ledger, and a reject would be a silent loss: DataError.
    """
    if stage is None:
        for change in tally.changes:
            if change.kind == "rejected":
                mention = f"mention {change.mention}: " if change.mention else ""
                raise DataError(f"{path}: document {change.document!r}: {mention}{change.reason}")
        return
    for change in tally.changes:
        stage.record(change)
    stage.documents.kept -= tally.documents_rejected
    stage.documents.rejected += tally.documents_rejected
    stage.documents.written -= tally.documents_rejected
    for layer in sorted({*tally.repaired, *tally.rejected}):
        _settle_mentions(stage, layer, tally.repaired.get(layer, 0), tally.rejected.get(layer, 0))
    for what, number in sorted(tally.notes.items()):
        _count(stage.manifest.notes, what, number)


def _settle_mentions(stage: Stage, layer: str, repaired: int, rejected: int) -> None:
    counts, added_by = stage.mentions, stage.manifest.added_by
    counts.written -= rejected
    if layer in added_by:
        added_by[layer] -= rejected
        counts.added -= rejected
        return
    counts.kept -= repaired + rejected
    counts.repaired += repaired
    counts.rejected += rejected


def _count(counter: dict[str, int], key: str, number: int = 1) -> None:
    counter[key] = counter.get(key, 0) + number
