"""One run of a command towards one output, and whether there is anything to run."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import msgspec
from msgspec.structs import replace

from corpus import __version__, places
from corpus.addresses import is_on_web, is_remote
from corpus.errors import CorpusError, RemoteError, UsageError
from corpus.files import (
    atomic_output,
    check_place,
    is_stream,
    remove_partials,
    shards_of,
    unsharded_path,
)
from corpus.manifest.records import (
    FileMark,
    Manifest,
    beside_path,
    located,
    log_job,
    mark_file,
    read_manifest,
)
from corpus.model import Change
from corpus.store import encode_line, manifest_path

_log = logging.getLogger(__name__)

_LEDGERS = {"rejected": "rejects", "repaired": "repairs"}
_BESIDE = (*_LEDGERS.values(), "votes", "disputes")
_OTHER_INPUTS = "from other inputs"
_UNLISTED = 20  # as many lines as a terminal shows


class Stage:
    """One run of a command towards one output: counts, repairs and rejects as they come.

    Leaving the block well writes the ledgers and the finished manifest, and raises CorpusError
    if the counts do not add up; leaving it by an exception leaves an unfinished manifest. An
    output of `-` has no manifest; its first changes stand in `unlisted`. `sizes` are the bytes of
    the inputs, by path.
    """

    def __init__(
        self,
        output: str | Path,
        manifest: Manifest,
        states: Mapping[str, str] | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        self.output = str(output)
        self.sizes = sizes or {}
        self._states = states or {}
        self.manifest = manifest
        self.documents = manifest.documents
        self.mentions = manifest.mentions
        self._ledgers = ExitStack()
        self._open: dict[str, BinaryIO] = {}
        self._outputs: list[str | Path] = [output]
        self.unlisted: list[Change] = []
        self._started = time.monotonic()

    @property
    def on_disk(self) -> bool:
        """Whether there is an output file, and so a manifest."""
        return not is_stream(self.output)

    def record(self, change: Change) -> None:
        """Write one repair or reject to its ledger; the caller counts it, knowing what it is."""
        if not self.on_disk:
            if len(self.unlisted) < _UNLISTED:
                self.unlisted.append(change)
            return
        self.write_beside(_LEDGERS[change.kind], change)

    def write_beside(self, what: str, record: object) -> None:
        """Write one more record to `<output>.<what>.jsonl`, if there is an output file.

        `what` is rejects, repairs, votes or disputes; what a run does not write is removed.
        """
        if what not in self._open:
            if not self.on_disk:
                return
            ledger = atomic_output(beside_path(self.output, what))
            self._open[what] = self._ledgers.enter_context(ledger)
        self._open[what].write(encode_line(record))

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
        self._prove_conservation()
        self._prove_unchanged()
        self._ledgers.close()
        if not self.on_disk:
            return
        self.manifest.outputs = [_mark_beside(path, self.output) for path in self._outputs]
        self.manifest.ledgers = list(self._mark_ledgers())
        self.manifest.finished = True
        self.manifest.added_by = dict(sorted(self.manifest.added_by.items()))
        self.manifest.clock["finished"] = _now()
        self.manifest.clock["seconds"] = round(time.monotonic() - self._started, 3)
        _write_manifest(self.manifest, self.output)

    def _prove_conservation(self) -> None:
        for kind, counts in (("documents", self.documents), ("mentions", self.mentions)):
            for problem in counts.problems():
                raise CorpusError(
                    f"{self.output}: {kind} are not conserved: {problem}",
                    "this is a fault of corpus, please report it",
                )

    def _prove_unchanged(self) -> None:
        """An input that was replaced while the command ran: who knows which of the two it read?"""
        for path, state in self._states.items():
            if places.version_of(path) != state:
                raise RemoteError(f"{path}: was replaced while it was read", "run it again")

    def _mark_ledgers(self) -> Iterator[FileMark]:
        for what in _BESIDE:
            path = beside_path(self.output, what)
            if what in self._open:
                yield _mark_beside(path, self.output)
            else:
                places.remove(path)
                remove_partials(path)


def open_stage(
    command: str,
    output: str | Path,
    inputs: Iterable[str | Path],
    *,
    settings: Mapping[str, Any] | None = None,
    versions: Mapping[str, str] | None = None,
    seed: int | None = None,
    force: bool = False,
    renew: bool = False,
    renew_inputs: bool = False,
) -> Stage | None:
    """A Stage to work in, or None where the output is up to date.

    Up to date: a finished manifest of the same command, inputs, settings, versions and seed,
    and outputs that still have their hashes. An unfinished output is made again, with `renew`
    also one that this command made of something else, with `renew_inputs` one that differs in
    its inputs alone; any other existing one raises UsageError
    without `force`, and so does an input that is unfinished or the output itself, always.
    """
    if is_remote(output):
        check_place(output)
    # Looked up once: there may be many inputs, in one folder with the output.
    standing = [] if is_stream(output) else [Path(output), *shards_of(output)]
    taken = [place for place in standing if places.exists(place)]
    inputs = list(inputs)
    states = {str(path): places.version_of(path) for path in inputs if is_remote(path)}
    marks = [_mark_input(path, output, taken) for path in inputs]
    manifest = Manifest(
        command=command,
        settings=dict(sorted((settings or {}).items())),
        versions={"corpus": __version__, **dict(sorted((versions or {}).items()))},
        seed=seed,
        inputs=marks,
    )
    log_job(manifest, output)
    if not is_stream(output):
        if not is_remote(output) and not Path(output).parent.is_dir():
            check_place(output)
        if force:
            _log.info("%s is made whatever stands there (--force)", output)
        elif _is_up_to_date(manifest, output, renew=renew, inputs=renew_inputs):
            return None
    sizes = {str(path): mark.size for path, mark in zip(inputs, marks, strict=True)}
    return Stage(output, manifest, states, sizes)


def _mark_input(path: str | Path, output: str | Path, taken: Sequence[Path]) -> FileMark:
    if is_stream(path):
        return FileMark(path=str(path), sha256="", size=0)
    if any(places.is_same(place, path) for place in taken):
        raise UsageError(f"{output}: is an input too", "give another -o")
    for base in dict.fromkeys((Path(path), unsharded_path(path))):
        if (
            not is_on_web(path)
            and places.is_file(manifest_path(base))
            and not read_manifest(manifest_path(base)).finished
        ):
            raise UsageError(
                f"{path}: is unfinished, the command that makes it was stopped",
                "run that command again first",
            )
    if Path(path).is_absolute() or is_stream(output):
        return mark_file(path)
    return _mark_beside(path, output)


def _mark_beside(path: str | Path, output: str | Path) -> FileMark:
    return replace(mark_file(path), path=places.relative(path, Path(output).parent))


def _is_up_to_date(now: Manifest, output: str | Path, *, renew: bool, inputs: bool) -> bool:
    path = manifest_path(output)
    if not places.is_file(path):
        if _is_there(output):
            raise _refusal(output, "has no manifest, so it was not made by this command")
        _log.info("%s is not there yet, so it is made", output)
        return False
    earlier = read_manifest(path)
    there = [mark for mark in earlier.outputs if places.exists(located(mark, path))]
    if not earlier.finished or not there:
        why = "is gone" if earlier.finished else "is unfinished"
        _log.info("%s %s, so it is made again", output, why)
        return False
    differences = list(_differences(earlier, now))
    renew = renew or (inputs and differences == [_OTHER_INPUTS])
    if differences and not (renew and earlier.command == now.command):
        raise _refusal(output, f"made by {earlier.command!r} {differences[0]}")
    for mark in there:
        place = located(mark, path)
        if mark_file(place).sha256 != mark.sha256:
            raise _refusal(output, f"changed after {earlier.command!r} made it ({place})")
    is_same = not differences and len(there) == len(earlier.outputs)
    why = f"was made {differences[0]}" if differences else "lacks some of its files"
    told = "is as its inputs, settings and versions say" if is_same else f"{why}, so it is renewed"
    _log.info("%s %s", output, told)
    return is_same


def _refusal(output: str | Path, why: str) -> UsageError:
    return UsageError(f"{output}: exists, {why}", "give another -o, or --force to replace it")


def _is_there(output: str | Path) -> bool:
    if not is_remote(output) and Path(output).is_dir():
        return any(Path(output).iterdir())
    return places.exists(output) or bool(shards_of(output))


def _differences(earlier: Manifest, now: Manifest) -> Iterator[str]:
    """What makes this another job than the earlier one, in words."""
    if earlier.command != now.command:
        yield f"and not by {now.command!r}"
    if any(not mark.sha256 for mark in now.inputs):
        yield "from what cannot be compared with standard input"
    if [(m.path, m.sha256) for m in earlier.inputs] != [(m.path, m.sha256) for m in now.inputs]:
        yield _OTHER_INPUTS
    # Settings pass through JSON, where a tuple becomes a list.
    settings = msgspec.json.decode(msgspec.json.encode(now.settings))
    for what, old, new in (
        ("settings", earlier.settings, settings),
        ("versions", earlier.versions, now.versions),
        ("seed", {"seed": earlier.seed}, {"seed": now.seed}),
    ):
        names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
        if names:
            pairs = ", ".join(f"{name} {old.get(name)!r}, now {new.get(name)!r}" for name in names)
            yield f"with other {what} ({pairs})"


def _write_manifest(manifest: Manifest, output: str) -> None:
    text = msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2)
    with atomic_output(manifest_path(output)) as sink:
        sink.write(text + b"\n")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
