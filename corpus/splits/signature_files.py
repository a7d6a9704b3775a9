"""Files of signatures: of each document of one file of documents, in its order.

A line of JSON, the Header, and blocks of some hundred documents, all numbers little-endian: four of
32 bits (documents, hashes of counted shingles, fingerprints, and the CRC-32 of all else in the
block); the key of each text, 16 bytes; `counted_sizes`, `sought_sizes` and `lengths`, then
`counted` and `sought`, as Signatures has them, in numbers of 32 bits. The last block has no
documents.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct

from corpus.errors import StoreError, UsageError
from corpus.lines import opened
from corpus.model import Document
from corpus.splits.by_key import SIZE
from corpus.splits.signatures import (
    COUNTED,
    SOUGHT,
    WHOLE,
    WINDOW,
    Signatures,
    each_signature,
    text_key,
)
from corpus.store import check_type, encode_line

SUFFIX = ".signatures"

_HEAD = 16  # bytes before a block's keys
_COLUMNS = 3
_PIECE = 1 << 20  # bytes that are read at once
_LONGEST = 1 << 12  # bytes of a header
_AGAIN = "make it again: corpus signatures … --force"


class Header(Struct, frozen=True, tag_field="type", tag="signatures/1", forbid_unknown_fields=True):
    """The first line of a file of signatures: the file of documents that it is of, and how.

    `counted` and `sought` are words in a shingle that is counted and in a fingerprint, `window` the
    shingles in a row of which one is a fingerprint, `whole` those of a text of which all are.
    `unicode` is the version of the tables that say what a letter is.
    """

    sha256: str
    counted: int
    sought: int
    window: int
    whole: int
    unicode: str


class Signed(NamedTuple):
    """The signature of one text, the text's key, and the file that says so."""

    file: str
    key: bytes
    signature: Signatures


def header_of(sha256: str) -> Header:
    """The header of what this version makes of the file with that hash."""
    return Header(sha256, COUNTED, SOUGHT, WINDOW, WHOLE, unicodedata.unidata_version)


def encode_block(keys: Sequence[bytes], signatures: Signatures) -> bytes:
    """The block of texts with those keys."""
    sizes = len(keys), len(signatures.counted), len(signatures.sought)
    head = b"".join(size.to_bytes(4, "little") for size in sizes)
    columns = [np.asarray(each, "<u4").tobytes() for each in signatures]
    body = b"".join([*keys, *columns])
    return head + zlib.crc32(body, zlib.crc32(head)).to_bytes(4, "little") + body


def end_block() -> bytes:
    """The last block."""
    nothing = np.empty(0, np.uint32)
    return encode_block([], Signatures(*(nothing,) * len(Signatures._fields)))


def read_header(path: str | Path) -> Header:
    """What the file is of. Raises StoreError where it is damaged, or not made as here."""
    with opened(path) as source:
        return _header(source, path)


def _header(source: BinaryIO, path: str | Path) -> Header:
    line = source.readline(_LONGEST)
    check_type(line, Header, str(path))
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(f"{path}: does not begin as signatures do", _AGAIN) from error
    if encode_line(header) != line:
        raise StoreError(f"{path}: is damaged in its first line", _AGAIN)
    here = header_of(header.sha256)
    for name in Header.__struct_fields__:
        there, wanted = getattr(header, name), getattr(here, name)
        if there != wanted:
            raise StoreError(f"{path}: is made with {name} {there}, and not {wanted}", _AGAIN)
    return header


def read_signed(path: str | Path) -> Iterator[Signed]:
    """The signature of each document, in order, some hundred at once in memory.

    Raises StoreError where the file is cut, damaged, or not made as here.
    """
    with opened(path) as source:
        _header(source, path)
        while block := _block(source, path):
            keys, signatures = block
            for at, signature in enumerate(each_signature(signatures)):
                yield Signed(str(path), keys[at * SIZE : (at + 1) * SIZE], signature)
        if source.read(1):
            raise StoreError(f"{path}: goes on after its end", _AGAIN)


def _block(source: BinaryIO, path: str | Path) -> tuple[bytes, Signatures] | None:
    """The keys and signatures of the next block, None for the last one."""
    head = _exactly(source, _HEAD, path)
    documents, counted, sought, sum_ = np.frombuffer(head, "<u4").tolist()
    numbers = documents * _COLUMNS + counted + sought
    body = _exactly(source, documents * SIZE + numbers * 4, path)
    if zlib.crc32(body, zlib.crc32(head[:-4])) != sum_:
        raise StoreError(f"{path}: is damaged", _AGAIN)
    if not documents:
        return None
    columns = np.frombuffer(body, "<u4", offset=documents * SIZE).astype(np.uint32, copy=False)
    borders = np.cumsum([documents] * _COLUMNS + [counted])
    return body[: documents * SIZE], Signatures(*np.split(columns, borders))


def _exactly(source: BinaryIO, size: int, path: str | Path) -> bytes:
    """So many bytes; by pieces, since a damaged size may be any."""
    parts = []
    while size:
        part = source.read(min(size, _PIECE))
        if not part:
            raise StoreError(f"{path}: is cut or damaged", _AGAIN)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def match_files(
    files: Iterable[str | Path], shards: Sequence[tuple[str, str]], make: str
) -> list[str | Path]:
    """The file of signatures of each (file of documents, its hash), in their order.

    Raises UsageError where one has none, or a file is of none of them; `make` is the command that
    makes them.
    """
    made_of: dict[str, str | Path] = {}
    for file in files:
        made_of.setdefault(read_header(file).sha256, file)
    wanted = {sha256 for _, sha256 in shards}
    strange = [str(file) for sha256, file in made_of.items() if sha256 not in wanted]
    for name, sha256 in shards:
        if sha256 not in made_of:
            why = f" ({strange[0]} is not of these bytes)" if strange else ""
            raise UsageError(f"{name}: there are no signatures of it{why}", f"run: {make}")
    if strange:
        raise UsageError(
            f"{strange[0]}: is of none of the files that are split",
            "leave it out of --signatures, or remove it",
        )
    return [made_of[sha256] for _, sha256 in shards]


def take_signed(documents: Sequence[Document], signed: Iterator[Signed]) -> list[Signatures]:
    """The next signatures, which are of these documents. Raises StoreError if they are not."""
    found = []
    for document in documents:
        one = next(signed, None)
        if one is None:
            raise StoreError(f"document {document.id!r}: has no signature", _AGAIN)
        if one.key != text_key(document):
            raise StoreError(f"{one.file}: is not of the text of {document.id!r}", _AGAIN)
        found.append(one.signature)
    return found


def refuse_more(signed: Iterator[Signed]) -> None:
    """Nothing is left. Raises StoreError where there is, or where the end is damaged."""
    for one in signed:
        raise StoreError(f"{one.file}: is of more texts than there are", _AGAIN)
