"""From what a person typed to the list of input files, in an order that is always the same."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from corpus import places
from corpus.addresses import is_on_web, is_remote, shown, url_of
from corpus.articles.raw import Source
from corpus.articles.readers import choose_kind
from corpus.errors import UsageError
from corpus.files import STDIO, shards_of, unsharded_path
from corpus.shards import Part

SHOWN_STDIN = "standard input"
_TWICE = "named twice"
_LEDGERS = (".manifest.json", ".rejects.jsonl", ".repairs.jsonl", ".shards.jsonl")


class Sources(NamedTuple):
    """The files to read, and how many others were passed over, by reason."""

    sources: list[Source]
    skipped: dict[str, int]


def find_sources(
    arguments: Iterable[str | Path],
    *,
    stdin: str = "",
    output: str | Path = STDIO,
    input_format: str = "",
    others: Mapping[str, str] | None = None,
    part: Part | None = None,
) -> Sources:
    """The sources behind files, folders (whole trees, sorted), globs and `-`.

    In folders hidden files and what `corpus` itself wrote are passed over and counted. A file
    of no known kind is among the sources, with the reason as its problem. `stdin` is the file
    that `-` stands for, `others` are kinds by suffix that are not ours to read. Of what is not in
    `part` nothing but the name is looked at. Raises UsageError for what is not there.
    """
    sources: list[Source] = []
    skipped: Counter[str] = Counter()
    seen: set[str] = set()
    for argument in map(str, arguments):
        before = len(sources), skipped[_TWICE]
        files = list(_files_of(argument, stdin))
        names = {name for _, name, _ in files}  # asking a bucket for each would take long
        for path, name, is_named in files:
            reason = _why_skip(path, name, is_named, output, seen, names)
            if reason:
                skipped[reason] += 1
                continue
            seen.add(places.identity(path))
            kind = problem = ""
            if part is None or part.has(len(sources)):
                kind, problem = choose_kind(
                    path, forced=input_format, is_named=is_named, others=others or {}
                )
            called = SHOWN_STDIN if path == stdin else shown(path) if is_remote(path) else ""
            sources.append(Source(len(sources), path, name, kind, problem, called))
        if (len(sources), skipped[_TWICE]) == before:
            raise UsageError(
                f"{argument}: nothing to read in it", "give a file, or a folder with articles in it"
            )
    return Sources(sources, dict(sorted((+skipped).items())))


def _why_skip(
    path: str, name: str, is_named: bool, output: str | Path, seen: set[str], names: set[str]
) -> str:
    if places.identity(path) in seen:
        return _TWICE
    if is_named:
        return ""
    if name.startswith(".") or "/." in name:
        return "hidden"
    if path.endswith(_LEDGERS) or f"{unsharded_path(name)}.manifest.json" in names:
        return "written by corpus"
    if str(output) != STDIO and _is_of(path, output):
        return "written by corpus"
    return ""


def _is_of(path: str, output: str | Path) -> bool:
    return places.identity(unsharded_path(path)) == places.identity(output)


@contextlib.contextmanager
def held_stdin(arguments: Iterable[str]) -> Iterator[str]:
    """The path of a temporary file with all of standard input, if `-` is among the arguments.

    Its kind is told by its beginning and its encoding by its end: it is read more than once.
    """
    if STDIO not in arguments:
        yield ""
        return
    with tempfile.NamedTemporaryFile(prefix="corpus-stdin-") as held:
        shutil.copyfileobj(sys.stdin.buffer, held)
        held.flush()
        yield held.name


def _files_of(argument: str, stdin: str) -> Iterator[tuple[str, str, bool]]:
    """(path, name relative to the root, whether it was itself what was typed)."""
    if argument == STDIO:
        yield stdin, "stdin", True
        return
    if is_remote(argument):
        yield from _objects_of(argument)
        return
    if os.path.isdir(argument):  # noqa: PTH112 - Path would drop a trailing slash and "./"
        yield from ((path, name, False) for path, name in places.files_below(argument))
        return
    if os.path.exists(argument):  # noqa: PTH110 - as it was typed
        yield argument, Path(argument).name, True
        return
    shards = shards_of(argument)
    if shards:
        yield from ((str(shard), shard.name, True) for shard in shards)
        return
    if not places.has_magic(argument):
        raise UsageError(f"{argument}: no such file or folder", "check the path")
    yield from _matches_of(argument)


def _objects_of(argument: str) -> Iterator[tuple[str, str, bool]]:
    """The same behind an address; a folder's objects are what its name and a slash begin."""
    if places.has_magic(argument):
        yield from _matches_of(argument)
    elif places.is_file(argument):
        yield argument, places.last_name(argument), True
    elif shards := shards_of(argument):
        yield from ((url_of(shard), shard.name, True) for shard in shards)
    elif is_on_web(argument):
        raise UsageError(f"{argument}: no such file on that server", "check the address")
    else:
        below = list(places.files_below(argument))
        if not below:
            raise UsageError(f"{argument}: no such object or folder", "check bucket and name")
        yield from ((path, name, False) for path, name in below)


def _matches_of(pattern: str) -> Iterator[tuple[str, str, bool]]:
    matches = places.matching(pattern)
    if not matches:
        raise UsageError(f"{pattern}: the pattern matches nothing", "check the pattern")
    root = places.fixed_part(pattern)
    for match in matches:
        if is_remote(match) or not os.path.isdir(match):  # noqa: PTH112 - as it was typed
            yield match, places.name_below(match, root), True
