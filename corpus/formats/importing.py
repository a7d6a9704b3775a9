"""Files of other tools as Documents, every one of them sound or listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from corpus.errors import FormatError
from corpus.formats import Format
from corpus.manifest import Stage
from corpus.model import Change, Document, count_mentions, problems_of


def import_documents(
    path: str | Path, *, format: Format, stage: Stage, layer: str = "gold", **options: Any
) -> Iterator[Document]:
    """The documents of the file, counted in the stage; what cannot be one is a listed reject.

    Raises FormatError with file and line where the file is not of the format.
    """
    yield from _counted(format.read(path, layer=layer, stage=stage, **options), path, stage)
    if format.folder and not stage.documents.received:
        raise FormatError(
            f"{path}: holds no file that is {format.title}", "check the path and --format"
        )


def _counted(documents: Iterable[Document], path: str | Path, stage: Stage) -> Iterator[Document]:
    for document in documents:
        problem = next(problems_of(document), None)
        mentions = count_mentions(document)
        for counts, count in ((stage.documents, 1), (stage.mentions, mentions)):
            counts.received += count
            if problem is None:
                counts.kept += count
                counts.written += count
            else:
                counts.rejected += count
        if problem is None:
            yield document
        else:
            stage.record(Change("rejected", document.id, problem, str(path)))


def confirm_annotators(document: Document) -> Document:
    """The document; annotators' layers of which nothing is known are confirmed."""
    layers = tuple(
        replace(layer, state="confirmed")
        if layer.name.startswith("annotator:") and layer.state is None
        else layer
        for layer in document.layers
    )
    return replace(document, layers=layers)
