"""The documents of each annotator's pass, dealt into files of their own, and what is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from corpus.doccano.annotators import share_name
from corpus.doccano.assignment import Assigned, Deal, Dealer
from corpus.doccano.link_input import take_mentions
from corpus.doccano.link_push import LinkPushPlan, LinkPushResult
from corpus.doccano.mapping import refuse_document
from corpus.doccano.push import PushPlan, PushResult, Watch
from corpus.doccano.verdicts import Finding
from corpus.errors import DataError
from corpus.model import Document, Layer, layer_of, with_layer
from corpus.store import encode_line, read_documents

Seat = tuple[str, int]
"""An annotator and a pass."""


class AssignPlan(msgspec.Struct, frozen=True):
    """What to push and to whom: `push` says all but the documents, the project and its mark.

    `passwords`: the file for those of users to create, if that is allowed.
    """

    push: PushPlan | LinkPushPlan
    deal: Deal
    passwords: Path | None = None
    dry_run: bool = False


class ShareResult(msgspec.Struct):
    """One annotator's pass: documents in all, and of these those there before, shared, blind."""

    annotator: str
    round: int
    project: str
    documents: int = 0
    there: int = 0
    overlap: int = 0
    blind: int = 0
    member: str = ""
    pushed: PushResult | LinkPushResult | None = None


class AssignResult(msgspec.Struct):
    """What an assigned push did: documents given and refused, and each annotator's pass."""

    project: str
    dry_run: bool = False
    documents: dict[str, int] = {}
    users_created: list[str] = []
    shares: list[ShareResult] = []
    notes: list[str] = []
    clean: bool = True


class Parts:
    """The documents of each annotator and pass, in files of their own as long as they are open."""

    def __init__(self, plan: AssignPlan, workspace: Path, result: AssignResult) -> None:
        self.plan = plan
        self.workspace = workspace
        self.result = result
        self.labels: set[str] = set()
        self._sinks: dict[Seat, BinaryIO] = {}
        self._shares: dict[Seat, ShareResult] = {}
        for round in range(1, plan.deal.passes + 1):
            for name in plan.deal.annotators:
                share = ShareResult(name, round, share_name(plan.push.project, name, round))
                self._shares[name, round] = share
        result.shares = list(self._shares.values())

    def path(self, seat: Seat) -> Path:
        """The file of one annotator's pass."""
        return self.workspace / f"part-{list(self._shares).index(seat)}.jsonl"

    def __enter__(self) -> None:
        self._sinks = {seat: self.path(seat).open("wb") for seat in self._shares}

    def __exit__(self, *_: object) -> None:
        for sink in self._sinks.values():
            sink.close()

    def deal(self, dealer: Dealer, record: Callable[[Any], None], watch: Watch) -> None:
        """Every document stands in the files of those who get it."""
        counts = {"given": 0, "refused": 0, "without mentions": 0, "overlap": 0}
        for document in watch(read_documents(self.plan.push.documents), "deal"):
            counts["given"] += 1
            reason = refuse_document(document)
            if reason:
                counts["refused"] += 1
                record(Finding(document.id, "refused", reason))
                continue
            if not self._is_work(document):
                counts["without mentions"] += 1
                continue
            assigned = dealer.deal(document.id)
            counts["overlap"] += assigned.overlap
            self._write(document, assigned)
        self.result.documents = counts
        if isinstance(self.plan.push, PushPlan) and not self.labels | set(self.plan.push.labels):
            raise DataError(
                f"{self.plan.push.documents}: no document has mentions in a layer "
                f"{self.plan.push.layer!r}, so the projects would have no label type",
                "name the label types with --label, or give another --layer",
            )

    def _is_work(self, document: Document) -> bool:
        if isinstance(self.plan.push, LinkPushPlan):
            return take_mentions(document, self.plan.push.layer) is not None
        suggested = layer_of(document, self.plan.push.layer)
        self.labels.update(mention.label for mention in (suggested.mentions if suggested else ()))
        return True

    def _write(self, document: Document, assigned: Assigned) -> None:
        plain = encode_line(document)
        blind = self._blinded(document)
        for part in assigned.parts:
            share = self._shares.get((part.annotator, part.round))
            if share is None:
                continue  # of somebody who is not asked for: it stays where it is
            hidden = part.blind and blind is not None
            share.documents += 1
            share.there += part.there
            share.overlap += assigned.overlap
            share.blind += hidden
            self._sinks[part.annotator, part.round].write(
                encode_line(blind) if hidden and blind is not None else plain
            )

    def _blinded(self, document: Document) -> Document | None:
        """The document without what is suggested in it, marked so; None if nothing is."""
        if isinstance(self.plan.push, LinkPushPlan):
            layer = layer_of(document, "silver", "links")
            offered = layer and any(mention.candidates for mention in layer.mentions)
            return with_layer(document, _hidden(layer)) if layer and offered else None
        layer = layer_of(document, self.plan.push.layer)
        if layer is None or not layer.mentions:
            return None
        return with_layer(document, msgspec.structs.replace(_hidden(layer), mentions=()))


def _hidden(layer: Layer) -> Layer:
    return msgspec.structs.replace(layer, blind=True)
