"""What a command did, beside its output: inputs, settings, versions, counts, repairs, rejects.

`documents.jsonl` is accompanied by `documents.jsonl.manifest.json` and, where there is
something to say, `documents.jsonl.repairs.jsonl` and `documents.jsonl.rejects.jsonl`. The
manifest is written first as unfinished and last as finished: a killed command is seen. Run
again it begins anew, or goes on where it was (`curve`, `rank`). The clock stands in its own
field: all else is the same each time.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from corpus import places
from corpus.addresses import shown
from corpus.errors import StoreError, UsageError
from corpus.files import open_bytes, reason_of
from corpus.store import check_type, read_earlier

_log = logging.getLogger(__name__)


class Counts(Struct, forbid_unknown_fields=True):
    """Conservation of one kind of thing through one stage.

    received = kept + repaired + rejected, and written = kept + repaired + added.
    """

    received: int = 0
    kept: int = 0
    repaired: int = 0
    rejected: int = 0
    added: int = 0
    written: int = 0

    def problems(self) -> list[str]:
        """The equations that do not hold, in words."""
        found = []
        if self.received != self.kept + self.repaired + self.rejected:
            found.append(
                f"received {self.received} is not kept {self.kept} + repaired {self.repaired} "
                f"+ rejected {self.rejected}"
            )
        if self.written != self.kept + self.repaired + self.added:
            found.append(
                f"written {self.written} is not kept {self.kept} + repaired {self.repaired} "
                f"+ added {self.added}"
            )
        return found


class FileMark(Struct, frozen=True, forbid_unknown_fields=True):
    """A file as it was when it was read or written.

    In a manifest the path starts at the manifest's folder, unless an input was named by an
    absolute one: a workspace can be moved. Of a stream nothing but its name is known.
    """

    path: str
    sha256: str
    size: int


class Manifest(Struct, forbid_unknown_fields=True, tag_field="type", tag="manifest/1"):
    """All that a later reader needs to trust an output, or to make it again."""

    command: str
    finished: bool = False
    settings: dict[str, Any] = {}
    versions: dict[str, str] = {}
    seed: int | None = None
    inputs: list[FileMark] = []
    outputs: list[FileMark] = []
    ledgers: list[FileMark] = []
    documents: Counts = msgspec.field(default_factory=Counts)
    mentions: Counts = msgspec.field(default_factory=Counts)
    added_by: dict[str, int] = {}
    notes: dict[str, Any] = {}
    clock: dict[str, Any] = {}


def beside_path(output: str | Path, what: str) -> Path:
    """Where a list that accompanies an output stands: its rejects, repairs, votes or disputes."""
    return Path(f"{output}.{what}.jsonl")


def rejects_path(output: str | Path) -> Path:
    """Where the rejects of an output stand, if there are any."""
    return beside_path(output, "rejects")


def repairs_path(output: str | Path) -> Path:
    """Where the repairs of an output stand, if there are any."""
    return beside_path(output, "repairs")


def located(mark: FileMark, manifest: str | Path) -> Path:
    """Where a file stands that a manifest at that path marks."""
    return places.located(mark.path, Path(manifest).parent)


def mark_file(path: str | Path) -> FileMark:
    """The file's path as given, its SHA-256 and its size in bytes."""
    digest = hashlib.sha256()
    size = 0
    try:
        with open_bytes(path) as source:
            while block := source.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise UsageError(f"{path}: {reason_of(error)}", "give a file that can be read") from error
    return FileMark(path=shown(path), sha256=digest.hexdigest(), size=size)


def read_manifest(path: str | Path) -> Manifest:
    """The manifest at that path. Raises StoreError if it is none."""
    try:
        with open_bytes(path) as source:
            content = source.read()
        earlier = read_earlier(content, Manifest, str(path))
        if earlier is not None:
            return earlier
        check_type(content, Manifest, str(path))
        return msgspec.json.decode(content, type=Manifest)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise StoreError(f"{path}: not a manifest ({error})", "make the output again") from error


def log_job(manifest: Manifest, output: str | Path) -> None:
    """Log what a run is to make, of what, and by which settings."""
    size = sum(mark.size for mark in manifest.inputs)
    inputs = f"{len(manifest.inputs):,} input(s) of {size:,} bytes"
    _log.info("%s makes %s of %s", manifest.command, output, inputs)
    for mark in manifest.inputs:
        _log.info("  input %s, sha256 %s…", mark.path, mark.sha256[:12] or "not known")
    for what, values in (("setting", manifest.settings), ("version", manifest.versions)):
        for name, value in values.items():
            _log.info("  %s %s: %s", what, name, value)
