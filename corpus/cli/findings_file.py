"""The file of `--report`: what push found, span by span."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def findings_file(path: Path | None) -> Iterator[Callable[[object], None]]:
    """Takes records to a file of JSONL, there whole or not at all; nowhere without a path."""
    from corpus.store import atomic_output, encode_line

    if path is None:
        yield lambda _: None
        return
    with atomic_output(path) as sink:

        def record(finding: object) -> None:
            sink.write(encode_line(finding))

        yield record
