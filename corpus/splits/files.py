"""The files of the splits, written side by side in one reading of the documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from corpus.files import atomic_output
from corpus.formats.docbin import DocBinWriter
from corpus.formats.docbin_segment import encode_segment, is_full
from corpus.formats.layers import choose_layer
from corpus.manifest import Stage
from corpus.model import Document, Layer, count_mentions
from corpus.splits.assignment import ASSIGNMENT, SPLITS, Assigned, Assignment
from corpus.store import encode_line

REST = "rest.jsonl"
"""Documents without the layer: in no split, but not lost."""


def write_splits(
    documents: Iterable[Document],
    folder: Path,
    assignment: Assignment,
    stage: Stage,
    *,
    layer: str = "gold",
) -> None:
    """Write each split as DocBin and as JSONL, `splits.jsonl`, and the rest, in input order.

    The stage counts every document and mention once, and is told which files there are and
    what stands in each split.
    """
    with ExitStack() as stack:
        files = {name: _SplitFiles(folder, name, layer, stage, stack) for name in SPLITS}
        listing = stack.enter_context(atomic_output(folder / ASSIGNMENT))
        rest = None
        for document in _counted(documents, stage):
            chosen = choose_layer(document, layer)
            if chosen is None:
                rest = rest or stack.enter_context(atomic_output(folder / REST))
                rest.write(encode_line(document))
                continue
            split = assignment.split_of(document)
            files[split].add(document, chosen)
            listing.write(encode_line(Assigned(document.id, document.sha256, split)))
        for each in files.values():
            each.flush()
    paths = [folder / ASSIGNMENT]
    paths += [folder / f"{name}.{suffix}" for name in SPLITS for suffix in ("jsonl", "spacy")]
    if rest is None:
        (folder / REST).unlink(missing_ok=True)
    else:
        paths.append(folder / REST)
    stage.wrote(paths)
    stage.manifest.notes["splits"] = {name: files[name].counts() for name in SPLITS}


def _counted(documents: Iterable[Document], stage: Stage) -> Iterator[Document]:
    for document in documents:
        mentions = count_mentions(document)
        for counts, number in ((stage.documents, 1), (stage.mentions, mentions)):
            counts.received += number
            counts.kept += number
            counts.written += number
        yield document


class _SplitFiles:
    """One split's two files, and the counts of its layer."""

    def __init__(self, folder: Path, name: str, layer: str, stage: Stage, stack: ExitStack) -> None:
        self._layer = layer
        self._lines = stack.enter_context(atomic_output(folder / f"{name}.jsonl"))
        self._docbin = stack.enter_context(DocBinWriter(folder / f"{name}.spacy", stage=stage))
        self._batch: list[Document] = []
        self._characters = 0
        self._documents = 0
        self._labels: Counter[str] = Counter()

    def add(self, document: Document, layer: Layer) -> None:
        """Append a document to both files."""
        self._lines.write(encode_line(document))
        self._documents += 1
        self._labels.update(mention.label for mention in layer.mentions)
        self._batch.append(document)
        self._characters += len(document.text)
        if is_full(len(self._batch), self._characters):
            self.flush()

    def flush(self) -> None:
        """Encode what waits for the DocBin."""
        if self._batch:
            self._docbin.add_segment(encode_segment(self._batch, layer=self._layer))
            self._batch, self._characters = [], 0

    def counts(self) -> dict[str, Any]:
        """Documents, mentions, mentions by label and each label's share of them."""
        total = self._labels.total()
        labels = dict(sorted(self._labels.items()))
        shares = {label: round(count / total, 4) for label, count in labels.items()}
        return {
            "documents": self._documents,
            "mentions": total,
            "labels": labels,
            "shares": shares,
        }
