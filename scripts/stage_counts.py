#!/usr/bin/env python3
"""Prints what each stage of a workspace counted, from the manifests in a folder.

python scripts/stage_counts.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from corpus.manifest import Counts, read_manifest

FIELDS = ("received", "kept", "repaired", "rejected", "added", "written")


def stage_rows(folder: Path) -> list[list[str]]:
    """A row for documents and one for mentions of each stage, in the order the stages ran."""
    paths = sorted(folder.rglob("*.manifest.json"), key=lambda path: path.stat().st_mtime_ns)
    rows = [["stage", "of", *FIELDS]]
    for manifest in map(read_manifest, paths):
        for what in ("documents", "mentions"):
            counts: Counts = getattr(manifest, what)
            numbers = [getattr(counts, field) for field in FIELDS]
            if any(numbers):
                rows.append([manifest.command, what, *map(str, numbers)])
    return rows


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for stage, what, *numbers in stage_rows(Path(sys.argv[1])):
        print(f"{stage:12} {what:10}" + "".join(f"{number:>10}" for number in numbers))
