"""One command over many files as many jobs: an output for each file, and the list of them all.

`{}` in the name of the output stands for the name of the file: `documents/{}.jsonl` becomes
`documents/2024/wire.jsonl` for `2024/wire.jsonl.gz`. Each output has its own manifest, so that each
job is done, stopped and done again by itself, on any machine. The list says which outputs there
must be; every machine that sees the same files writes the same list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from msgspec import Struct

from corpus import places
from corpus.addresses import file_name, is_remote
from corpus.compression import bare_name
from corpus.errors import UsageError
from corpus.files import find_shards, is_stream, reason_of
from corpus.store import write_records

MARK = "{}"


class Shard(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="shard/1"):
    """A line of the list: which command makes which output of which file.

    Paths start at the list's folder, as in a manifest.
    """

    command: str
    input: str
    output: str


class Job(NamedTuple):
    """A file, its name from the root of what was asked for, and where its output goes."""

    input: str
    name: str
    output: Path


class Part(NamedTuple):
    """The Kth of N parts of all jobs: each Nth one, beginning with the Kth."""

    number: int = 1
    of: int = 1

    def has(self, position: int) -> bool:
        """Whether the job at that position, from 0, is in the part."""
        return position % self.of == self.number - 1


def part_of(text: str, output: str | Path) -> Part:
    """The part that `K/N` names, all of it if nothing does. Raises UsageError."""
    if not text:
        return Part()
    if not is_sharded(output):
        raise UsageError(
            f"--shard {text}: there is one output", "give -o a name with {} in it, one a file"
        )
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"--shard {text}: not a part", "give K/N, as 1/8 … 8/8")
    return Part(int(found[1]), int(found[2]))


def is_sharded(output: str | Path) -> bool:
    """Whether the output is one for each file."""
    return MARK in str(output)


def list_path(output: str | Path) -> Path:
    """Where the list of the shards stands: `documents/all.shards.jsonl` of `documents/{}.spacy`."""
    path = Path(str(output).replace(MARK, "all"))
    return path.with_name(path.name.partition(".")[0] + ".shards.jsonl")


def plan_jobs(files: Iterable[tuple[str, str]], output: str | Path) -> list[Job]:
    """A job for each (path, name), in their order. Raises UsageError where two give one output."""
    if str(output).count(MARK) > 1:
        raise UsageError(f"{output}: {MARK} stands in it more than once", "name it once")
    jobs: list[Job] = []
    first: dict[str, str] = {}
    for path, name in files:
        if is_stream(path):
            raise UsageError(f"{path}: has no name that {MARK} could stand for", "give files")
        bare = PurePosixPath(bare_name(name))
        made = Path(str(output).replace(MARK, str(bare.with_suffix(""))))
        if str(made) in first:
            raise UsageError(
                f"{made}: would be the output of {first[str(made)]} and of {name}",
                "rename one of them, or convert them apart",
            )
        first[str(made)] = name
        jobs.append(Job(path, name, made))
    return jobs


def named_files(source: str | Path) -> Iterator[tuple[str, str]]:
    """(path, name) of the files behind a path, its shards or a pattern. Raises UsageError."""
    found = find_shards(source)
    if places.has_magic(str(source)) and not places.is_file(source):
        root = places.fixed_part(str(source))
        yield from ((str(path), places.name_below(str(path), root)) for path in found)
    else:
        yield from ((str(path), Path(file_name(path)).name) for path in found)


def write_list(jobs: Iterable[Job], output: str | Path, command: str) -> Path:
    """The path of the list, which now says what all jobs make. Folders that lack are made."""
    path = list_path(output)
    make_folder(path)
    folder = path.parent
    records = (
        Shard(command, places.relative(job.input, folder), places.relative(job.output, folder))
        for job in jobs
    )
    write_records(records, path)
    return path


def make_folder(path: Path) -> None:
    """The file's folder is there. Raises UsageError where it cannot be made."""
    if is_remote(path):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{path.parent}: cannot be made ({reason_of(error)})", "give another -o"
        ) from error
