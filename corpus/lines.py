"""The lines of a file, decompressed: one by one, or many in a piece. Split on LF only."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from io import BufferedReader
from operator import itemgetter
from pathlib import Path
from typing import cast

from corpus.compression import BUFFER, read_errors
from corpus.errors import StoreError
from corpus.files import open_input, reason_of

_first, _last_but_one = itemgetter(0), itemgetter(-2)


@contextlib.contextmanager
def opened(path: str | Path) -> Iterator[BufferedReader]:
    """The bytes of the file. Raises StoreError where they cannot be read to their end."""
    with contextlib.closing(open_input(path)) as source:
        try:
            yield cast(BufferedReader, source)
        except read_errors() as error:
            raise StoreError(
                f"{path}: cannot be read to its end ({reason_of(error)})",
                "the file was cut or is damaged; make it again",
            ) from error


def read_lines(path: str | Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not blank, with their numbers from 1, split on LF only."""
    with opened(path) as source:
        for number, line in enumerate(source, 1):
            if not line.isspace():
                yield number, line


def read_pieces(path: str | Path) -> Iterator[tuple[int, bytes]]:
    """The file in pieces of whole lines, with the number of the first: quicker than lines."""
    number = 1
    with opened(path) as source:
        while piece := source.read1(BUFFER):
            if not piece.endswith(b"\n"):
                piece += source.readline()
            yield number, piece
            number += len(_lines(piece))


def _lines(piece: bytes) -> list[bytes]:
    return io.BytesIO(piece).readlines()  # a tenth of the time of bytes.split or bytes.count


def is_one_a_line(records: Sequence[object], piece: bytes) -> bool:
    """Whether each line is one JSON object. False may mean either.

    Inside an object no `}` is followed by a line that begins with `{`, so that each line holds
    whole ones; as many objects as lines means one each.
    """
    lines = _lines(piece)
    return (
        len(lines) == len(records)
        and set(map(_first, lines)) == {ord("{")}
        and set(map(_last_but_one, lines)) == {ord("}")}
    )
