"""Documents one by one into a DocBin, or into several of so many documents each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from corpus.formats.docbin import DocBinWriter
from corpus.formats.docbin_segment import encode_segment, is_full
from corpus.formats.tokenizer_rules import Rule
from corpus.manifest import Stage
from corpus.model import Document
from corpus.store import own_shard


@contextmanager
def docbin_shards(
    path: Path,
    *,
    layer: str | None = None,
    stage: Stage | None = None,
    shard_size: int | None = None,
    unknown_spaces: Callable[[Document], bool] = lambda document: False,
) -> Iterator[DocBinShards]:
    """The DocBin at `path`, or with `shard_size` its shards, each there as soon as it is full.

    `layer` and `stage` are those of `write_docbin`. Where `unknown_spaces` holds for all its
    documents, spaCy trains on the tokens of a file and makes none of its own. Only one file is
    ever open; a block that fails gives that one up. Raises DataError where one DocBin cannot hold
    more, UsageError where a shard is another command's output.
    """
    with ExitStack() as file:
        shards = DocBinShards(path, file, layer, stage, shard_size, unknown_spaces)
        yield shards
        shards.close()


class DocBinShards:
    """What `docbin_shards` opens: `add` documents.

    `paths` are the files; `tokens` those encoded so far; `documents` and `rules` (of files whose
    words spaCy makes) those of the files that are closed, all of them after the block.
    """

    def __init__(
        self,
        path: Path,
        file: ExitStack,
        layer: str | None,
        stage: Stage | None,
        shard_size: int | None,
        unknown_spaces: Callable[[Document], bool],
    ) -> None:
        self.paths: list[Path] = []
        self.documents = 0
        self.tokens = 0
        self.rules: set[Rule] = set()
        self._path = path
        self._file = file
        self._layer = layer
        self._stage = stage
        self._shard_size = shard_size
        self._unknown_spaces = unknown_spaces
        self._open()

    def _open(self) -> None:
        is_whole = self._shard_size is None
        path = self._path if is_whole else own_shard(self._path, len(self.paths))
        self._writer = self._file.enter_context(DocBinWriter(path, stage=self._stage))
        self.paths.append(path)
        self._writer.unknown_spaces = True  # until a document says otherwise
        self._taken = 0
        self._begin_batch()

    def _begin_batch(self) -> None:
        self._batch: list[Document] = []
        self._characters = 0

    def add(self, document: Document) -> None:
        """Append a document."""
        if self._taken == self._shard_size:
            self.close()
            self._open()
        self._taken += 1
        self._writer.unknown_spaces &= self._unknown_spaces(document)
        self._batch.append(document)
        self._characters += len(document.text)
        if is_full(len(self._batch), self._characters):
            self.flush()

    def flush(self) -> None:
        """Encode what waits: of several files written side by side, before any is there."""
        if self._batch:
            segment = encode_segment(self._batch, layer=self._layer)
            self.tokens += segment.tokens
            self._writer.add_segment(segment)
            self._begin_batch()

    def close(self) -> None:
        """The file that is open is there, whole."""
        self.flush()
        self._file.close()
        self.documents += self._writer.documents
        if not self._writer.unknown_spaces:
            self.rules |= self._writer.rules
