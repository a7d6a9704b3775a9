"""Documents with the layers of several people, and one adjudication of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.decisions import Decision, Dispute, Vote
from corpus.gold.decided import DecisionBook
from corpus.gold.judging import adjudicate_spans
from corpus.gold.rules import make_rule
from corpus.manifest import Stage, beside_path, open_stage
from corpus.model import Document, Layer, Mention, layer_of, make_document, with_ids
from corpus.store import read_documents, read_records, write_documents

TEXT = "The OSCE met in Kyiv city."
Marks = Sequence[tuple[int, int, str]]


def said(name: str, marks: Marks, **fields: object) -> Layer:
    """A confirmed layer with these (start, end, label)."""
    mentions = with_ids(Mention("", *mark) for mark in marks)
    return Layer(
        **{"name": f"annotator:{name}", "state": "confirmed", "mentions": mentions} | fields
    )


def document(id: str = "d", text: str = TEXT, **marks: Marks) -> Document:
    """`document(ann=[(4, 8, "ORG")], bob=[])` has two confirmed layers."""
    return make_document(id, text, layers=tuple(said(name, of) for name, of in marks.items()))


@dataclass
class Adjudicated:
    stage: Stage
    documents: list[Document]
    votes: list[Vote]
    disputes: list[Dispute]

    @property
    def notes(self) -> dict[str, int]:
        return {name: note for name, note in self.stage.manifest.notes.items() if note}

    def gold(self, number: int = 0) -> tuple[Mention, ...] | None:
        layer = layer_of(self.documents[number], "gold")
        return layer.mentions if layer else None

    def marks(self, number: int = 0) -> list[tuple[int, int, str]] | None:
        gold = self.gold(number)
        return None if gold is None else [(m.start, m.end, m.label) for m in gold]


def adjudicate(
    folder: Path,
    documents: Sequence[Document],
    rule: str,
    *,
    decisions: Sequence[Decision] = (),
    how: Callable = adjudicate_spans,
    **options: str,
) -> Adjudicated:
    """The documents adjudicated to `folder`/gold.jsonl."""
    output = folder / "gold.jsonl"
    stage = open_stage("adjudicate", output, [], force=True)
    book = DecisionBook(decisions)
    with stage:
        found = how(documents, stage, rule=make_rule(rule, **options), book=book)
        write_documents(found, output)
    votes, disputes = (beside_path(output, what) for what in ("votes", "disputes"))
    return Adjudicated(
        stage,
        list(read_documents(output)),
        list(read_records(votes, Vote)) if votes.exists() else [],
        list(read_records(disputes, Dispute)) if disputes.exists() else [],
    )
