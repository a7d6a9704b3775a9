"""What a format holds of a Document, as data: what is lost is computed from it, and documented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from corpus.model import Document, Mention

Text = Literal["exact", "sentences", "spaced words", "words", "none"]
Overlap = Literal["all", "nested", "none"]
Links = Literal["all", "one a role", "one", "none"]


class Keeps(NamedTuple):
    """What a format holds; the default is everything of one layer.

    `text`: "sentences" has blanks of its own between them, "spaced words" has single blanks or
    none between tokens, "words" a blank between any two, "none" is a file that points into texts
    that stand elsewhere. `overlap`: "nested" is one mention, without links, inside another. `layer`
    is its name, state, round and comments. `nil` tells NIL from not judged. `makes_sentences`:
    documents without sentences get some.
    """

    text: Text = "exact"
    layers: bool = False
    layer: bool = True
    overlap: Overlap = "all"
    any_borders: bool = True
    labels: bool = True
    links: Links = "all"
    nil: bool = True
    roles: bool = True
    kb: bool = True
    candidates: bool = True
    sources: bool = True
    mention_ids: bool = True
    document_ids: bool = True
    lang: bool = True
    meta: bool = True
    tokens: bool = True
    sentences: bool = True
    makes_sentences: bool = False

    @property
    def all(self) -> bool:
        """Whether a document of one layer comes back exactly as it was."""
        return self._replace(layers=False) == Keeps()


Misaligned = Literal["split", "expand", "reject"]
Unfit = Callable[[Document, "Mention | None"], str]
"""Why this document (or this mention of it) cannot be written at all; empty if it can."""


class Wish(NamedTuple):
    """What is to be written: a format by its title and `keeps`, a layer, the token borders."""

    title: str
    keeps: Keeps
    layer: str | None = None
    misaligned: Misaligned = "split"
    unfit: Unfit | None = None


_COLUMNS = (
    ("mentions off token borders", "any_borders"),
    ("labels", "labels"),
    ("NIL apart from not judged", "nil"),
    ("metonymic links", "roles"),
    ("name and hash of the knowledge base", "kb"),
    ("candidates", "candidates"),
    ("sources and votes of mentions", "sources"),
    ("ids of mentions", "mention_ids"),
    ("ids of documents", "document_ids"),
    ("name, state and comments of the layer", "layer"),
    ("language", "lang"),
    ("metadata", "meta"),
    ("tokens", "tokens"),
    ("sentences", "sentences"),
)
_TEXTS = {
    "exact": "",
    "sentences": "other blanks between sentences",
    "spaced words": "blanks other than one between two tokens",
    "words": "which tokens have a blank between them",
    "none": "the text",
}
_LINKS = {
    "all": "",
    "one a role": "more than one link of a role",
    "one": "more than one link",
    "none": "links",
}


_OVERLAPS = {
    "all": "",
    "nested": "mentions that cross, or nest twice; links of nested ones",
    "none": "nested and overlapping mentions",
}


def losses(keeps: Keeps) -> Iterator[str]:
    """What a format does not hold, in words, for the table in docs/formats.md."""
    if not keeps.layers:
        yield "more than one layer"
    for what in (_TEXTS[keeps.text], _OVERLAPS[keeps.overlap], _LINKS[keeps.links]):
        if what:
            yield what
    no_links = {"nil", "roles", "kb"} if keeps.links == "none" else set()
    for words, field in _COLUMNS:
        if not getattr(keeps, field) and field not in no_links:
            yield words
