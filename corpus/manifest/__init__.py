"""What a command did, beside its output; see `records` for what is written, `stage` for how."""

from corpus.manifest.records import (
    Counts,
    FileMark,
    Manifest,
    beside_path,
    located,
    mark_file,
    read_manifest,
    rejects_path,
    repairs_path,
)
from corpus.manifest.stage import Stage, open_stage
from corpus.store import manifest_path

__all__ = [
    "Counts",
    "FileMark",
    "Manifest",
    "Stage",
    "beside_path",
    "located",
    "manifest_path",
    "mark_file",
    "open_stage",
    "read_manifest",
    "rejects_path",
    "repairs_path",
]
