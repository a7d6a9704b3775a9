"""Layers from the server into documents, and the proof that no earlier layer is lost."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from corpus.doccano.annotators import ANNOTATOR
from corpus.doccano.exports import Place, RowIndex
from corpus.doccano.mapping import ExportRow, read_mark, text_mark
from corpus.errors import DataError
from corpus.manifest import Stage
from corpus.model import Change, Document, Layer, Mention, make_document, with_layer
from corpus.store import decode_line

_SHOWN = 3  # losses that the message names


def rebuild_document(row: ExportRow) -> tuple[Document, str]:
    """The document as it was pushed, as far as its row knows it; and why it may not be, if so."""
    meta = {"title": row.corpus_title, "date": row.corpus_date}
    document = make_document(
        str(row.corpus_id), str(row.text), meta={key: value for key, value in meta.items() if value}
    )
    if read_mark(row.corpus_mark).text != text_mark(document.sha256):
        return document, "its text was changed on the server after the push"
    return document, ""


def add_layer(document: Document, layer: Layer, stage: Stage) -> Document:
    """The document with this layer, its mentions counted as added by its author.

    In place of an equal layer of the document itself: what both have was kept, what only the
    old one had is a reject, and a mention that is judged otherwise now is a repair.
    """
    old = next((one for one in document.layers if layer_key(one) == layer_key(layer)), None)
    before = Counter(_content(mention) for mention in old.mentions) if old else Counter()
    judged = {mention.id: mention for mention in old.mentions} if old else {}
    kept = 0
    for mention in layer.mentions:
        if before[_content(mention)]:
            before[_content(mention)] -= 1
            kept += 1
            earlier = judged.get(mention.id, mention)
            if earlier.links != mention.links:
                _repair_links(document, layer, earlier, mention, stage)
    stage.add(layer.name, len(layer.mentions) - kept)
    for start, end, label in (+before).elements():
        stage.mentions.kept -= 1
        stage.mentions.rejected += 1
        stage.record(
            Change(
                kind="rejected",
                document=document.id,
                reason="the layer on the server does not have it any more",
                layer=layer.name,
                mention=f"{start}-{end}:{label}",
                before={"start": start, "end": end, "label": label},
            )
        )
    return with_layer(document, layer)


def _repair_links(
    document: Document, layer: Layer, earlier: Mention, now: Mention, stage: Stage
) -> None:
    stage.mentions.kept -= 1
    stage.mentions.repaired += 1
    stage.record(
        Change(
            kind="repaired",
            document=document.id,
            reason="the decision on the server is another now",
            layer=layer.name,
            mention=now.id,
            before={"links": msgspec.to_builtins(earlier.links)},
            after={"links": msgspec.to_builtins(now.links)},
        )
    )


class EarlierLayers:
    """What an earlier pull into the same folder wrote, found by document id; perhaps nothing."""

    def __init__(self, output: Path, *, force: bool) -> None:
        self._force = force
        self._path = output if output.is_file() else None
        self._index = RowIndex(output) if self._path else None
        self._given = sqlite3.connect("")
        self._given.execute("CREATE TABLE given (id TEXT PRIMARY KEY)")
        self._losses = 0
        self._examples: list[str] = []
        offset = 0
        for line in self._lines():
            document = decode_line(line, Document, str(self._path))
            if self._index and any(_is_annotator(layer) for layer in document.layers):
                self._index.add(document.id, Place(offset, len(line)))
            offset += len(line)

    def documents(self) -> Iterator[Document]:
        """The documents as they were, without the layers of annotators."""
        for line in self._lines():
            document = decode_line(line, Document, str(self._path))
            others = tuple(layer for layer in document.layers if not _is_annotator(layer))
            yield msgspec.structs.replace(document, layers=others)

    def layers(self, document: str) -> list[Layer]:
        """The annotators' layers that the document had."""
        line = self._index.line(document) if self._index else None
        if line is None:
            return []
        layers = decode_line(line, Document, str(self._path)).layers
        return [layer for layer in layers if _is_annotator(layer)]

    def check_once(self, document: str) -> None:
        """Raises DataError for a document that was given before."""
        try:
            self._given.execute("INSERT INTO given VALUES (?)", (document,))
        except sqlite3.IntegrityError as error:
            raise DataError(
                f"document id {document!r} stands twice in the given documents", "mend the ids"
            ) from error

    def lose(self, document: str, layer: Layer, reason: str) -> None:
        """Note a layer that the server's state would cost."""
        self._losses += 1
        if len(self._examples) < _SHOWN:
            self._examples.append(f"{layer.name} of {document!r} ({reason})")

    def check_all_kept(self) -> None:
        """Raises DataError if an earlier layer would be lost, unless that was forced."""
        for document in self._index.unseen() if self._index else ():
            for layer in self.layers(document):
                self.lose(document, layer, "not among the given documents")
        if self._losses and not self._force:
            more = f" and {self._losses - _SHOWN} more" if self._losses > _SHOWN else ""
            raise DataError(
                f"{self._path}: this pull would lose {', '.join(self._examples)}{more}",
                "nothing was changed; look at it in Doccano, or accept it with --force",
            )

    def close(self) -> None:
        """Nothing is left open."""
        if self._index:
            self._index.close()
        self._given.close()

    def _lines(self) -> Iterator[bytes]:
        if self._path is not None:
            with self._path.open("rb") as source:
                yield from source


def _is_annotator(layer: Layer) -> bool:
    return layer.name.startswith(ANNOTATOR)


def layer_key(layer: Layer) -> tuple[str, str, int]:
    """What makes two layers of a document the same one."""
    return (layer.name, layer.task, layer.round)


def _content(mention: Mention) -> tuple[int, int, str]:
    return (mention.start, mention.end, mention.label)
