"""Which split each document belongs to: what an earlier run said, and the rest stratified.

A document keeps its split when the corpus grows, because `splits.jsonl` in the output folder is
read before it is written anew. The choice: hashing ids would be stable without that file, but
blind to labels; so the file is the memory, and only documents new to it are placed, stratified
towards the ratios of the whole. Documents of equal text go together.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from corpus.errors import DataError
from corpus.formats.layers import choose_layer
from corpus.model import Document
from corpus.splits.stratify import Placed, Unit, stratify
from corpus.store import read_records

SplitName = Literal["train", "dev", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "dev", "test")
ASSIGNMENT = "splits.jsonl"


class Assigned(Struct, frozen=True, tag_field="type", tag="assigned/1", forbid_unknown_fields=True):
    """One line of `splits.jsonl`: the split of a document, and the text that it had."""

    document: str
    sha256: str
    split: SplitName


class Assignment(Struct):
    """The split of every text (see `split_of`), and how many documents the survey saw."""

    by_text: dict[bytes, int]
    kept: int
    placed: int
    moved: int
    without_layer: int

    def split_of(self, document: Document) -> SplitName:
        """The split of a document that the survey saw with its layer."""
        return SPLITS[self.by_text[_text_key(document.sha256)]]


class Earlier(Struct):
    """The assignment of an earlier run: split numbers by document id and by text."""

    by_id: dict[bytes, int]
    by_text: dict[bytes, int]


def read_earlier(path: Path | None) -> Earlier:
    """What an earlier `splits.jsonl` says; nothing if there is none."""
    earlier = Earlier({}, {})
    if path is not None and path.exists():
        for record in read_records(path, Assigned):
            split = SPLITS.index(record.split)
            earlier.by_id[_id_key(record.document)] = split
            earlier.by_text.setdefault(_text_key(record.sha256), split)
    return earlier


def assign_splits(
    documents: Iterable[Document],
    earlier: Earlier,
    *,
    ratios: Sequence[float],
    layer: str = "gold",
    seed: int = 0,
) -> Assignment:
    """The split of every document that has the layer; a few hundred bytes each are held.

    Raises DataError for an id that stands twice: which of the two would keep its split?
    """
    survey = _Survey(earlier)
    ids: set[bytes] = set()
    for document in documents:
        key = _id_key(document.id)
        if key in ids:
            raise DataError(
                f"document id {document.id!r} stands twice", "give each document an id of its own"
            )
        ids.add(key)
        survey.take(document, layer)
    return survey.assignment(ratios, seed)


class _Survey:
    """What a first reading learns of the texts."""

    def __init__(self, earlier: Earlier) -> None:
        self._earlier = earlier
        self._label_numbers: dict[str, int] = {}
        self._documents: dict[bytes, int] = {}
        self._labels: dict[bytes, dict[int, int]] = {}
        self._fixed: dict[bytes, int] = {}
        self._kept = 0
        self._moved = 0
        self._without = 0

    def take(self, document: Document, name: str) -> None:
        layer = choose_layer(document, name)
        if layer is None:
            self._without += 1
            return
        text = _text_key(document.sha256)
        self._documents[text] = self._documents.get(text, 0) + 1
        labels = self._labels.setdefault(text, {})
        for label, count in Counter(mention.label for mention in layer.mentions).items():
            number = self._label_numbers.setdefault(label, len(self._label_numbers))
            labels[number] = labels.get(number, 0) + count
        before = self._earlier.by_id.get(_id_key(document.id))
        if before is not None:
            self._kept += 1
        # An earlier text's split stands before that of a document whose text was changed.
        known = self._earlier.by_text.get(text, before)
        if known is not None:
            fixed = self._fixed.setdefault(text, known)
            self._moved += before is not None and fixed != before

    def assignment(self, ratios: Sequence[float], seed: int) -> Assignment:
        # Ties between labels go by name, not by which came first.
        names = sorted(self._label_numbers)
        rank = {self._label_numbers[name]: at for at, name in enumerate(names)}
        documents = [0] * len(SPLITS)
        labels: dict[int, list[int]] = {}
        for text, split in self._fixed.items():
            documents[split] += self._documents[text]
            for label, count in self._labels[text].items():
                labels.setdefault(rank[label], [0] * len(SPLITS))[split] += count
        units = [
            Unit(
                text,
                self._documents[text],
                {rank[label]: count for label, count in self._labels[text].items()},
            )
            for text in sorted(self._documents)
            if text not in self._fixed
        ]
        chosen = stratify(units, ratios, Placed(documents, labels), seed=seed)
        by_text = dict(self._fixed)
        by_text.update((unit.key, split) for unit, split in zip(units, chosen, strict=True))
        total = sum(self._documents.values())
        return Assignment(by_text, self._kept, total - self._kept, self._moved, self._without)


def _id_key(id: str) -> bytes:
    return hashlib.blake2b(id.encode(), digest_size=16).digest()


def _text_key(sha256: str) -> bytes:
    return bytes.fromhex(sha256)[:16]
