"""A spaCy DocBin written as a stream: one zlib stream around one msgpack map.

    {"version": "0.1", "attrs": [65, …], "tokens": bin, "spaces": bin, "lengths": bin,
     "strings": […], "cats": […], "flags": […], "span_groups": [bin, …], "user_data": [bin, …]}

The map's headers need counts that are known at the end, so each field waits as deflated pieces
on disk; at the end only headers are made and pieces copied. Source: spacy/tokens/_serialize.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import msgspec
import numpy as np

from corpus.addresses import is_remote
from corpus.errors import DataError
from corpus.files import STDIO, atomic_output
from corpus.formats.deflate import Piece, Spool, ZlibStream, deflate, inflate
from corpus.formats.docbin_segment import DocBinSegment, batches, encode_segment
from corpus.formats.keeps import Misaligned
from corpus.formats.tally import settle
from corpus.formats.tokenizer_rules import Rule
from corpus.manifest import Stage
from corpus.model import Document

_FIELDS = ("tokens", "spaces", "lengths", "span_groups", "user_data")
_LARGEST_BIN = 2**32 - 1  # msgpack's bin 32
_REPEATED = 4096


class DocBinWriter:
    """A DocBin that grows segment by segment and appears whole when the block ends well.

    `stage`, if given, has its counts and ledgers brought in line with what the segments say
    (see `tally.settle`); without one a reject raises DataError. `documents`, `mentions` and `rules`
    add up what was written. `unknown_spaces` may be set before the end: spaCy then trains on the
    tokens of the file and makes none of its own.
    """

    def __init__(self, path: str | Path, *, stage: Stage | None = None) -> None:
        self.path = path
        self.documents = 0
        self.mentions = 0
        self.rules: set[Rule] = set()
        self.unknown_spaces = False
        self._stage = stage
        self._strings: set[str] = set()
        self._tokens = 0
        self._attrs: tuple[int, ...] = ()
        self._segment_attrs: list[tuple[int, ...]] = []
        self._stack = ExitStack()
        self._spools: dict[str, Spool] = {}

    def __enter__(self) -> DocBinWriter:
        # First, so that a place that cannot be written is known before any work is done.
        self._sink = self._stack.enter_context(atomic_output(self.path))
        is_here = not is_remote(self.path) and str(self.path) != STDIO
        folder = Path(self.path).parent if is_here else None
        for field in _FIELDS:
            self._spools[field] = Spool(folder)
            self._stack.callback(self._spools[field].close)
        return self

    def add_segment(self, segment: DocBinSegment) -> None:
        """Append a segment. Raises DataError where one DocBin cannot hold more."""
        attrs = _union(self._attrs, segment.attrs)
        self._tokens += segment.tokens
        if self._tokens * len(attrs) * 8 > _LARGEST_BIN:
            half = max(1, self.documents // 2)
            raise DataError(
                f"{self.path}: more than 4 GiB of tokens, one DocBin cannot hold them",
                f"write several with --shard-size {half}",
            )
        self._attrs = attrs
        self._segment_attrs.append(segment.attrs)
        for field, spool in self._spools.items():
            spool.add(segment.fields[field])
        self._strings.update(segment.strings)
        self.documents += segment.documents
        self.mentions += segment.mentions
        self.rules.update(segment.rules)
        settle(segment.tally, self._stage, self.path)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._stack:
            if error is not None:
                # Thrown into the stack, so that the output is given up.
                raise error
            self._assemble()

    def _assemble(self) -> None:
        attrs = self._attrs or _union((), ())
        with ZlibStream(self._sink) as stream:
            stream.write(_map_header(10) + _packed("version", "0.1") + _packed("attrs", attrs))
            stream.write(_packed("tokens") + _bin_header(self._tokens * len(attrs) * 8))
            for piece, columns in zip(self._spools["tokens"], self._segment_attrs, strict=True):
                stream.splice(_widened(piece, columns, attrs))
            self._copy_bin(stream, "spaces")
            self._copy_bin(stream, "lengths")
            stream.write(_packed("strings", sorted(self._strings)))
            self._repeat(stream, "cats", {})
            self._repeat(stream, "flags", {"has_unknown_spaces": self.unknown_spaces})
            self._copy_array(stream, "span_groups")
            self._copy_array(stream, "user_data")

    def _copy_bin(self, stream: ZlibStream, field: str) -> None:
        spool = self._spools[field]
        stream.write(_packed(field) + _bin_header(spool.size))
        for piece in spool:
            stream.splice(piece)

    def _copy_array(self, stream: ZlibStream, field: str) -> None:
        stream.write(_packed(field) + _array_header(self.documents))
        for piece in self._spools[field]:
            stream.splice(piece)

    def _repeat(self, stream: ZlibStream, field: str, value: object) -> None:
        stream.write(_packed(field) + _array_header(self.documents))
        item = msgspec.msgpack.encode(value)
        many = deflate(item * _REPEATED)
        for _ in range(self.documents // _REPEATED):
            stream.splice(many)
        stream.write(item * (self.documents % _REPEATED))


def write_docbin(
    documents: Iterable[Document],
    path: str | Path,
    *,
    layer: str | None = None,
    misaligned: Misaligned = "split",
    stage: Stage | None = None,
) -> int:
    """The number of documents now in the DocBin, which appears whole or not at all.

    `layer` is shown in `doc.ents`; every layer is in `doc.spans`. `misaligned` says what becomes
    of a mention off token borders. `stage` is told of each mention or document repaired or
    rejected here, having counted it as kept; without one a reject raises DataError.
    """
    with DocBinWriter(path, stage=stage) as writer:
        for batch in batches(documents):
            writer.add_segment(encode_segment(batch, layer=layer, misaligned=misaligned))
    return writer.documents


def _union(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...]:
    # ORTH comes first, whatever its number: DocBin counts on it.
    from spacy.attrs import ORTH

    return (ORTH, *sorted({*first, *second} - {ORTH}))


def _widened(piece: Piece, has: Sequence[int], wants: Sequence[int]) -> Piece:
    """The piece of a token table with the columns of `wants`, those it lacks full of zeros."""
    if has == wants:
        return piece
    narrow = np.frombuffer(inflate(piece), dtype=np.uint64).reshape(-1, len(has))
    wide = np.zeros((len(narrow), len(wants)), dtype=np.uint64)
    wide[:, [wants.index(attr) for attr in has]] = narrow
    return deflate(wide.tobytes())


def _packed(*values: object) -> bytes:
    return b"".join(msgspec.msgpack.encode(value) for value in values)


def _map_header(size: int) -> bytes:
    return bytes([0x80 | size])


def _bin_header(size: int) -> bytes:
    return b"\xc6" + size.to_bytes(4, "big")


def _array_header(size: int) -> bytes:
    return b"\xdd" + size.to_bytes(4, "big")
