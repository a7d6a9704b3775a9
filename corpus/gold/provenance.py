"""From an output back to the articles: its manifest, those of its inputs, and so on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from corpus.errors import StoreError, UsageError
from corpus.files import is_stream, unsharded_path
from corpus.manifest import FileMark, Manifest, located, manifest_path, mark_file, read_manifest


class Source(Struct, frozen=True, omit_defaults=True):
    """A file that a step read, and whether it is still what was read."""

    path: str
    sha256: str
    state: str


class Step(Struct, frozen=True, omit_defaults=True):
    """One command: what it wrote, from what, how and when."""

    output: str
    command: str
    settings: dict[str, Any] = {}
    versions: dict[str, str] = {}
    seed: int | None = None
    finished: str = ""
    inputs: tuple[Source, ...] = ()


def walk_back(output: Path) -> Iterator[tuple[Path, Manifest]]:
    """(output, manifest) of this file and of all it was made of, the newest first, each once."""
    seen: set[Path] = set()
    waiting = [output]
    while waiting:
        path = waiting.pop(0)
        found = manifest_of(path)
        if found is None or found.resolve() in seen:
            continue
        seen.add(found.resolve())
        manifest = read_manifest(found)
        yield path, manifest
        waiting += [_place_of(mark, found) for mark in manifest.inputs if not is_stream(mark.path)]


def manifest_of(path: Path) -> Path | None:
    """The manifest of a file, of what it is a shard of, or of the folder that it was written to."""
    for base in (path, unsharded_path(path), path.parent):
        if base.name and manifest_path(base).is_file():
            return manifest_path(base)
    return None


def step_of(path: Path, manifest: Manifest, source_sha256: str) -> Step:
    """What a manifest tells; of a convert's inputs only the article of that hash, if it has one."""
    at = manifest_of(path)
    inputs = manifest.inputs
    if manifest.command == "convert":
        inputs = [mark for mark in inputs if mark.sha256 == source_sha256] or inputs
    return Step(
        output=str(path),
        command=manifest.command,
        settings={name: value for name, value in manifest.settings.items() if value},
        versions=manifest.versions,
        seed=manifest.seed,
        finished=str(manifest.clock.get("finished", "")),
        inputs=tuple(_source(mark, at) for mark in inputs) if at else (),
    )


def _source(mark: FileMark, manifest: Path) -> Source:
    if not mark.sha256:
        return Source(mark.path, "", "a stream")
    place = _place_of(mark, manifest)
    if not place.is_file():
        return Source(str(place), mark.sha256, "not there any more")
    same = place.stat().st_size == mark.size and mark_file(place).sha256 == mark.sha256
    return Source(str(place), mark.sha256, "as it was" if same else "changed since")


def _place_of(mark: FileMark, manifest: Path) -> Path:
    return Path(os.path.normpath(located(mark, manifest)))


def find_gold(folder: Path) -> Path:
    """The one adjudicated output in a folder that no other adjudication was made from.

    Raises UsageError where there is none, or several.
    """
    made: dict[Path, Manifest] = {}
    for path in sorted(folder.glob("*.manifest.json")):
        try:
            manifest = read_manifest(path)
        except StoreError:
            continue
        if manifest.command == "adjudicate" and manifest.finished:
            made[path.with_name(path.name.removesuffix(".manifest.json"))] = manifest
    used = {
        step.resolve()
        for path in made
        for step, _ in walk_back(path)
        if step.resolve() != path.resolve()
    }
    last = [path for path in made if path.resolve() not in used]
    if len(last) != 1:
        what = "no adjudicated gold" if not last else f"more than one ({', '.join(map(str, last))})"
        raise UsageError(f"{folder}: {what} is here", "name the file with --in")
    return last[0]
