"""An export on disk: its zip read without trusting it, its rows found again by document id.

Memory does not grow with the export: the rows stay in a file, an index of their places in a
private SQLite file that is gone with the process.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from corpus.doccano.mapping import ExportRow, decode_row
from corpus.errors import DoccanoError

_SUFFIX = ".jsonl"
_MOST_FILES = 10_000  # a file an annotator
_MOST_TIMES = (
    200  # as large as its zip: JSON of articles shrinks to a third, of many spans to a tenth
)
_SMALL = 100_000_000  # bytes that any zip may hold


class ExportFile(NamedTuple):
    """The rows of one annotator, or of all in a shared project (`author` is `all`)."""

    author: str
    path: Path


class Place(NamedTuple):
    """Where a row stands: a byte offset and a length."""

    offset: int
    length: int


def unpack_export(archive: Path, folder: Path) -> list[ExportFile]:
    """The files of an export, by author, written to `folder` under names of our own.

    Raises DoccanoError for a broken zip or a member that is no plain JSONL file.
    """
    files = []
    try:
        with zipfile.ZipFile(archive) as zipped:
            _check_size(zipped.infolist(), archive.stat().st_size, folder)
            for number, member in enumerate(sorted(zipped.infolist(), key=lambda m: m.filename)):
                name = PurePosixPath(member.filename)
                if len(name.parts) != 1 or name.suffix != _SUFFIX or member.is_dir():
                    raise DoccanoError(
                        f"the export holds {member.filename!r}, which is no file of an annotator",
                        "see that DOCCANO_URL is a Doccano 1.8.4",
                    )
                target = folder / f"{archive.stem}-{number}{_SUFFIX}"
                with zipped.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
                files.append(ExportFile(name.stem, target))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise DoccanoError(f"the export is no whole zip file ({error})", "run it again") from error
    return files


def _check_size(members: list[zipfile.ZipInfo], packed: int, folder: Path) -> None:
    """Raises DoccanoError for a zip that unpacks to more than an export can be, or the disk holds.

    zipfile stops at the size that a member announces.
    """
    size = sum(member.file_size for member in members)
    if len(members) > _MOST_FILES or size > max(_SMALL, _MOST_TIMES * packed):
        raise DoccanoError(
            f"the export of {packed:,} bytes would unpack to {len(members):,} files "
            f"of {size:,} bytes",
            "see that DOCCANO_URL is a Doccano 1.8.4",
        )
    free = shutil.disk_usage(folder).free
    if size > free:
        raise DoccanoError(
            f"the export unpacks to {size // 10**6:,} MB, and {free // 10**6:,} MB are free "
            f"in {folder}",
            "make room, or let TMPDIR name a folder on another disk",
        )


def hash_export(files: list[ExportFile]) -> str:
    """The SHA-256 of what an export says: names and rows, not the zip's own dates."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.author}\n{file.path.stat().st_size}\n".encode())
        with file.path.open("rb") as source:
            while block := source.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def read_rows(file: ExportFile) -> Iterator[tuple[Place, ExportRow]]:
    """The rows in the order of the export, split on LF only; its one blank line is none."""
    offset = 0
    with file.path.open("rb") as source:
        for number, line in enumerate(source, 1):
            if not line.isspace():
                where = f"export of {file.author}:{number}"
                yield Place(offset, len(line)), decode_row(line, where)
            offset += len(line)


def read_place(file: ExportFile, place: Place) -> ExportRow:
    """The row that stands at that place."""
    with file.path.open("rb") as source:
        source.seek(place.offset)
        return decode_row(source.read(place.length), f"export of {file.author}")


class RowIndex:
    """Where the rows of a JSONL file stand, by document id; the first of an id counts."""

    def __init__(self, path: Path) -> None:
        self._source = path.open("rb")
        self._places = sqlite3.connect("")
        self._places.executescript(
            "CREATE TABLE place (id TEXT PRIMARY KEY, at INT, size INT, seen INT, whole TEXT);"
            "CREATE INDEX pieces ON place (whole) WHERE whole IS NOT NULL"
        )

    def add(self, id: str, place: Place, whole: str | None = None) -> bool:
        """Whether this id was new; `whole` is the id of what it is a piece of."""
        added = self._places.execute(
            "INSERT OR IGNORE INTO place VALUES (?, ?, ?, 0, ?)", (id, *place, whole)
        )
        return added.rowcount == 1

    def pieces(self, whole: str) -> list[str]:
        """The ids of the pieces of it, in the order of the file."""
        query = "SELECT id FROM place WHERE whole = ? ORDER BY at"
        return [id for (id,) in self._places.execute(query, (whole,))]

    def line(self, id: str) -> bytes | None:
        """The line of that id, which counts as seen from now on; None if there is none."""
        line = self.peek(id)
        if line:
            self._places.execute("UPDATE place SET seen = 1 WHERE id = ?", (id,))
        return line or None

    def peek(self, id: str) -> bytes:
        """The line of that id, or nothing."""
        found = self._places.execute("SELECT at, size FROM place WHERE id = ?", (id,)).fetchone()
        if found is None:
            return b""
        self._source.seek(found[0])
        return self._source.read(found[1])

    def unseen(self) -> Iterator[str]:
        """The ids that nobody asked for, in the order of the file; of pieces, that of the whole."""
        query = "SELECT coalesce(whole, id) FROM place WHERE seen = 0 GROUP BY 1 ORDER BY min(at)"
        for (id,) in self._places.execute(query):
            yield id

    def close(self) -> None:
        """Nothing is left open."""
        self._source.close()
        self._places.close()
