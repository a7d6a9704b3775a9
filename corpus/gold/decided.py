"""The decisions that people have made, found by the votes that they settle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from corpus.decisions import Decision, meaning
from corpus.errors import DataError
from corpus.manifest import Stage
from corpus.model import Change, Document, Task
from corpus.store import read_records, write_records

DECISIONS = "decisions.jsonl"
"""The file of decisions in a folder of pulls."""


class DecisionBook:
    """Decisions by id and by document; which were asked for is remembered a document long.

    A person makes decisions one by one: they are few enough to be held in memory.
    """

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self._by_id: dict[str, Decision] = {}
        self._by_document: dict[tuple[str, Task], list[Decision]] = {}
        for decision in decisions:
            if decision.id in self._by_id:
                raise DataError(
                    f"decision {decision.id} of {decision.document!r} stands twice",
                    "keep one of the two lines",
                )
            self._by_id[decision.id] = decision
            self._by_document.setdefault((decision.document, decision.task), []).append(decision)

    def find(self, id: str, document: Document) -> Decision | None:
        """The decision of this id, if it was made on this text."""
        found = self._by_id.get(id)
        return found if found is not None and found.sha256 == document.sha256 else None

    def stale(self, document: str, task: Task, used: Mapping[str, Decision]) -> Iterator[Decision]:
        """The document's decisions that settle nothing and that no used one stands in for."""
        for one in self._by_document.get((document, task), ()):
            newer = (two for two in used.values() if one.start < two.end and two.start < one.end)
            if one.id not in used and next(newer, None) is None:
                yield one


def read_book(path: Path | None) -> DecisionBook:
    """The decisions of a file; none where there is no file."""
    if path is None or not path.is_file():
        return DecisionBook()
    try:
        return DecisionBook(read_records(path, Decision))
    except DataError as error:
        if error.message.startswith(str(path)):
            raise
        raise DataError(f"{path}: {error.message}", error.hint) from error


def add_decisions(
    path: Path, decisions: Iterable[Decision], *, replace: bool = False
) -> list[Decision]:
    """The file holds these too; those whose dispute it holds with another answer.

    Such an earlier decision stays, but for `replace`; one that was made at the same place (its
    `source`) gives way. Written whole or not at all, by
    one process at a time; sorted by document, task and place.
    """
    from filelock import FileLock

    with FileLock(path.with_name(f".{path.name}.lock")):
        earlier_ones = read_records(path, Decision) if path.is_file() else ()
        known: dict[str, Decision] = {one.id: one for one in earlier_ones}
        clashes = []
        fresh = False
        for decision in decisions:
            earlier = known.get(decision.id)
            if earlier is not None and meaning(earlier.answer) == meaning(decision.answer):
                continue
            again = earlier is not None and earlier.source == decision.source
            if earlier is not None and not again:
                clashes.append(decision)
            if earlier is None or again or replace:
                known[decision.id] = decision
                fresh = True
        if fresh:
            in_order: list[Decision] = sorted(known.values(), key=_order)
            write_records(in_order, path)
    return clashes


def list_stale(
    document: Document, task: Task, book: DecisionBook, used: Mapping[str, Decision], stage: Stage
) -> list[Decision]:
    """The document's decisions that settle nothing any more; each is listed in the rejects."""
    stale = list(book.stale(document.id, task, used))
    for decision in stale:
        what = "text" if decision.sha256 != document.sha256 else "votes"
        stage.record(
            Change(
                kind="rejected",
                document=document.id,
                reason=f"the {what} behind this decision of {decision.author} changed",
                layer="gold",
                mention=decision.mention,
                before=msgspec.to_builtins(decision),
            )
        )
    return stale


def _order(decision: Decision) -> tuple[str, str, int, int, str]:
    return (decision.document, decision.task, decision.start, decision.end, decision.id)
