"""Where the documents of a report come from: a file, its shards, a folder of pull or split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from corpus.errors import UsageError
from corpus.files import find_shards
from corpus.formats import FORMATS, format_of
from corpus.manifest import Manifest, manifest_path, read_manifest
from corpus.model import Document
from corpus.store import read_documents

Found = dict[str, list[Path | str]]
"""The files by split, in the order of the splits; the one key is empty where there are none."""

_SPLITS = ("train", "dev", "test")
_LISTING, _PULLED, _REST = "splits.jsonl", "documents.jsonl", "rest.jsonl"


def find_documents(source: Path) -> Found:
    """The files with the documents behind a path.

    Raises UsageError for a folder that neither `split` nor `pull` made, and for what is no file.
    """
    if not source.is_dir():
        return {"": find_shards(source)}
    if (source / _LISTING).is_file():
        files: Found = {name: [source / f"{name}.jsonl"] for name in _names_of(source)}
        if (source / _REST).is_file():
            files[""] = [source / _REST]
        return files
    if (source / _PULLED).is_file():
        return {"": [source / _PULLED]}
    raise UsageError(
        f"{source}: holds neither {_LISTING} nor {_PULLED}",
        "give a file of documents, or a folder that `corpus split` or `corpus pull` made",
    )


def _names_of(folder: Path) -> Sequence[str]:
    """The splits of a folder in their order, as its manifest says; folds may be any number."""
    path = manifest_path(folder / _LISTING)
    names = read_manifest(path).settings.get("names") if path.is_file() else None
    return names or _SPLITS


def manifest_of(source: Path) -> Manifest | None:
    """The manifest of what is reported, if it has one."""
    for path in (source / _LISTING, source / _PULLED, source):
        if manifest_path(path).is_file():
            return read_manifest(manifest_path(path))
    return None


def read_found(found: Mapping[str, Sequence[Path | str]]) -> Iterator[tuple[str, Document]]:
    """Each document with its split, split by split."""
    for split, paths in found.items():
        for path in paths:
            for document in _read(path):
                yield split, document


def _read(path: Path | str) -> Iterator[Document]:
    name = format_of(path)
    if name is None:
        yield from read_documents(path)
    else:
        yield from FORMATS[name].read(path)
