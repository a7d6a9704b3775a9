"""From a file back to where it came from: the manifests of its stages, first the oldest."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from corpus.files import unsharded_path
from corpus.manifest import Manifest, located, manifest_path, read_manifest, rejects_path
from corpus.model import Change
from corpus.store import read_records

_REASONS = 10  # kinds of reject named of one stage


class Step(NamedTuple):
    """One stage: its manifest, where that stands, and how often each reason rejected something."""

    path: Path
    manifest: Manifest
    rejects: dict[str, int]

    @property
    def output(self) -> str:
        """The output's file name."""
        return self.path.name.removesuffix(".manifest.json")


def trace(files: list[Path]) -> tuple[list[Step], list[Path]]:
    """The stages behind the files, oldest first, and the inputs that no manifest speaks of.

    A file without a manifest is its own origin.
    """
    steps: dict[Path, Step] = {}
    origins: dict[Path, None] = {}
    for file in files:
        _follow(file, steps, origins)
    return list(steps.values()), list(origins)


def _follow(file: Path, steps: dict[Path, Step], origins: dict[Path, None]) -> None:
    path = _manifest_of(file)
    if path is None:
        origins.setdefault(file)
        return
    if path.resolve() in steps:
        return
    manifest = read_manifest(path)
    for mark in manifest.inputs:
        _follow(located(mark, path), steps, origins)
    output = path.with_name(path.name.removesuffix(".manifest.json"))
    steps.setdefault(path.resolve(), Step(path, manifest, _reasons(rejects_path(output))))


def _manifest_of(file: Path) -> Path | None:
    """The manifest that speaks of a file: its own, of its shards, or of the splits it is one of."""
    for base in (file, unsharded_path(file), file.with_name("splits.jsonl")):
        path = manifest_path(base)
        if not path.exists():
            continue
        if base.name == file.name or any(
            located(mark, path).resolve() == file.resolve() for mark in read_manifest(path).outputs
        ):
            return path
    return None


def _reasons(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    counts: dict[str, int] = {}
    for change in read_records(path, Change):
        counts[change.reason] = counts.get(change.reason, 0) + 1
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    rest = sum(number for _, number in most[_REASONS:])
    return dict(most[:_REASONS]) | ({"other reasons": rest} if rest else {})
