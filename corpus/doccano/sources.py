"""What a pull reads of one annotator's pass, whatever the task: the rest of a pull knows no more.

A source stands on the two exports of a project. Its rows are found by document id; every row is
asked for once, and those that nobody asked for are left at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from corpus.model import Change, Document, Layer, State, Task

LayerKey = tuple[str, Task, int]
"""What makes two layers of a document the same one: name, task and round."""


CONFIRMED_MEANWHILE = "confirmed_during_this_pull_so_not_yet"
"""The note of what the next pull will find confirmed."""


class Refused(NamedTuple):
    """Something that the server holds and no document can take, with its number of mentions.

    `change` is None where another source of the same project tells it. A change that names a
    layer speaks of that alone, not of the document.
    """

    change: Change | None
    mentions: int


class Pulled(NamedTuple):
    """One annotator's layer of one document or none, what was refused, and what to count.

    `repaired` are answers of the annotator that the layer has otherwise than they were given.
    """

    layer: Layer | None
    refused: list[Change]
    mentions: int
    notes: Mapping[str, int] = MappingProxyType({})
    repaired: Sequence[Change] = ()


class Source(Protocol):
    """One annotator's pass: the rows of the full and the confirmed export of its project."""

    key: LayerKey
    cut_from: int
    """The length (code points) of the shortest document pulled in pieces; 0 if none was."""

    def load(self) -> Iterator[Refused]:
        """The rows that are not taken; all others are known from now on."""

    def pull(self, document: Document) -> Pulled | None:
        """The layer of this document; None if the project does not have the document."""

    def rest(self) -> Iterator[str]:
        """The ids that nobody has asked for yet, in the order of the export."""

    def rebuild(self, id: str) -> tuple[Document | None, str]:
        """The document as it was pushed, or why it cannot be told."""

    def discard(self, id: str) -> tuple[str, int] | None:
        """Where the document stands and how many mentions it has there; it counts as asked for."""

    def states(self) -> Counter[State]:
        """How many of the annotator's examples are in which state, once all are loaded."""

    def close(self) -> None:
        """Nothing is left open."""
