"""Folders with a file a document: its id is the file's name, percent-encoded where need be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from corpus.errors import DataError, FormatError, UsageError
from corpus.files import reason_of
from corpus.model import Document

_LONGEST = 200  # bytes of a file's name, its suffix aside; file systems hold 255


def unfit_name(document: Document) -> str:
    """Why no file can be called after the document."""
    if len(_name(document.id)) > _LONGEST:
        return f"its id makes a file name of more than {_LONGEST} bytes"
    return ""


def new_file(folder: Path, document: Document, suffix: str) -> Path:
    """The document's file. Raises DataError where another document has it already."""
    path = folder / f"{_name(document.id)}{suffix}"
    if path.exists():
        raise DataError(
            f"{path.name}: two documents have the id {document.id!r}", "give each an id of its own"
        )
    return path


def _name(id: str) -> str:
    name = quote(id, safe=" ,;()[]{}+=@&!'")
    return f"%2E{name[1:]}" if name.startswith(".") else name


def files_of(folder: str | Path, suffix: str) -> Iterator[tuple[str, Path]]:
    """(id, path) of every file with that suffix in the folder and those below, by path.

    Raises UsageError where there is no folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UsageError(f"{folder}: is no folder", f"give the one that holds the {suffix} files")
    for path in sorted(root.rglob(f"*{suffix}")):
        if path.is_file():
            yield unquote(str(path.relative_to(root)).removesuffix(suffix)), path


def read_text(path: Path) -> str:
    """The file's text exactly, line ends included. Raises FormatError with line and column."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path}: {reason_of(error)}", "check the file") from error
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise FormatError(
            f"{path}:{line}:{column}: not UTF-8 (byte 0x{raw[error.start]:02x})",
            "convert the file to UTF-8 first",
        ) from error
