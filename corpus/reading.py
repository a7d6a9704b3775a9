"""How far files have been read, for whoever shows it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

_watching: list[Reading] = []


class Reading:
    """What has been read of some files since the block of `watch_reading` began."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.total = sum(sizes.values())
        self._sizes = sizes
        self._sources: dict[str, BinaryIO | None] = {}

    def note(self, path: str, source: BinaryIO | None) -> None:
        """The file is being read by `source`, or somewhere else as a whole."""
        if path in self._sizes:
            self._sources[path] = source

    @property
    def done(self) -> int:
        """Bytes of the files as they stand on disk; one that is closed counts as read whole."""
        return sum(
            self._sizes[path] if source is None or source.closed else source.tell()
            for path, source in self._sources.items()
        )


@contextlib.contextmanager
def watch_reading(sizes: Mapping[str, int]) -> Iterator[Reading]:
    """What is read in the block of the files with these paths and sizes."""
    reading = Reading(sizes)
    _watching.append(reading)
    try:
        yield reading
    finally:
        _watching.remove(reading)


def note_reading(path: str, source: BinaryIO | None = None) -> None:
    """Tell whoever watches that the file is read now; without a source it is read elsewhere."""
    for reading in _watching:
        reading.note(path, source)
