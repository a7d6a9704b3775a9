"""Deflate in pieces: compressed once, wherever that was, and concatenated into one zlib stream.

A piece is raw deflate that ends on a byte border and looks back at nothing before itself
(RFC 1951, full flush), with the size and Adler-32 of what it holds: so pieces may come from
several processes, wait on disk, and be joined by copying.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

from isal import isal_zlib

from corpus.errors import FormatError

_LEVEL = 2  # of isal's 0-3: 3 takes four times as long for a few per cent
_ADLER_BASE = 65521
_BLOCK = 1 << 20
_ZLIB_HEADER = b"\x78\x5e"
_FINAL_BLOCK = b"\x03\x00"  # an empty last block, RFC 1951


class Piece(NamedTuple):
    """Deflated bytes, and the size and Adler-32 of what they inflate to."""

    data: bytes
    size: int
    adler: int


def deflate(raw: bytes) -> Piece:
    """The bytes as one piece; equal bytes give equal pieces."""
    squeezer = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -zlib.MAX_WBITS)
    data = squeezer.compress(raw) + squeezer.flush(isal_zlib.Z_FULL_FLUSH)
    return Piece(data, len(raw), isal_zlib.adler32(raw))


def inflate(piece: Piece) -> bytes:
    """What the piece holds."""
    return isal_zlib.decompressobj(-zlib.MAX_WBITS).decompress(piece.data)


def combine_adler32(first: int, second: int, second_size: int) -> int:
    """The Adler-32 of two byte strings one after the other, from theirs (RFC 1950, section 8.2)."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + second_size * ((first & 0xFFFF) - 1)
    return (high % _ADLER_BASE) << 16 | low % _ADLER_BASE


class Spool:
    """Pieces waiting on disk in their order; closed, it leaves nothing behind."""

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed in close()
        self._marks: list[tuple[int, int, int]] = []
        self.size = 0

    def add(self, piece: Piece) -> None:
        """Append a piece."""
        self._file.write(piece.data)
        self._marks.append((len(piece.data), piece.size, piece.adler))
        self.size += piece.size

    def __iter__(self) -> Iterator[Piece]:
        self._file.seek(0)
        for stored, size, adler in self._marks:
            yield Piece(self._file.read(stored), size, adler)

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()


class ZlibStream:
    """One zlib stream (RFC 1950) written to `sink` from raw bytes and ready pieces."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._adler = 1
        sink.write(_ZLIB_HEADER)

    def write(self, raw: bytes) -> None:
        """Append raw bytes."""
        for at in range(0, len(raw), _BLOCK):
            self.splice(deflate(raw[at : at + _BLOCK]))

    def splice(self, piece: Piece) -> None:
        """Append a piece as it is."""
        self._sink.write(piece.data)
        self._adler = combine_adler32(self._adler, piece.adler, piece.size)

    def __enter__(self) -> ZlibStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self._sink.write(_FINAL_BLOCK + self._adler.to_bytes(4, "big"))


def inflate_stream(source: BinaryIO, sink: BinaryIO, where: str) -> None:
    """Write to `sink` what the one zlib stream in `source` holds.

    Raises FormatError where it is none, is cut, or is followed by something else.
    """
    hint = "a DocBin is a zlib stream; make the file again"
    unsqueezer = isal_zlib.decompressobj()
    block = source.read(_BLOCK)
    if len(block) < 2 or block[0] & 15 != 8 or int.from_bytes(block[:2], "big") % 31:
        raise FormatError(f"{where}: not a DocBin, it does not begin as one", hint)
    try:
        while block:
            while block and not unsqueezer.eof:
                sink.write(unsqueezer.decompress(block, _BLOCK * 4))
                block = unsqueezer.unconsumed_tail
            block = b"" if unsqueezer.eof else source.read(_BLOCK)
    except zlib.error as error:
        raise FormatError(f"{where}: not a DocBin ({error})", hint) from error
    if not unsqueezer.eof:
        raise FormatError(f"{where}: not a whole DocBin, its end is missing", hint)
    if unsqueezer.unused_data or source.read(1):
        raise FormatError(f"{where}: something follows the end of the DocBin", hint)
