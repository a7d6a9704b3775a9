"""What the server said, kept as it said it: every pull leaves the raw zips of its exports.

Named by the hash of their content, so that a pull with nothing new adds nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from corpus.doccano.client import Doccano
from corpus.doccano.exports import ExportFile, hash_export, unpack_export

FOLDER = "snapshots"


class Snapshot(NamedTuple):
    """One export: the zip that is kept, and its rows unpacked for as long as a command runs."""

    archive: Path
    files: list[ExportFile]


def take_snapshot(
    client: Doccano, project: int, folder: Path, workspace: Path, *, confirmed: bool
) -> Snapshot:
    """The project as it is now, whole or what is confirmed, kept in `folder`/snapshots."""
    kind = "confirmed" if confirmed else "full"
    kept = folder / FOLDER
    kept.mkdir(parents=True, exist_ok=True)
    # A pull that was killed left this; the lock says that no other pull is writing it.
    incoming = kept / f".incoming-{kind}.zip"
    client.export_project(project, incoming, confirmed=confirmed)
    files = unpack_export(incoming, workspace)
    archive = kept / f"{project}-{kind}-{hash_export(files)[:16]}.zip"
    if archive.exists():
        incoming.unlink()
    else:
        incoming.replace(archive)
    return Snapshot(archive, files)
