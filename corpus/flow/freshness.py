"""Whether an output is as its inputs and settings say now: what its manifest is for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from corpus import __version__
from corpus.articles.sources import find_sources
from corpus.errors import CorpusError
from corpus.files import find_shards, is_stream, shards_of
from corpus.flow.steps import Step
from corpus.formats import FORMATS
from corpus.kb.layout import read_info
from corpus.manifest import FileMark, Manifest, located, manifest_path, mark_file, read_manifest

Verdict = Literal["fresh", "stale", "missing", "unfinished", "changed"]


class State(Struct, frozen=True):
    """A verdict on an output, and why; the manifest, if it has one.

    `other_settings` says that a project's settings are not those that it was made with.
    """

    verdict: Verdict
    why: str = ""
    manifest: Manifest | None = None
    other_settings: bool = False


class Marks:
    """The hashes of files, each read once."""

    def __init__(self) -> None:
        self._marks: dict[Path, FileMark] = {}

    def same(self, place: Path, mark: FileMark) -> bool:
        """Whether a file is there as it was marked."""
        if not place.is_file() or place.stat().st_size != mark.size:
            return False
        key = place.resolve()
        if key not in self._marks:
            self._marks[key] = mark_file(place)
        return self._marks[key].sha256 == mark.sha256


def state_of(output: Path, marks: Marks, step: Step | None = None, folder: Path = Path()) -> State:
    """The state of an output: by its manifest alone, or also by a project's step.

    `changed` means by hand: nothing may replace it unasked.
    """
    path = manifest_path(output)
    if not path.is_file():
        if output.exists() or shards_of(output):
            return State("changed", "is there without a manifest, so no command of corpus made it")
        return State("missing", "not made yet")
    manifest = read_manifest(path)
    if not manifest.finished:
        return State("unfinished", f"{manifest.command} was stopped", manifest)
    for mark in manifest.outputs:
        place = located(mark, path)
        if not place.exists():
            return State("missing", f"{mark.path} is gone", manifest)
        if not marks.same(place, mark):
            return State("changed", f"{mark.path} was changed after it was made", manifest)
    settings = list(_setting_reasons(manifest, step)) if step is not None else []
    reasons = [*settings, *_reasons(manifest, path, marks)]
    if step is not None:
        reasons += _step_reasons(manifest, path, step, folder)
    if reasons:
        return State("stale", reasons[0], manifest, bool(settings))
    return State("fresh", "", manifest)


def _reasons(manifest: Manifest, path: Path, marks: Marks) -> list[str]:
    found = []
    for mark in manifest.inputs:
        place = located(mark, path)
        if not mark.sha256 or is_stream(place):
            continue
        if not place.is_file():
            found.append(f"its input {mark.path} is gone")
        elif not marks.same(place, mark):
            found.append(f"its input {mark.path} has changed")
    made = manifest.versions.get("corpus")
    if made != __version__:
        found.append(f"made by corpus {made}, this is {__version__}")
    return found


def _setting_reasons(manifest: Manifest, step: Step) -> Iterator[str]:
    made, wanted = dict(manifest.settings), dict(step.settings)
    if step.seed is not None:
        made["seed"], wanted["seed"] = manifest.seed, step.seed
    for name, value in wanted.items():
        if made.get(name) != value:
            yield f"made with {name} {made.get(name)!r}, now {value!r}"


def _step_reasons(manifest: Manifest, path: Path, step: Step, folder: Path) -> Iterator[str]:
    if step.name == "kb" and not _kb_hash(folder / step.output):
        yield "cannot be read by this version of corpus"
    kb = manifest.settings.get("kb")
    if kb and manifest.versions.get("kb") != _kb_hash(folder / kb):
        yield "the knowledge base has changed"
    if step.kind == "pull":
        return  # its inputs are the server's
    known = {located(mark, path).resolve() for mark in manifest.inputs}
    for place in expected_inputs(step, folder):
        if place.resolve() not in known and place.name != "kb.json":
            yield f"{place.name} is new"


def _kb_hash(folder: Path) -> str:
    try:
        return read_info(folder).hash
    except CorpusError:
        return ""


def expected_inputs(step: Step, folder: Path) -> list[Path]:
    """The files that a step reads as they are now; what is not there is left out."""
    found: list[Path] = []
    for name in (*step.inputs, *step.optional):
        path = folder / name
        if step.name == "convert":
            found += _articles(path, folder / step.output)
        elif path.is_dir():
            found += sorted(each for each in path.iterdir() if each.is_file())
        elif path.is_file() or shards_of(path):
            found += map(Path, find_shards(path))
    return found


def _articles(source: Path, output: Path) -> list[Path]:
    others = {suffix: name for name, each in FORMATS.items() for suffix in each.suffixes}
    try:
        found = find_sources([source], output=output, others=others).sources
        return [Path(each.path) for each in found if Path(each.path).is_file()]
    except CorpusError:
        return []
