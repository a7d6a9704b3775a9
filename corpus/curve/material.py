"""What a curve learns from and is scored on: train and dev, and the growing parts of train."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus.curve.plan import CurvePlan
from corpus.errors import DataError, UsageError
from corpus.files import find_shards
from corpus.formats.layers import choose_layer, shown_mentions
from corpus.model import Document, Layer, Mention
from corpus.splits.assignment import Assignment, assign_splits
from corpus.splits.plan import SPLITS, Plan
from corpus.splits.survey import Earlier, draw, id_key
from corpus.store import encode_line, read_documents

OWN_RATIOS = (80.0, 20.0, 0.0)
"""Train, dev and test of a file that is not split yet: nothing would be learned from a test."""

_FEWEST = 2  # documents of train


class Sample(NamedTuple):
    """A document, and the SHA-256 of its line."""

    document: Document
    sha256: str


class Material(NamedTuple):
    """The documents of train and dev that have the layer, in file order; how many have not."""

    train: list[Sample]
    dev: list[Sample]
    without_layer: int


def inputs_of(source: Path) -> list[Path | str]:
    """The files that are read. Raises UsageError where a split is missing."""
    if not source.is_dir():
        return find_shards(source)
    for name in ("train", "dev"):
        if not (source / f"{name}.jsonl").is_file():
            raise UsageError(
                f"{source}: holds no {name}.jsonl",
                "give the folder that corpus split wrote, or a file of documents",
            )
    return [source / "train.jsonl", source / "dev.jsonl"]


def read_material(source: Path, plan: CurvePlan) -> Material:
    """The documents to learn from and to score on; a file of documents is split here.

    Raises DataError where there are too few, where the layer or the links are missing, and
    where a document of dev stands in train too.
    """
    if source.is_dir():
        whole = [(name, each) for name in ("train", "dev") for each in _of_split(source, name)]
    else:
        whole = list(_split(source, plan))
    found: dict[str, list[Sample]] = {"train": [], "dev": []}
    without_layer = 0
    for split, document in whole:
        if choose_layer(document, plan.layer) is None:
            without_layer += 1
        else:
            line = encode_line(document)
            found[split].append(Sample(document, hashlib.sha256(line).hexdigest()))
    material = Material(found["train"], found["dev"], without_layer)
    _refuse_few(material, source, plan)
    _refuse_overlap(material, source)
    if "links" in plan.tasks:
        _refuse_unlinked(material, source, plan)
    return material


def _of_split(folder: Path, name: str) -> Iterator[Document]:
    return read_documents(folder / f"{name}.jsonl")


def _split(source: Path, plan: CurvePlan) -> Iterator[tuple[str, Document]]:
    """Each document with its split, by the code of `corpus split`."""
    how = Plan(names=SPLITS, ratios=OWN_RATIOS, layer=plan.layer, seed=plan.seed)
    assignment: Assignment = assign_splits(read_documents(source), Earlier(), how)
    for document in read_documents(source):
        has_layer = choose_layer(document, plan.layer) is not None
        yield (assignment.split_of(document) if has_layer else "train"), document


def _refuse_few(material: Material, source: Path, plan: CurvePlan) -> None:
    if not material.train and not material.dev and material.without_layer:
        raise DataError(
            f"{source}: no document has a layer {plan.layer!r}",
            "run corpus adjudicate first, or name another with --layer",
        )
    train, dev = len(material.train), len(material.dev)
    if train < _FEWEST or not dev:
        raise DataError(
            f"{source}: too few documents with a layer {plan.layer!r}: {train} to learn from, "
            f"{dev} to score on",
            f"there must be {_FEWEST} and 1 at least: annotate more, or split otherwise",
        )


def _refuse_overlap(material: Material, source: Path) -> None:
    ids = {sample.document.id for sample in material.train}
    texts = {sample.document.sha256: sample.document.id for sample in material.train}
    for document, _ in material.dev:
        other = document.id if document.id in ids else texts.get(document.sha256)
        if other is not None:
            same = "" if other == document.id else f", as {other!r} with the same text"
            raise DataError(
                f"{source}: document {document.id!r} of dev stands in train too{same}",
                "split again: corpus split keeps them apart",
            )


def _refuse_unlinked(material: Material, source: Path, plan: CurvePlan) -> None:
    for name, samples in (("train", material.train), ("dev", material.dev)):
        if not any(m.links for each in samples for m in layer_in(each.document, plan).mentions):
            raise DataError(
                f"{source}: no mention of {name} has a link in the layer {plan.layer!r}",
                "decide the links first (docs/linking.md), or give --task ner",
            )


def layer_in(document: Document, plan: CurvePlan) -> Layer:
    """The layer of a document that is known to have it."""
    layer = choose_layer(document, plan.layer)
    assert layer is not None  # others are left out when the material is read
    return layer


def first_documents(samples: Sequence[Sample], number: int, seed: int) -> list[Sample]:
    """So many documents in file order: those whose ids a seed draws first.

    More documents of one seed hold the fewer of it, and a document keeps its place in the draw
    when the corpus grows.
    """
    drawn = sorted(samples, key=lambda each: draw(id_key(each.document.id), seed))
    chosen = {each.document.id for each in drawn[:number]}
    return [each for each in samples if each.document.id in chosen]


def sizes_of(plan: CurvePlan, train: int) -> dict[float, int]:
    """How many documents each share of train is, rounded; a small share of few may be none."""
    return {share: int(share * train + 0.5) for share in plan.shares}


def learnable(samples: Iterable[Sample], plan: CurvePlan) -> Iterator[tuple[Document, Mention]]:
    """The mentions that spaCy is shown: the longest that do not overlap."""
    for document, _ in samples:
        for mention in shown_mentions(document.text, layer_in(document, plan)):
            yield document, mention


def digest_of(samples: Iterable[Sample]) -> str:
    """One SHA-256 of all the documents."""
    return hashlib.sha256("\n".join(sample.sha256 for sample in samples).encode()).hexdigest()
