"""Which files there are to prove, and of what kind each is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from corpus import places
from corpus.addresses import is_on_web, is_remote
from corpus.compression import bare_name
from corpus.decisions import Decision, Dispute, Vote
from corpus.errors import StoreError, UsageError
from corpus.files import STDIO, find_shards, unsharded_path
from corpus.kb.layout import INFO
from corpus.manifest import manifest_path
from corpus.model import Change
from corpus.splits.signature_files import SUFFIX
from corpus.store import read_lines

Kind = Literal[
    "documents",
    "ledger",
    "docbin",
    "manifest",
    "kb",
    "partial",
    "shards",
    "signatures",
    "other",
]

LEDGERS: dict[str, type[Struct]] = {
    "change": Change,
    "vote": Vote,
    "dispute": Dispute,
    "decision": Decision,
}
"""The records of the lists beside outputs, by the first part of their type."""

_PARTIAL = re.compile(r"\..*\.(\d+|scored)\.partial")


class _Typed(Struct):
    type: str = ""


def take_inventory(paths: Sequence[Path]) -> dict[Path, Kind]:
    """Every file and KB folder under the paths with its kind, in order.

    A file brings its manifest along. Raises UsageError for a path that there is not.
    """
    found: dict[Path, Kind] = {}
    for path in paths:
        if str(path) == STDIO:
            raise UsageError("-: check reads its files twice", "save it as a file first")
        if places.is_folder(path):
            found.update(_walk(path))
            continue
        for shard in map(Path, find_shards(path)):
            kind = kind_of(shard)
            if kind == "other" and not bare_name(shard).endswith(".jsonl"):
                raise UsageError(
                    f"{shard}: nothing that check knows",
                    "give documents, .spacy files, signatures, manifests, knowledge bases or "
                    "their folders",
                )
            found[shard] = "documents" if kind == "other" else kind
            for base in (shard, unsharded_path(shard)):
                if not is_on_web(base) and places.is_file(manifest_path(base)):
                    found[manifest_path(base)] = "manifest"
    return dict(sorted(found.items()))


def _walk(folder: Path) -> Iterator[tuple[Path, Kind]]:
    if is_remote(folder):
        for url, name in places.files_below(str(folder)):
            if not any(part.startswith(".") for part in name.split("/")[:-1]):
                yield Path(url), kind_of(Path(url))
        return
    for place, folders, files in os.walk(folder):
        here = Path(place)
        if INFO in files:
            folders.clear()
            yield here, "kb"
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            yield here / name, kind_of(here / name)


def kind_of(path: Path) -> Kind:
    """What a file is, by its name and the type that its first record names."""
    if path.name.endswith(".manifest.json"):
        return "manifest"
    if _PARTIAL.fullmatch(path.name):
        return "partial"
    if path.suffix == ".spacy":
        return "docbin"
    if bare_name(path).endswith(SUFFIX):
        return "signatures"
    if not bare_name(path).endswith(".jsonl"):
        return "other"
    kind = first_type(path).partition("/")[0]
    if kind == "document":
        return "documents"
    if kind == "shard":
        return "shards"
    return "ledger" if kind in LEDGERS else "other"


def first_type(path: Path) -> str:
    """The type that the first record of a JSONL file names, or nothing."""
    try:
        for _, line in read_lines(path):
            return msgspec.json.decode(line, type=_Typed).type
    except (StoreError, msgspec.MsgspecError, UnicodeDecodeError):
        pass
    return ""
