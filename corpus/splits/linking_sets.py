"""The hard mentions of test, for whoever links: a list that points into `test.jsonl`.

Three sets: `unseen-entity`, whose entity no mention of train is linked to; `unseen-surface`,
whose words no mention of train has; `ambiguous-surface`, whose words are linked in train
to another target, NIL being one. A list and not documents: a document that lacked its other
mentions would not be gold.
"""

from __future__ import annotations

from array import array
from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from corpus.errors import DataError, UsageError
from corpus.formats.layers import choose_layer
from corpus.model import NIL, Document, Mention
from corpus.splits.mention_table import NOT_JUDGED, MentionTable, digest, target_digest
from corpus.splits.summary import surface_of, target_of
from corpus.store import read_records

LINKING_SETS = "linking-sets.jsonl"

SetName = Literal["ambiguous-surface", "unseen-entity", "unseen-surface"]

Places = Mapping[str, frozenset[tuple[int, int]]]
"""The spans of a set, by document id."""


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
    """The surfaces of train, what each is linked to, and its entities, all as hashes."""

    def __init__(self, mentions: MentionTable) -> None:
        train = mentions.splits == 0
        self._surfaces = array("Q", mentions.surfaces[train].tobytes())
        self._targets = array("Q", mentions.targets[train].tobytes())
        self._entities = array("Q", np.unique(mentions.targets[train]).tobytes())

    def sets_of(self, surface: str, target: str) -> Iterator[SetName]:
        """The sets that a mention belongs to."""
        words, wanted = digest(surface), target_digest(target)
        targets = self._targets[bisect_left(self._surfaces, words) : bisect(self._surfaces, words)]
        if any(each not in (wanted, NOT_JUDGED) for each in targets):
            yield "ambiguous-surface"
        at = bisect_left(self._entities, wanted)
        if target != NIL and self._entities[at : at + 1] != array("Q", [wanted]):
            yield "unseen-entity"
        if not targets:
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


def read_set(path: Path, name: str = "") -> Places:
    """Where the mentions of a set stand; without a name those of all sets.

    Raises UsageError for a name that there is not, DataError where nothing is in the set.
    """
    names = get_args(SetName)
    if name and name not in names:
        raise UsageError(f"--set {name}: no such set", f"the sets are: {', '.join(names)}")
    found: dict[str, set[tuple[int, int]]] = {}
    for record in read_records(path, SetMention):
        if not name or name in record.sets:
            found.setdefault(record.document, set()).add((record.start, record.end))
    if not found:
        raise DataError(f"{path}: no mention is in that set", "give another --set")
    return {document: frozenset(spans) for document, spans in found.items()}


def only_at(documents: Iterable[Document], layer: str, places: Places) -> Iterator[Document]:
    """The documents that have such places, with the layer's mentions there and no others."""
    for document in documents:
        spans = places.get(document.id)
        if spans is not None:
            yield replace(
                document,
                layers=tuple(
                    replace(
                        each, mentions=tuple(m for m in each.mentions if (m.start, m.end) in spans)
                    )
                    if each.name == layer
                    else each
                    for each in document.layers
                ),
            )
