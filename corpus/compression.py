"""gzip, bzip2 and Zstandard: told by their first bytes when read, by the name when written."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

SUFFIXES = (".gz", ".bz2", ".zst")

BUFFER = 1 << 16
"""Bytes of a file that are read at once: with Python's 8,192 half the time of a line goes there."""

_GZIP, _BZIP2, _ZSTANDARD = b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd"
_GZIP_LEVEL = 2  # of isal's 0-3: within a few per cent of zlib 6 in size, several times faster


def bare_name(path: str | Path) -> str:
    """The path without the suffix of its compression: `news.jsonl` for `news.jsonl.gz`."""
    name = str(path)
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def decompressed(raw: io.BufferedReader, name: str) -> BinaryIO:
    """What the stream holds once unpacked, itself if it is not compressed; closed with it.

    bzip2's mark is three letters, so that the name must say so too. A file that was cut raises
    EOFError at its end, a damaged one one of `read_errors`.
    """
    magic = raw.peek(4)[:4]
    if magic.startswith(_GZIP):
        from isal import igzip

        unzipped = igzip.IGzipFile(fileobj=raw, mode="rb")
        unzipped.myfileobj = raw  # closed with it
        return cast(BinaryIO, io.BufferedReader(unzipped, BUFFER))
    if magic == _ZSTANDARD:
        from backports import zstd

        if not Path(name).is_file():
            return cast(BinaryIO, zstd.ZstdFile(raw))
        raw.close()  # a ZstdFile closes only what it opened
        return cast(BinaryIO, zstd.ZstdFile(name))
    if magic.startswith(_BZIP2) and name.lower().endswith(".bz2"):
        import bz2

        if not Path(name).is_file():
            return cast(BinaryIO, bz2.BZ2File(raw))
        raw.close()
        return cast(BinaryIO, bz2.BZ2File(name))
    return raw


@contextlib.contextmanager
def compressed(raw: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """A stream whose bytes reach `raw` as the name's suffix says; equal bytes as equal bytes."""
    suffix = Path(name).suffix.lower()
    if suffix == ".gz":
        from isal import igzip

        # No name and no time in the header: the same records give the same bytes.
        with igzip.IGzipFile(
            filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=raw, mtime=0
        ) as sink:
            yield cast(BinaryIO, sink)
    elif suffix == ".zst":
        from backports import zstd

        options = {int(zstd.CompressionParameter.checksum_flag): 1}
        with zstd.ZstdFile(raw, mode="wb", options=options) as packed:
            yield cast(BinaryIO, packed)
    elif suffix == ".bz2":
        import bz2

        with bz2.BZ2File(raw, "wb") as squeezed:
            yield cast(BinaryIO, squeezed)
    else:
        yield raw


def read_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """What reading a file that was cut or damaged raises, and the others given."""
    from backports import zstd
    from isal import igzip_lib

    own = cast(type[Exception], igzip_lib.IsalError), zstd.ZstdError
    return EOFError, OSError, *own, *others
