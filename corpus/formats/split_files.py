"""The documents of a folder that `corpus split` made, with the split that each one is in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus import places
from corpus.errors import UsageError
from corpus.files import find_shards
from corpus.model import Document
from corpus.store import read_documents

SPLITS = ("train", "dev", "test")


class SplitFiles:
    """`train.jsonl`, `dev.jsonl` and `test.jsonl` of a folder, or one file that is called so.

    Raises UsageError where the folder holds none of them. A file of another name is `train`.
    """

    def __init__(self, source: Path) -> None:
        self._files: list[tuple[str, Path]] = []
        self.inputs: list[Path | str] = []
        if places.is_folder(source):
            found = ((split, source / f"{split}.jsonl") for split in SPLITS)
            self._files = [(split, path) for split, path in found if places.is_file(path)]
            if not self._files:
                raise UsageError(
                    f"{source}: holds no train.jsonl, dev.jsonl or test.jsonl",
                    "give the folder that corpus split wrote, or a file",
                )
        else:
            stem = source.name.partition(".")[0]
            self._files = [(stem if stem in SPLITS else "train", source)]
        for _, path in self._files:
            self.inputs += find_shards(path)
        self._now = "train"

    def documents(self) -> Iterator[Document]:
        """All documents, split by split."""
        for split, path in self._files:
            self._now = split
            yield from read_documents(path)

    def split_of(self, document: Document) -> str:
        """The split of the document that was last taken from `documents`."""
        return self._now
