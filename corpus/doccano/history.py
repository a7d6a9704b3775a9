"""Layers that a pull replaced or gave up, kept beside the documents: one file a pull that did so.

Each line is one layer as it stood, with the document and the hash of the text that it was for.
The files are named by the hash of their content, so a pull that was killed and run again leaves
the same ones.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from corpus.model import Layer
from corpus.store import encode_line

FOLDER = "history"
_PARTIAL = ".partial"


class EarlierLayer(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="earlier_layer/1"
):
    """A layer as an earlier pull wrote it, and why it does not stand in the documents any more."""

    document: str
    sha256: str
    reason: str
    layer: Layer


class History:
    """What this pull takes away, written as it comes; nothing is left of a pull that stops."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._digest = hashlib.sha256()
        self._sink: BinaryIO | None = None
        self.kept = 0

    def keep(self, document: str, sha256: str, layer: Layer, reason: str) -> None:
        """One more layer that will not stand in the documents any more."""
        if self._sink is None:
            self._folder.mkdir(exist_ok=True)
            self._sink = (self._folder / _PARTIAL).open("wb")  # a killed pull may have left one
        line = encode_line(EarlierLayer(document, sha256, reason, layer))
        self.kept += 1
        self._digest.update(line)
        self._sink.write(line)

    def save(self) -> None:
        """What was kept stands on the disk, before the documents are replaced."""
        if self._sink is not None:
            self._sink.flush()
            os.fsync(self._sink.fileno())
            name = f"{self._digest.hexdigest()[:16]}.jsonl"
            (self._folder / _PARTIAL).replace(self._folder / name)
            self._close()

    def drop(self) -> None:
        """What was kept and not saved is gone."""
        if self._sink is not None:
            self._close()
            (self._folder / _PARTIAL).unlink()
            if not any(self._folder.iterdir()):
                self._folder.rmdir()

    def _close(self) -> None:
        if self._sink is not None:
            self._sink.close()
        self._sink = None
