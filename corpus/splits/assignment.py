"""Which split each document belongs to: what an earlier run said, and the rest placed.

A document keeps its split when the corpus grows, because `splits.jsonl` in the output folder is
read before it is written anew. The choice: hashing ids would be stable without that file
(`--by hash` does so), but blind to labels; so the file is the memory, and only documents new to
it are placed. What may not be torn apart goes together; where a group holds documents of several
splits, all of it goes to the last of them: test never loses a document, and train never
holds a near-duplicate of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from corpus import places
from corpus.errors import DataError
from corpus.model import Document
from corpus.splits.by_date import place_by_date
from corpus.splits.plan import Plan
from corpus.splits.stratify import Placed, Unit, stratify
from corpus.splits.survey import Earlier, Survey, Text, id_key, take_survey, text_key
from corpus.store import read_records

ASSIGNMENT = "splits.jsonl"


class Assigned(Struct, frozen=True, tag_field="type", tag="assigned/1", forbid_unknown_fields=True):
    """One line of `splits.jsonl`: the split of a document, and the text that it had."""

    document: str
    sha256: str
    split: str


class Assignment(Struct):
    """The split of every text (see `split_of`), and how it came about.

    `kept` and `moved` count documents of an earlier run, `placed` the new ones. `across` are
    near-duplicate pairs with one text in each of two splits, `largest` the documents of the
    largest group, `mixed` the groups that held documents of several splits.
    """

    names: tuple[str, ...]
    by_text: dict[bytes, int]
    kept: int = 0
    placed: int = 0
    moved: int = 0
    without_layer: int = 0
    groups: int = 0
    largest: int = 0
    mixed: int = 0
    pairs: int = 0
    across: int = 0
    lacking: dict[str, int] = {}

    def split_of(self, document: Document) -> str:
        """The split of a document that the survey saw with its layer."""
        return self.names[self.by_text[text_key(document)]]


def read_earlier(path: Path | None, names: Sequence[str]) -> Earlier:
    """What an earlier `splits.jsonl` says; nothing if there is none.

    Raises DataError if it names other splits.
    """
    earlier = Earlier({}, {})
    if path is None or not places.exists(path):
        return earlier
    for record in read_records(path, Assigned):
        if record.split not in names:
            raise DataError(
                f"{path}: document {record.document!r} is in {record.split!r}, which is none of "
                f"{', '.join(names)}",
                "give the same --folds, another -o, or --fresh to forget it",
            )
        split = names.index(record.split)
        earlier.by_id[id_key(record.document)] = split
        text = bytes.fromhex(record.sha256)[:16]
        earlier.by_text[text] = max(split, earlier.by_text.get(text, -1))
    return earlier


def assign_splits(documents: Iterable[Document], earlier: Earlier, plan: Plan) -> Assignment:
    """The split of every document that has the layer; a few hundred bytes each are held.

    Raises DataError for an id that stands twice.
    """
    survey = take_survey(documents, earlier, plan)
    groups = [[survey.texts[n] for n in each] for each in survey.groups.members().values()]
    splits = [max(text.fixed for text in group) for group in groups]
    _place(groups, splits, survey, plan)
    assignment = Assignment(plan.names, {}, without_layer=survey.without_layer)
    for group, split in zip(groups, splits, strict=True):
        assignment.by_text.update((text.key, split) for text in group)
        _count_group(assignment, group, split)
    assignment.lacking = dict(sorted(survey.lacking.items()))
    assignment.pairs = len(survey.pairs)
    split_at = [assignment.by_text[text.key] for text in survey.texts]
    assignment.across = sum(split_at[p.first] != split_at[p.second] for p in survey.pairs)
    return assignment


def _count_group(assignment: Assignment, group: list[Text], split: int) -> None:
    documents = sum(text.documents for text in group)
    known = sum(sum(text.before.values()) for text in group)
    stayed = sum(text.before.get(split, 0) for text in group)
    assignment.kept += stayed
    assignment.moved += known - stayed
    assignment.placed += documents - known
    assignment.groups += documents > 1
    assignment.largest = max(assignment.largest, documents)
    assignment.mixed += len({each for text in group for each in text.before}) > 1


def _place(groups: list[list[Text]], splits: list[int], survey: Survey, plan: Plan) -> None:
    """Give a split to each group that has none yet."""
    units = [_unit(group, survey.strata) for group in groups]
    new = [at for at, split in enumerate(splits) if split < 0]
    new.sort(key=lambda at: units[at].key)
    if plan.by == "hash":
        for at in new:
            splits[at] = _by_hash(groups[at], plan.ratios)
        return
    placed = _placed(units, splits, len(plan.names))
    waiting = [units[at] for at in new]
    if plan.by == "date":
        days = [max(filter(None, (t.day for t in groups[at])), default=None) for at in new]
        chosen = place_by_date(waiting, days, plan.ratios, placed)
    else:
        chosen = stratify(waiting, plan.ratios, placed, seed=plan.seed)
    for at, split in zip(new, chosen, strict=True):
        splits[at] = split


def _unit(group: list[Text], strata: Sequence[str]) -> Unit:
    # Ties between strata go by name, not by which came first.
    counts: dict[str, int] = {}
    for text in group:
        for number, count in text.strata.items():
            counts[strata[number]] = counts.get(strata[number], 0) + count
    return Unit(min(t.key for t in group), sum(t.documents for t in group), counts)


def _placed(units: Sequence[Unit], splits: Sequence[int], number: int) -> Placed:
    documents = [0] * number
    strata: dict[str, list[int]] = {}
    for unit, split in zip(units, splits, strict=True):
        if split >= 0:
            documents[split] += unit.documents
            for stratum, count in unit.labels.items():
                strata.setdefault(stratum, [0] * number)[split] += count
    return Placed(documents, strata)


def _by_hash(group: list[Text], ratios: Sequence[float]) -> int:
    """The last split that the hash of any document's id falls into.

    A group that grows can only move towards the last split: what is in test stays there.
    """
    share = int.from_bytes(max(text.draw for text in group)[:8], "big") / (1 << 64)
    whole, below = sum(ratios), 0.0
    for split, ratio in enumerate(ratios):
        below += ratio / whole
        if share < below:
            return split
    return max(split for split, ratio in enumerate(ratios) if ratio)


def notes_of(assignment: Assignment, plan: Plan) -> Mapping[str, Any]:
    """What a person reads of it, and the manifest keeps."""
    notes: dict[str, Any] = {
        "kept the split of an earlier run": assignment.kept,
        "newly placed": assignment.placed,
        "moved, a group they belong to stands in a later split": assignment.moved,
        "groups that held documents of several splits": assignment.mixed,
        "groups of two or more documents": assignment.groups,
        "documents of the largest group": assignment.largest if assignment.groups else 0,
        "near-duplicate pairs": assignment.pairs,
        f"without a layer {plan.layer!r}, in rest.jsonl": assignment.without_layer,
    }
    for kind, number in assignment.lacking.items():
        alone = "taken for the oldest" if kind == "date" else "on their own"
        notes[f"without a {kind}, {alone}"] = number
    notes["near-duplicate pairs across splits"] = assignment.across
    return notes
