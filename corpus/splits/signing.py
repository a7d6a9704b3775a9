"""A file of documents -> its signatures: the job of `corpus signatures`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import partial

from corpus.engine import run_chunks
from corpus.errors import CorpusError, StoreError
from corpus.manifest import Counts
from corpus.model import Document, is_bare_and_sound, problems_of
from corpus.splits.signature_files import encode_block, end_block, header_of
from corpus.splits.signatures import sign_texts, text_key
from corpus.store import decode_line, encode_line

_CHUNK = 1 << 19  # bytes of lines that one block is made of

Line = tuple[str, bytes]


def sign_lines(
    lines: Iterable[Line], sha256: str, counts: Counts, *, workers: int = 1, scheduler: str = ""
) -> Iterator[bytes]:
    """The parts of a file of signatures of all documents; (where, line) of Document JSONL come in.

    `sha256` is that of the file that the lines are of. The bytes are the same for any number of
    workers. Of all documents, whatever layers they have: layers come and go, texts do not change.
    Raises StoreError for a line that is no sound document.
    """
    yield encode_line(header_of(sha256))
    work = partial(_sign_chunk, unicode=unicodedata.unidata_version)
    for chunk, block in run_chunks(work, _chunked(lines), workers=workers, scheduler=scheduler):
        counts.received += len(chunk)
        counts.kept += len(chunk)
        counts.written += len(chunk)
        yield block
    yield end_block()


def _chunked(lines: Iterable[Line]) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line[1])
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _sign_chunk(lines: list[Line], *, unicode: str) -> bytes:
    if unicodedata.unidata_version != unicode:
        raise CorpusError(
            f"a worker's Python has Unicode {unicodedata.unidata_version}, here it is {unicode}",
            "start the workers with the same version of Python",
        )
    documents = [_document(where, line) for where, line in lines]
    keys = [text_key(document) for document in documents]
    return encode_block(keys, sign_texts([document.text for document in documents]))


def _document(where: str, line: bytes) -> Document:
    document = decode_line(line, Document, where)
    if not is_bare_and_sound(document):
        for problem in problems_of(document):
            raise StoreError(
                f"{where}: document {document.id!r}: {problem}", "run corpus check on that file"
            )
    return document
