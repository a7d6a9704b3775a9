"""The files of the splits, written side by side in one reading of the documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from corpus import places
from corpus.files import atomic_output
from corpus.formats.docbin_shards import docbin_shards
from corpus.formats.layers import choose_layer
from corpus.manifest import Stage
from corpus.model import Document, count_mentions
from corpus.splits.assignment import ASSIGNMENT, Assigned, Assignment
from corpus.splits.linking_sets import LINKING_SETS, Learned, SetMention, hard_mentions
from corpus.splits.plan import Plan
from corpus.splits.summary import Summary
from corpus.splits.survey import Earlier, id_key
from corpus.store import encode_line, read_records, remove_shards, write_records

REST = "rest.jsonl"
"""Documents without the layer: in no split, but not lost."""

_NAMED = 100  # documents named in the manifest


def write_splits(
    documents: Iterable[Document],
    folder: Path,
    assignment: Assignment,
    stage: Stage,
    plan: Plan,
    *,
    earlier: Earlier,
    shard_size: int | None = None,
) -> None:
    """Write each split as DocBin and as JSONL, `splits.jsonl`, and the rest, in input order.

    With `shard_size` a DocBin is shards of so many documents. Without folds, and where mentions
    are linked, also `linking-sets.jsonl`. The stage counts every document and mention once, and
    is told which files there are, what stands in each, and the first documents that are no more
    where `earlier` had them.
    """
    summary = Summary(plan)
    moved: list[str] = []
    with ExitStack() as stack:
        files = [
            _SplitFiles(folder, name, plan.layer, stage, stack, shard_size) for name in plan.names
        ]
        listing = stack.enter_context(atomic_output(folder / ASSIGNMENT))
        rest = None
        for document in _counted(documents, stage):
            chosen = choose_layer(document, plan.layer)
            if chosen is None:
                rest = rest or stack.enter_context(atomic_output(folder / REST))
                rest.write(encode_line(document))
                continue
            split = assignment.split_of(document)
            at = plan.names.index(split)
            files[at].add(document)
            summary.add(document, chosen, at)
            before = earlier.by_id.get(id_key(document.id))
            if before is not None and before != at and len(moved) < _NAMED:
                moved.append(f"{document.id}: {plan.names[before]} to {split}")
            listing.write(encode_line(Assigned(document.id, document.sha256, split)))
        for each in files:
            each.flush()
    stage.manifest.notes["splits"] = summary.tables([each.tokens for each in files])
    if moved:
        stage.manifest.notes["moved_documents"] = moved
    paths = [folder / ASSIGNMENT]
    for each in files:
        paths += [each.path, *each.docbins]
        each.remove_others()
    paths += _present(folder / REST, rest is not None)
    paths += _present(folder / LINKING_SETS, _write_sets(folder, summary, stage, plan))
    stage.wrote(paths)


def _present(path: Path, is_written: bool) -> list[Path]:
    """The path if this run wrote it; what an earlier one left is removed."""
    if not is_written:
        places.remove(path)
    return [path] if is_written else []


def _write_sets(folder: Path, summary: Summary, stage: Stage, plan: Plan) -> bool:
    if plan.folds:
        return False
    table = stage.manifest.notes["splits"][plan.names[-1]]
    if not table["links"] + table["nil"]:
        return False
    counts: Counter[str] = Counter()
    learned = Learned(summary.mentions())
    test = read_records(folder / f"{plan.names[-1]}.jsonl", Document)

    def counted() -> Iterator[SetMention]:
        for each in hard_mentions(test, learned, plan.layer):
            counts.update(each.sets)
            yield each

    write_records(counted(), folder / LINKING_SETS)
    stage.manifest.notes["linking_sets"] = dict(sorted(counts.items()))
    return True


def _counted(documents: Iterable[Document], stage: Stage) -> Iterator[Document]:
    for document in documents:
        mentions = count_mentions(document)
        for counts, number in ((stage.documents, 1), (stage.mentions, mentions)):
            counts.received += number
            counts.kept += number
            counts.written += number
        yield document


class _SplitFiles:
    """One split's two files, and the tokens in them."""

    def __init__(
        self,
        folder: Path,
        name: str,
        layer: str,
        stage: Stage,
        stack: ExitStack,
        shard_size: int | None,
    ) -> None:
        self.path = folder / f"{name}.jsonl"
        self._whole = folder / f"{name}.spacy"
        self._is_sharded = shard_size is not None
        self._lines = stack.enter_context(atomic_output(self.path))
        self._docbins = stack.enter_context(
            docbin_shards(self._whole, layer=layer, stage=stage, shard_size=shard_size)
        )

    @property
    def docbins(self) -> list[Path]:
        return self._docbins.paths

    @property
    def tokens(self) -> int:
        return self._docbins.tokens

    def add(self, document: Document) -> None:
        """Append a document to both files."""
        self._lines.write(encode_line(document))
        self._docbins.add(document)

    def flush(self) -> None:
        """Encode what waits for the DocBin."""
        self._docbins.flush()

    def remove_others(self) -> None:
        """Remove the DocBins that an earlier run left: other shards, or one that is whole."""
        remove_shards(self._whole, len(self.docbins) if self._is_sharded else 0)
        if self._is_sharded:
            places.remove(self._whole)
