"""What is left to a person: disputes as records, read beside the documents they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus.decisions import Decision, Dispute, Vote, decision_id, hash_votes, options_of
from corpus.errors import DataError, UsageError
from corpus.manifest import beside_path, manifest_path, read_manifest
from corpus.model import Document, Task
from corpus.offsets import Span
from corpus.store import read_documents, read_records


def make_dispute(
    document: Document,
    task: Task,
    mention: str,
    span: Span,
    votes: Sequence[Vote],
    *,
    decided: Decision | None = None,
    stale: Sequence[Decision] = (),
    label: str = "",
) -> Dispute:
    """The record of a question that no rule settles; of stale decisions it has one on its place."""
    start, end = span
    hash = hash_votes(votes)
    earlier = (one for one in stale if one.start < end and start < one.end)
    return Dispute(
        id=decision_id(document.id, task, mention, hash),
        document=document.id,
        sha256=document.sha256,
        task=task,
        mention=mention,
        start=start,
        end=end,
        hash=hash,
        votes=tuple(votes),
        options=options_of(votes),
        label=label,
        decided=decided,
        earlier=next(earlier, None),
    )


class Disputed(NamedTuple):
    """A dispute with the document that it is about."""

    dispute: Dispute
    document: Document


def read_disputes(gold: Path) -> Iterator[Disputed]:
    """What `corpus adjudicate -o GOLD` could not settle by rule, in the order of the documents.

    Those are among them that a person has decided.

    Raises UsageError where no adjudication stands, DataError where files do not fit together.
    """
    path = beside_path(gold, "disputes")
    decisions_path(gold)
    if not path.is_file():
        return
    disputes = read_records(path, Dispute)
    dispute = next(disputes, None)
    for document in read_documents(gold):
        while dispute is not None and dispute.document == document.id:
            if dispute.sha256 != document.sha256:
                break
            yield Disputed(dispute, document)
            dispute = next(disputes, None)
    if dispute is not None:
        raise DataError(
            f"{path}: dispute {dispute.id} is not about the documents of {gold}",
            "adjudicate again",
        )


def decisions_path(gold: Path) -> Path:
    """The file of decisions that the adjudication of this output reads."""
    path = manifest_path(gold)
    if not path.is_file():
        raise UsageError(f"{gold}: there is no adjudication", "run: corpus adjudicate")
    named = read_manifest(path).settings.get("decisions")
    if not isinstance(named, str) or not named:
        raise UsageError(
            f"{gold}: was adjudicated without disputes", "adjudicate with another --rule"
        )
    return path.parent / named
