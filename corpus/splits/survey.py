"""What a first reading learns of the texts: a few hundred bytes each, and the shingles on disk."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date

from msgspec import Struct, field

from corpus.errors import DataError
from corpus.formats.layers import choose_layer
from corpus.model import NIL, Document, Layer
from corpus.splits.grouping import NEAR_DUPLICATES, Groups, day_of, group_of, join_pairs
from corpus.splits.near_duplicates import NearDuplicates, Pair
from corpus.splits.plan import Plan


class Earlier(Struct):
    """The assignment of an earlier run: split numbers by document id and by text."""

    by_id: dict[bytes, int]
    by_text: dict[bytes, int]


class Text(Struct):
    """One text: how many documents have it, their strata, where they stood, what hashes say."""

    key: bytes
    documents: int = 0
    strata: dict[int, int] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    fixed: int = -1
    day: date | None = None
    draw: bytes = b""


class Survey(Struct):
    """All texts with the layer, joined into groups, and the near-duplicate pairs among them.

    `strata` names labels and kinds of link by the numbers that the texts count.
    """

    texts: list[Text] = field(default_factory=list)
    groups: Groups = field(default_factory=Groups)
    strata: list[str] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    lacking: Counter[str] = field(default_factory=Counter)
    without_layer: int = 0


def take_survey(documents: Iterable[Document], earlier: Earlier, plan: Plan) -> Survey:
    """What the documents say, each read once.

    Raises DataError for an id that stands twice: which of the two would keep its split?
    """
    reading = _Reading(earlier, plan)
    ids: set[bytes] = set()
    with NearDuplicates(plan.similarity) as near:
        for document in documents:
            key = id_key(document.id)
            if key in ids:
                raise DataError(
                    f"document id {document.id!r} stands twice",
                    "give each document an id of its own",
                )
            ids.add(key)
            layer = choose_layer(document, plan.layer)
            if layer is None:
                reading.survey.without_layer += 1
            elif reading.take(document, layer, key):
                near.add(document.text, int.from_bytes(text_key(document)[:8], "big"))
        reading.survey.pairs = list(near.pairs())
    return reading.joined()


class _Reading:
    """A survey that is being taken."""

    def __init__(self, earlier: Earlier, plan: Plan) -> None:
        self.survey = Survey()
        self._earlier = earlier
        self._plan = plan
        self._numbers: dict[bytes, int] = {}
        self._strata: dict[str, int] = {}
        self._first: dict[bytes, int] = {}

    def take(self, document: Document, layer: Layer, id: bytes) -> bool:
        """Count the document; whether its text is new."""
        key = text_key(document)
        number = self._numbers.get(key)
        is_new = number is None
        if number is None:
            number = self._numbers[key] = self.survey.groups.add()
            self.survey.texts.append(Text(key))
        text = self.survey.texts[number]
        text.documents += 1
        for stratum, count in strata_of(layer).items():
            at = self._strata.setdefault(stratum, len(self._strata))
            text.strata[at] = text.strata.get(at, 0) + count
        self._take_place(document, text, id)
        for kind in self._plan.keep_together:
            self._take_group(document, kind, number)
        return is_new

    def _take_place(self, document: Document, text: Text, id: bytes) -> None:
        plan, earlier = self._plan, self._earlier
        before = earlier.by_id.get(id)
        if before is not None:
            text.before[before] = text.before.get(before, 0) + 1
        known = [each for each in (earlier.by_text.get(text.key), before) if each is not None]
        # The last split, test, stands before all others: what was in it stays in it.
        text.fixed = max([text.fixed, *known])
        if plan.by == "date":
            day = day_of(document)
            self.survey.lacking["date"] += day is None
            text.day = max(filter(None, (text.day, day)), default=None)
        elif plan.by == "hash":
            text.draw = max(text.draw, draw(id, plan.seed))

    def _take_group(self, document: Document, kind: str, number: int) -> None:
        if kind == NEAR_DUPLICATES:
            return
        value = group_of(document, kind)
        if value is None:
            self.survey.lacking[kind] += 1
            return
        key = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=12).digest()
        self.survey.groups.join(self._first.setdefault(key, number), number)

    def joined(self) -> Survey:
        """The survey, its near-duplicates joined where they are to be."""
        survey = self.survey
        survey.strata = list(self._strata)
        if NEAR_DUPLICATES in self._plan.keep_together:
            join_pairs(survey.groups, ((pair.first, pair.second) for pair in survey.pairs))
        return survey


def strata_of(layer: Layer) -> Counter[str]:
    """How many mentions of each label, and of each kind of link, the layer has."""
    found: Counter[str] = Counter()
    for mention in layer.mentions:
        found[f"label {mention.label}"] += 1
        if mention.links:
            is_nil = all(link.target == NIL for link in mention.links)
            found["link to NIL" if is_nil else "link to an entity"] += 1
    return found


def id_key(id: str) -> bytes:
    """What is remembered of a document's id."""
    return hashlib.blake2b(id.encode(), digest_size=16).digest()


def text_key(document: Document) -> bytes:
    """What is remembered of a document's text."""
    return bytes.fromhex(document.sha256)[:16]


def draw(key: bytes, seed: int) -> bytes:
    """A random number that depends on the key and the seed alone."""
    return hashlib.blake2b(key, digest_size=16, salt=seed.to_bytes(16, "big", signed=True)).digest()
