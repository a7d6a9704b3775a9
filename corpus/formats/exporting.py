"""Documents written in a format of another tool, read again, and compared, one by one."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec.structs import replace

from corpus.errors import DataError
from corpus.files import is_stream
from corpus.formats import Format
from corpus.formats.fit import UNNAMED, fit_document
from corpus.formats.keeps import Misaligned, Wish
from corpus.formats.tally import settle
from corpus.manifest import Stage
from corpus.model import Document
from corpus.store import encode_line

VERIFIED = "documents read again and found equal"


def export_documents(
    documents: Iterable[Document],
    path: str | Path,
    *,
    format: Format,
    stage: Stage,
    layer: str | None = None,
    misaligned: Misaligned = "split",
    verify: bool = True,
    texts: str | Path | None = None,
    seen: Callable[[Iterable[Document]], Iterable[Document]] = iter,
    **options: Any,
) -> int:
    """The number of documents written, each as the format can hold it.

    What it cannot hold is in the stage's ledgers and notes. With `verify` the file is read again,
    and what stands in it must be what was written: else DataError that names the document. A
    stream cannot be read again. A format without texts needs the documents' own file as `texts`.
    `seen` wraps the documents read again, for a progress bar.
    """
    written = stage.documents.written
    verify = verify and not is_stream(path) and (texts is not None or not format.texts)
    wish = Wish(format.title, format.keeps, layer, misaligned, format.unfit)
    if format.settles:
        options |= {"layer": layer, "stage": stage}
    with tempfile.TemporaryFile() as file:
        expected = _Expected(file, enabled=verify)
        fitted = _fitted(documents, path, wish, stage, expected)
        assert format.write is not None  # the caller chose one that is written
        count: int = format.write(fitted, path, **options)
        if verify:
            again = seen(_again(format, path, texts))
            refused = written + expected.documents - stage.documents.written
            notes = stage.manifest.notes
            equal = (
                _compare(expected, again, path, refused)
                if format.ordered
                else _compare_unordered(expected, again, path)
            )
            notes[VERIFIED] = notes.get(VERIFIED, 0) + equal
    return count


def _again(format: Format, path: str | Path, texts: str | Path | None) -> Iterator[Document]:
    if not format.texts:
        yield from format.read(path, layer=UNNAMED)
        return
    for document in format.read(path, layer=UNNAMED, texts=texts):
        layers = (layer for layer in document.layers if layer.name == UNNAMED)
        yield replace(document, layers=tuple(one for one in layers if one.task == "spans"))


def _fitted(
    documents: Iterable[Document],
    path: str | Path,
    wish: Wish,
    stage: Stage,
    expected: _Expected,
) -> Iterator[Document]:
    base = Path(path).name
    number = 0
    for document in documents:
        one = fit_document(document, wish)
        for counts, count in ((stage.documents, 1), (stage.mentions, one.mentions)):
            counts.received += count
            counts.kept += count
            counts.written += count
        settle(one.tally, stage, path)
        if one.document is None:
            continue
        number += 1
        fitted = one.document
        if not wish.keeps.document_ids:
            fitted = replace(fitted, id=f"{base}#{number}")
        expected.add(fitted)
        yield fitted


class _Expected:
    """The number of the documents that were written; in `file` the id and digest of each."""

    def __init__(self, file: IO[bytes], *, enabled: bool) -> None:
        self.documents = 0
        self._file = file
        self._enabled = enabled

    def add(self, document: Document) -> None:
        self.documents += 1
        if self._enabled:
            self._file.write(msgspec.json.encode((document.id, _digest(document))) + b"\n")

    def __iter__(self) -> Iterator[tuple[str, str]]:
        self._file.seek(0)
        for line in self._file:
            yield msgspec.json.decode(line, type=tuple[str, str])


def _digest(document: Document) -> str:
    return hashlib.sha256(encode_line(document)).hexdigest()


def _compare(expected: _Expected, again: Iterable[Document], path: str | Path, refused: int) -> int:
    """How many documents were read again, all of them equal. Raises DataError.

    So many as `refused` are not there: the writer itself rejected them.
    """
    wanted = iter(expected)
    count = 0
    for document in again:
        found = next(wanted, None)
        while found is not None and found[0] != document.id and refused:
            refused -= 1
            found = next(wanted, None)
        if found is None or found != (document.id, _digest(document)):
            raise _different(path, found[0] if found else document.id)
        count += 1
    left = [id for id, _ in wanted]
    if len(left) > refused:
        raise _different(path, left[0])
    return count


def _compare_unordered(expected: _Expected, again: Iterable[Document], path: str | Path) -> int:
    """The same, for formats that give their documents back in an order of their own.

    Documents that were not to be written may be among them: of texts that stand elsewhere.
    """
    wanted = dict(expected)
    count = 0
    for document in again:
        digest = wanted.pop(document.id, None)
        if digest is not None and digest != _digest(document):
            raise _different(path, document.id)
        count += digest is not None
    for id in wanted:
        raise _different(path, id)
    return count


def _different(path: str | Path, document: str) -> DataError:
    return DataError(
        f"{path}: document {document!r} reads back otherwise than it was written",
        "do not use this file; this is a fault of corpus, please report it",
    )
