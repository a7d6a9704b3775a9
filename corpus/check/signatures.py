"""A file of signatures: is it whole, and as this version makes it?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.check.findings import Finding, finding_of
from corpus.errors import StoreError, UsageError
from corpus.splits.signature_files import read_signed


def prove_signatures(path: Path) -> Iterator[Finding]:
    """What is wrong in the file; which documents it is of, its manifest says."""
    try:
        for _ in read_signed(path):
            pass
    except (StoreError, UsageError) as error:
        yield finding_of(error, path)
