"""The hard mentions of test, for whoever links: a list that points into `test.jsonl`.

Three sets: `unseen-entity`, whose entity no mention of train is linked to; `unseen-surface`,
whose words no mention of train has; `ambiguous-surface`, whose words are linked in train
to another target, NIL being one. A list and not documents: a document that lacked its other
mentions would not be gold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from corpus.formats.layers import choose_layer
from corpus.model import NIL, Document, Layer, Mention
from corpus.splits.summary import surface_of, target_of

LINKING_SETS = "linking-sets.jsonl"

SetName = Literal["ambiguous-surface", "unseen-entity", "unseen-surface"]


class SetMention(
    Struct, frozen=True, tag_field="type", tag="set_mention/1", forbid_unknown_fields=True
):
    """One judged mention of test that belongs to a set or more."""

    document: str
    mention: str
    start: int
    end: int
    surface: str
    label: str
    target: str
    sets: tuple[SetName, ...]


class Learned:
    """The surfaces of train, what each is linked to, and its entities."""

    def __init__(self) -> None:
        self._surfaces: dict[str, frozenset[str]] = {}
        self._entities: set[str] = set()
        self._shared: dict[frozenset[str], frozenset[str]] = {}

    def add(self, document: Document, layer: Layer) -> None:
        """Take a document of train."""
        for mention in layer.mentions:
            surface, target = surface_of(document, mention), target_of(mention)
            before = self._surfaces.get(surface, frozenset())
            now = before | {target} if target else before
            # The same few targets stand behind many surfaces: one set for all of them.
            self._surfaces[surface] = self._shared.setdefault(now, now)
            if target and target != NIL:
                self._entities.add(target)

    def sets_of(self, surface: str, target: str) -> Iterator[SetName]:
        """The sets that a mention belongs to."""
        known = self._surfaces.get(surface)
        if known and known - {target}:
            yield "ambiguous-surface"
        if target != NIL and target not in self._entities:
            yield "unseen-entity"
        if known is None:
            yield "unseen-surface"


def hard_mentions(
    documents: Iterable[Document], learned: Learned, layer: str
) -> Iterator[SetMention]:
    """Those judged mentions of test documents that belong to a set, in their order."""
    for document in documents:
        chosen = choose_layer(document, layer)
        for mention in chosen.mentions if chosen else ():
            found = _set_mention(document, mention, learned)
            if found is not None:
                yield found


def _set_mention(document: Document, mention: Mention, learned: Learned) -> SetMention | None:
    target, surface = target_of(mention), surface_of(document, mention)
    if target is None:
        return None
    sets = tuple(learned.sets_of(surface, target))
    if not sets:
        return None
    span = mention.start, mention.end
    return SetMention(document.id, mention.id, *span, surface, mention.label, target, sets)
