"""From what a person typed to the list of input files, in an order that is always the same."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from corpus.articles.raw import Source
from corpus.articles.readers import choose_kind
from corpus.errors import UsageError
from corpus.files import STDIO, shards_of, unsharded_path

_TWICE = "named twice"
_LEDGERS = (".manifest.json", ".rejects.jsonl", ".repairs.jsonl")


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
) -> Sources:
    """The sources behind files, folders (whole trees, sorted), globs and `-`.

    In folders hidden files and what `corpus` itself wrote are passed over and counted. A file
    of no known kind is among the sources, with the reason as its problem. `stdin` is the file
    that `-` stands for, `others` are kinds by suffix that are not ours to read. Raises UsageError
    for what is not there.
    """
    sources: list[Source] = []
    skipped: Counter[str] = Counter()
    seen: set[str] = set()
    for argument in map(str, arguments):
        before = len(sources), skipped[_TWICE]
        for path, name, is_named in _files_of(argument, stdin):
            reason = _why_skip(path, name, is_named, output, seen)
            if reason:
                skipped[reason] += 1
                continue
            seen.add(os.path.realpath(path))
            kind, problem = choose_kind(
                path, forced=input_format, is_named=is_named, others=others or {}
            )
            shown = "standard input" if path == stdin else ""
            sources.append(Source(len(sources), path, name, kind, problem, shown))
        if (len(sources), skipped[_TWICE]) == before:
            raise UsageError(
                f"{argument}: nothing to read in it", "give a file, or a folder with articles in it"
            )
    return Sources(sources, dict(sorted((+skipped).items())))


def _why_skip(path: str, name: str, is_named: bool, output: str | Path, seen: set[str]) -> str:
    if os.path.realpath(path) in seen:
        return _TWICE
    if is_named:
        return ""
    if name.startswith(".") or "/." in name:
        return "hidden"
    if path.endswith(_LEDGERS) or Path(f"{unsharded_path(path)}.manifest.json").exists():
        return "written by corpus"
    if str(output) != STDIO and os.path.realpath(unsharded_path(path)) == os.path.realpath(output):
        return "written by corpus"
    return ""


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
    if os.path.isdir(argument):  # noqa: PTH112 - Path would drop a trailing slash and "./"
        yield from _walk(argument)
        return
    if os.path.exists(argument):  # noqa: PTH110 - as it was typed
        yield argument, Path(argument).name, True
        return
    shards = shards_of(argument)
    if shards:
        yield from ((str(shard), shard.name, True) for shard in shards)
        return
    if not glob.has_magic(argument):
        raise UsageError(f"{argument}: no such file or folder", "check the path")
    matches = sorted(glob.glob(argument, recursive=True))
    if not matches:
        raise UsageError(f"{argument}: the pattern matches nothing", "check the pattern")
    root = _fixed_part(argument)
    for match in matches:
        if not os.path.isdir(match):  # noqa: PTH112 - as it was typed
            yield match, os.path.relpath(match, root).replace(os.sep, "/"), True


def _fixed_part(pattern: str) -> str:
    parts = []
    for part in pattern.split("/")[:-1]:
        if glob.has_magic(part):
            break
        parts.append(part)
    return "/".join(parts) + "/" if parts else "."


def _walk(root: str) -> Iterator[tuple[str, str, bool]]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)  # noqa: PTH118 - as it was typed
            yield path, os.path.relpath(path, root).replace(os.sep, "/"), False
