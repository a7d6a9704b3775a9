"""What an earlier pull into the folder wrote, and the proof that none of it is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from corpus.doccano.annotators import ANNOTATOR
from corpus.doccano.exports import Place, RowIndex
from corpus.doccano.history import History
from corpus.doccano.sources import LayerKey
from corpus.errors import DataError
from corpus.model import Document, Layer
from corpus.store import decode_line

_SHOWN = 3  # losses that the message names


class EarlierLayers:
    """What an earlier pull into the same folder wrote, found by document id; perhaps nothing."""

    def __init__(self, output: Path, *, force: bool) -> None:
        self._force = force
        self._history = History(output.parent)
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

    def layers(self, document: Document) -> dict[LayerKey, Layer]:
        """The annotators' layers that the document had; they are lost if its text is another."""
        line = self._index.line(document.id) if self._index else None
        if line is None:
            return {}
        earlier = decode_line(line, Document, str(self._path))
        layers = [layer for layer in earlier.layers if _is_annotator(layer)]
        if earlier.sha256 != document.sha256:
            for layer in layers:
                self.lose(earlier, layer, "its text is another now")
            return {}
        return {layer_key(layer): layer for layer in layers}

    def check_once(self, document: str) -> None:
        """Raises DataError for a document that was given before."""
        try:
            self._given.execute("INSERT INTO given VALUES (?)", (document,))
        except sqlite3.IntegrityError as error:
            raise DataError(
                f"document id {document!r} stands twice in the given documents", "mend the ids"
            ) from error

    def lose(self, document: Document, layer: Layer, reason: str) -> None:
        """Note a layer that the server's state would cost."""
        self._losses += 1
        if len(self._examples) < _SHOWN:
            self._examples.append(f"{layer.name} of {document.id!r} ({reason})")
        self._history.keep(document.id, document.sha256, layer, reason)

    def replace(self, document: Document, old: Layer, new: Layer) -> None:
        """Note a layer in whose place another comes; it is lost if it was confirmed alone."""
        if old.state == "confirmed" != new.state:
            self.lose(document, old, "not confirmed any more")
        elif old != new and old.state != "untouched":
            self._history.keep(document.id, document.sha256, old, "changed on the server")

    def check_all_kept(self) -> None:
        """Every layer that is replaced or lost is in the folder's history from now on.

        Raises DataError if one would be lost, unless that was forced.
        """
        for id in self._index.unseen() if self._index else ():
            line = self._index.peek(id) if self._index else b""
            document = decode_line(line, Document, str(self._path))
            for layer in document.layers:
                if _is_annotator(layer):
                    self.lose(document, layer, "not among the given documents")
        if self._losses and not self._force:
            more = f" and {self._losses - _SHOWN} more" if self._losses > _SHOWN else ""
            raise DataError(
                f"{self._path}: this pull would lose {', '.join(self._examples)}{more}",
                "nothing was changed; look at it in Doccano, or accept it with --force",
            )
        self._history.save()

    @property
    def kept(self) -> int:
        """How many layers went into the folder's history."""
        return self._history.kept

    def close(self) -> None:
        """Nothing is left open."""
        self._history.drop()
        if self._index:
            self._index.close()
        self._given.close()

    def _lines(self) -> Iterator[bytes]:
        if self._path is not None:
            with self._path.open("rb") as source:
                yield from source


def layer_key(layer: Layer) -> LayerKey:
    """What makes two layers of a document the same one."""
    return (layer.name, layer.task, layer.round)


def _is_annotator(layer: Layer) -> bool:
    return layer.name.startswith(ANNOTATOR)
