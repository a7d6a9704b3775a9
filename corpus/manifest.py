"""What a command did, beside its output: inputs, settings, versions, counts, repairs, rejects.

`documents.jsonl` is accompanied by `documents.jsonl.manifest.json` and, where there is
something to say, `documents.jsonl.repairs.jsonl` and `documents.jsonl.rejects.jsonl`. The
manifest is written first as unfinished and last as finished: a killed command is seen, and
run again it begins anew. The clock stands in its own field: all else is the same each time.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from corpus import __version__
from corpus.errors import StoreError, UsageError
from corpus.model import Change
from corpus.store import STDIO, atomic_output, encode_line, find_shards


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
    """A file as it was when it was read or written."""

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
    documents: Counts = msgspec.field(default_factory=Counts)
    mentions: Counts = msgspec.field(default_factory=Counts)
    added_by: dict[str, int] = {}
    notes: dict[str, Any] = {}
    clock: dict[str, Any] = {}


def manifest_path(output: str | Path) -> Path:
    """Where the manifest of an output stands."""
    return Path(f"{output}.manifest.json")


def rejects_path(output: str | Path) -> Path:
    """Where the rejects of an output stand, if there are any."""
    return Path(f"{output}.rejects.jsonl")


def repairs_path(output: str | Path) -> Path:
    """Where the repairs of an output stand, if there are any."""
    return Path(f"{output}.repairs.jsonl")


def mark_file(path: str | Path) -> FileMark:
    """The file's path as given, its SHA-256 and its size in bytes."""
    digest = hashlib.sha256()
    size = 0
    try:
        with Path(path).open("rb") as source:
            while block := source.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return FileMark(path=str(path), sha256=digest.hexdigest(), size=size)


def read_manifest(path: str | Path) -> Manifest:
    """The manifest at that path. Raises StoreError if it is none."""
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreError(f"{path}: not a manifest ({error})", "make the output again") from error


class Stage:
    """One run of a command towards one output: counts, repairs and rejects as they come.

    Leaving the block well writes the ledgers and the finished manifest; leaving it by an
    exception leaves an unfinished one. An output of `-` has no manifest.
    """

    def __init__(self, output: str | Path, manifest: Manifest) -> None:
        self.output = str(output)
        self.manifest = manifest
        self.documents = manifest.documents
        self.mentions = manifest.mentions
        self._ledgers = ExitStack()
        self._open: dict[str, BinaryIO] = {}
        self._outputs: list[str | Path] = [output]
        self._started = time.monotonic()

    @property
    def on_disk(self) -> bool:
        """Whether there is an output file, and so a manifest."""
        return self.output != STDIO

    def record(self, change: Change) -> None:
        """Write one repair or reject to its ledger; the caller counts it, knowing what it is."""
        if not self.on_disk:
            return
        if change.kind not in self._open:
            path = {"rejected": rejects_path, "repaired": repairs_path}[change.kind](self.output)
            self._open[change.kind] = self._ledgers.enter_context(atomic_output(path))
        self._open[change.kind].write(encode_line(change))

    def add(self, author: str, count: int = 1) -> None:
        """Count mentions added by an author (a layer name)."""
        self.mentions.added += count
        added = self.manifest.added_by
        added[author] = added.get(author, 0) + count

    def wrote(self, paths: Iterable[str | Path]) -> None:
        """Say which files the output consists of, where it is not one file of its name."""
        self._outputs = list(paths)

    def __enter__(self) -> Stage:
        self.manifest.clock = {"started": _now()}
        if self.on_disk:
            _write_manifest(self.manifest, self.output)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._ledgers.__exit__(kind, error, traceback)
            return
        self._ledgers.close()
        if not self.on_disk:
            return
        for change, path in (("rejected", rejects_path), ("repaired", repairs_path)):
            if change not in self._open:
                path(self.output).unlink(missing_ok=True)
        self.manifest.outputs = [mark_file(path) for path in self._outputs]
        self.manifest.finished = True
        self.manifest.added_by = dict(sorted(self.manifest.added_by.items()))
        self.manifest.clock["finished"] = _now()
        self.manifest.clock["seconds"] = round(time.monotonic() - self._started, 3)
        _write_manifest(self.manifest, self.output)


def open_stage(
    command: str,
    output: str | Path,
    inputs: Iterable[str | Path],
    *,
    settings: Mapping[str, Any] | None = None,
    versions: Mapping[str, str] | None = None,
    seed: int | None = None,
    force: bool = False,
) -> Stage | None:
    """A Stage to work in, or None where the output is up to date.

    Up to date: a finished manifest of the same command, inputs, settings, versions and seed,
    and outputs that still have their hashes. An unfinished output is made again; any other
    existing one raises UsageError without `force`.
    """
    marks = [mark_file(path) for path in inputs if str(path) != STDIO]
    manifest = Manifest(
        command=command,
        settings=dict(sorted((settings or {}).items())),
        versions={"corpus": __version__, **dict(sorted((versions or {}).items()))},
        seed=seed,
        inputs=marks,
    )
    if str(output) == STDIO:
        return Stage(output, manifest)
    path = manifest_path(output)
    earlier = read_manifest(path) if path.exists() else None
    if earlier is not None and not force:
        if earlier.finished and _same_job(earlier, manifest) and _intact(earlier):
            return None
        if earlier.finished and _outputs_exist(earlier):
            raise UsageError(
                f"{output}: exists, made by {earlier.command!r} from other inputs, settings or "
                "versions",
                "give another -o, or --force to replace it",
            )
    if earlier is None and not force and _exists(output):
        raise UsageError(
            f"{output}: exists and has no manifest, so it was not made by this command",
            "give another -o, or --force to replace it",
        )
    return Stage(output, manifest)


def _same_job(earlier: Manifest, now: Manifest) -> bool:
    def job(manifest: Manifest) -> object:
        # Settings pass through JSON, where a tuple becomes a list.
        settings = msgspec.json.decode(msgspec.json.encode(manifest.settings))
        files = [(mark.path, mark.sha256) for mark in manifest.inputs]
        return manifest.command, settings, manifest.versions, manifest.seed, files

    return job(earlier) == job(now)


def _intact(earlier: Manifest) -> bool:
    return all(
        Path(mark.path).is_file() and mark_file(mark.path) == mark for mark in earlier.outputs
    )


def _outputs_exist(earlier: Manifest) -> bool:
    return any(Path(mark.path).exists() for mark in earlier.outputs)


def _exists(output: str | Path) -> bool:
    try:
        return bool(find_shards(output))
    except UsageError:
        return Path(output).exists()


def _write_manifest(manifest: Manifest, output: str) -> None:
    text = msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2)
    with atomic_output(manifest_path(output)) as sink:
        sink.write(text + b"\n")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
