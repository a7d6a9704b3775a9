"""What stands at a path, on this machine or behind an address: asked and changed by one name."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterator
from pathlib import Path

from corpus.addresses import file_name, is_on_web, is_remote, shown, url_of
from corpus.remote import find_object, list_objects, remove_object


def is_file(path: str | Path) -> bool:
    """Whether a file or an object stands there."""
    return find_object(str(path)) is not None if is_remote(path) else Path(path).is_file()


def is_folder(path: str | Path) -> bool:
    """Whether it is a folder: of a bucket, what objects stand below."""
    if not is_remote(path):
        return Path(path).is_dir()
    return not is_on_web(path) and bool(list_objects(_folder(path)))


def exists(path: str | Path) -> bool:
    """Whether anything stands there."""
    return is_file(path) or is_folder(path) if is_remote(path) else Path(path).exists()


def size_of(path: str | Path) -> int:
    """The bytes of the file that stands there, 0 if there is none."""
    if is_remote(path):
        found = find_object(str(path))
        return max(found.size, 0) if found else 0
    return Path(path).stat().st_size if Path(path).is_file() else 0


def version_of(path: str | Path) -> str:
    """What changes with an object behind an address; nothing where its server does not tell."""
    found = find_object(str(path)) if is_remote(path) else None
    return found.version if found else ""


def remove(path: str | Path) -> None:
    """No file stands there any more."""
    if is_remote(path):
        remove_object(str(path))
    else:
        Path(path).unlink(missing_ok=True)


def is_same(one: str | Path, other: str | Path) -> bool:
    """Whether both are one file, by whatever names; both must be there."""
    if is_remote(one) or is_remote(other):
        return url_of(one) == url_of(other)
    return Path(one).samefile(other)


def identity(path: str | Path) -> str:
    """What two names of one file have in common."""
    return url_of(path) if is_remote(path) else os.path.realpath(path)


def relative(path: str | Path, folder: str | Path) -> str:
    """The path from that folder on; whole, and without a secret, where none leads there.

    Both on this machine or both in one bucket: else none leads there.
    """
    if not is_remote(path) and not is_remote(folder):
        return os.path.relpath(path, folder)
    if is_remote(path):
        if not is_on_web(path) and _bucket(path) == _bucket(folder):
            return os.path.relpath(Path(path), Path(folder))
        return shown(url_of(path))
    return str(Path(path).absolute())


def located(path: str, folder: str | Path) -> Path:
    """Where a file stands that `relative` named so; an address of a web server as it was cut."""
    if is_remote(path):
        return Path(path)
    place = Path(folder) / path
    return Path(os.path.normpath(place)) if is_remote(place) else place


def beginning_with(folder: str | Path, prefix: str) -> list[Path]:
    """The paths of the files of that folder itself whose names begin so, sorted."""
    if not is_remote(folder):
        return sorted(Path(folder).glob(f"{glob.escape(prefix)}*"))
    paths = [Path(found.url) for found in list_objects(_folder(folder), prefix)]
    return sorted(path for path in paths if path.parent == Path(folder))


def files_below(folder: str) -> Iterator[tuple[str, str]]:
    """(path, path from the folder on) of all files below it: a folder's own before its folders'."""
    if not is_remote(folder):
        yield from _walk(folder)
        return
    root = _folder(folder)
    names = [(found.url, found.url.removeprefix(root)) for found in list_objects(root)]
    yield from sorted(names, key=lambda named: _order(named[1]))


_BESIDE = tuple(f".{what}.jsonl" for what in ("rejects", "repairs", "votes", "disputes", "shards"))


def matching(pattern: str) -> list[str]:
    """The paths that the pattern matches, sorted; `**` stands for any folders.

    What `corpus` writes beside its outputs is matched only by a pattern that ends as it does.
    """
    found = (
        sorted(glob.glob(pattern, recursive=True)) if not is_remote(pattern) else _match(pattern)
    )
    if pattern.endswith(_BESIDE):
        return found
    return [path for path in found if not path.endswith(_BESIDE)]


def _match(pattern: str) -> list[str]:
    root, rest = _fixed(url_of(pattern))
    prefix = rest[: min(rest.find(mark) for mark in "*?[" if mark in rest)]
    wanted = rest.split("/")
    found = (each.url for each in list_objects(root, prefix.rpartition("/")[2]))
    return [url for url in found if _matches(url.removeprefix(root).split("/"), wanted)]


def has_magic(path: str) -> bool:
    """Whether it is a pattern; in an address of a web server a question mark is none."""
    return not is_on_web(path) and glob.has_magic(path)


def fixed_part(pattern: str) -> str:
    """The folder that all that a pattern matches stands in, `.` where it begins with a mark."""
    if is_remote(pattern):
        return _fixed(url_of(pattern))[0]
    return _fixed(pattern)[0] or "."


def name_below(path: str, root: str) -> str:
    """The path from that folder on, with slashes."""
    if is_remote(path):
        return url_of(path).removeprefix(root)
    return os.path.relpath(path, root).replace(os.sep, "/")


def last_name(path: str) -> str:
    """The file's own name: of an address without its query."""
    return Path(file_name(path)).name


def _fixed(pattern: str) -> tuple[str, str]:
    parts = pattern.split("/")
    fixed = 0
    while fixed < len(parts) - 1 and not glob.has_magic(parts[fixed]):
        fixed += 1
    return "".join(f"{part}/" for part in parts[:fixed]), "/".join(parts[fixed:])


def _matches(parts: list[str], wanted: list[str]) -> bool:
    """As glob has it: a star does not match a hidden name unless the pattern says the dot."""
    if not wanted:
        return not parts
    if wanted[0] == "**" and len(wanted) > 1:
        deeper = bool(parts) and not parts[0].startswith(".") and _matches(parts[1:], wanted)
        return deeper or _matches(parts, wanted[1:])
    if not parts or (parts[0].startswith(".") and not wanted[0].startswith(".")):
        return False
    if wanted == ["**"]:
        return all(not part.startswith(".") for part in parts)
    return fnmatch.fnmatchcase(parts[0], wanted[0]) and _matches(parts[1:], wanted[1:])


def _order(name: str) -> list[tuple[int, str]]:
    *folders, last = name.split("/")
    return [*((1, folder) for folder in folders), (0, last)]


def _folder(path: str | Path) -> str:
    return url_of(path).rstrip("/") + "/"


def _bucket(path: str | Path) -> tuple[str, ...]:
    return Path(path).parts[:2] if is_remote(path) else ()


def _walk(root: str) -> Iterator[tuple[str, str]]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)  # noqa: PTH118 - as it was typed
            yield path, os.path.relpath(path, root).replace(os.sep, "/")
