"""Which split each document belongs to: what an earlier run said, and the rest placed.

A document keeps its split when the corpus grows, because `splits.jsonl` in the output folder is
read before it is written anew. The choice: hashing ids would be stable without that file
(`--by hash` does so), but blind to labels; so the file is the memory, and only documents new to
it are placed. What may not be torn apart goes together; where a group holds documents of several
splits, all of it goes to the last of them: test never loses a document, and train never
holds a near-duplicate of one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from corpus import places
from corpus.errors import DataError
from corpus.model import Document
from corpus.splits.by_date import place_by_date
from corpus.splits.by_key import SIZE, ByKey
from corpus.splits.plan import Plan
from corpus.splits.signature_files import Signed
from corpus.splits.signatures import text_key
from corpus.splits.stratify import stratify
from corpus.splits.survey import Earlier, Survey, id_key, take_survey
from corpus.splits.units import Chosen, Numbers, Units, placed_of, units_of
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
    by_text: ByKey
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
        split = self.by_text.get(text_key(document))
        if split is None:
            raise DataError(
                f"document {document.id!r} was not there when the splits were chosen",
                "leave the file alone while corpus split reads it, and run it again",
            )
        return self.names[split]


def read_earlier(path: Path | None, names: Sequence[str]) -> Earlier:
    """What an earlier `splits.jsonl` says; nothing if there is none.

    Raises DataError if it names other splits.
    """
    if path is None or not places.exists(path):
        return Earlier()
    ids, texts, splits = bytearray(), bytearray(), array("h")
    for record in read_records(path, Assigned):
        if record.split not in names:
            raise DataError(
                f"{path}: document {record.document!r} is in {record.split!r}, which is none of "
                f"{', '.join(names)}",
                "give the same --folds, another -o, or --fresh to forget it",
            )
        splits.append(names.index(record.split))
        ids += id_key(record.document)
        texts += bytes.fromhex(record.sha256)[:SIZE]
    return Earlier(ByKey(ids, splits), ByKey(texts, splits))


def assign_splits(
    documents: Iterable[Document],
    earlier: Earlier,
    plan: Plan,
    signed: Iterator[Signed] | None = None,
) -> Assignment:
    """The split of every document that has the layer; some 200 bytes each are held.

    It is the same with `signed`, the signature of each document. Raises DataError for an id that
    stands twice, StoreError for signatures of other texts.
    """
    survey = take_survey(documents, earlier, plan, signed)
    unit_of = survey.groups.places()
    units = units_of(survey, unit_of)
    chosen = np.full(len(units.documents), -1, np.int16)
    np.maximum.at(chosen, unit_of, np.asarray(survey.fixed))
    _place(units, chosen, plan)
    split_of = chosen[unit_of]
    assignment = Assignment(
        plan.names, ByKey(survey.keys, split_of), without_layer=survey.without_layer
    )
    _count(assignment, survey, unit_of, units, chosen)
    assignment.lacking = dict(sorted(survey.lacking.items()))
    assignment.pairs = len(survey.first)
    across = split_of[np.asarray(survey.first)] != split_of[np.asarray(survey.second)]
    assignment.across = int(across.sum())
    return assignment


def _count(
    assignment: Assignment,
    survey: Survey,
    unit_of: npt.NDArray[np.int32],
    units: Units,
    chosen: Chosen,
) -> None:
    before = np.asarray(survey.before_split)
    unit = unit_of[np.asarray(survey.before_text)]
    assignment.kept = int((chosen[unit] == before).sum())
    assignment.moved = len(before) - assignment.kept
    assignment.placed = int(units.documents.sum()) - len(before)
    assignment.groups = int((units.documents > 1).sum())
    assignment.largest = int(units.documents.max(initial=0))
    number = len(assignment.names)
    different = np.unique(unit.astype(np.int64) * number + before)
    assignment.mixed = int((np.bincount(different // number) > 1).sum())


def _place(units: Units, chosen: Chosen, plan: Plan) -> None:
    """Give a split to each unit that has none yet."""
    waiting = np.flatnonzero(chosen < 0)
    if plan.by == "hash":
        chosen[waiting] = _by_hash(units.draw[waiting], plan.ratios)
        return
    placed = placed_of(units, chosen, len(plan.names))
    if plan.by == "date":
        chosen[waiting] = place_by_date(units, waiting, plan.ratios, placed)
    else:
        chosen[waiting] = stratify(units, waiting, plan.ratios, placed, seed=plan.seed)


def _by_hash(draws: Numbers, ratios: Sequence[float]) -> Chosen:
    """The last split that the hash of any document's id falls into.

    A group that grows can only move towards the last split: what is in test stays there.
    """
    whole = sum(ratios)
    bounds = list(accumulate(ratio / whole for ratio in ratios))
    last = max(split for split, ratio in enumerate(ratios) if ratio)
    found = np.searchsorted(bounds, draws / 2.0**64, side="right")
    return np.minimum(found, last).astype(np.int16)


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
