"""What a first reading learns of the texts: columns of a few numbers each, no text."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice

from msgspec import Struct, field

from corpus.articles.digests import PlacesByDigest
from corpus.errors import DataError
from corpus.formats.layers import choose_layer
from corpus.model import NIL, Document, Layer
from corpus.splits.by_key import SIZE, ByKey
from corpus.splits.grouping import NEAR_DUPLICATES, Groups, day_of, group_of, join_equal, join_pairs
from corpus.splits.near_duplicates import NearDuplicates
from corpus.splits.plan import Plan
from corpus.splits.signature_files import Signed, refuse_more, take_signed
from corpus.splits.signatures import Signatures, text_key

_BATCH = 256  # documents whose ids and texts are looked up at once


class Earlier(Struct):
    """The assignment of an earlier run: split numbers by document id and by text."""

    by_id: ByKey = field(default_factory=ByKey)
    by_text: ByKey = field(default_factory=ByKey)


class Survey(Struct):
    """All texts with the layer, by number, joined into groups.

    A text has a key, its documents, the split that it must be in (`fixed`, or -1), its newest
    day as an ordinal (or 0), and the greatest random number of its documents.

    Columns of their own: how many mentions of a stratum a text has (`text`, `stratum`, `count`,
    once for each document), `strata` naming labels and kinds of link by these numbers; which texts
    stood in which split before, once for each document; and the near-duplicate pairs.
    """

    keys: bytearray = field(default_factory=bytearray)
    documents: array[int] = field(default_factory=lambda: array("I"))
    fixed: array[int] = field(default_factory=lambda: array("h"))
    day: array[int] = field(default_factory=lambda: array("i"))
    draw: array[int] = field(default_factory=lambda: array("Q"))
    text: array[int] = field(default_factory=lambda: array("I"))
    stratum: array[int] = field(default_factory=lambda: array("I"))
    count: array[int] = field(default_factory=lambda: array("I"))
    before_text: array[int] = field(default_factory=lambda: array("I"))
    before_split: array[int] = field(default_factory=lambda: array("h"))
    first: array[int] = field(default_factory=lambda: array("I"))
    second: array[int] = field(default_factory=lambda: array("I"))
    strata: list[str] = field(default_factory=list)
    groups: Groups = field(default_factory=Groups)
    lacking: Counter[str] = field(default_factory=Counter)
    without_layer: int = 0


def take_survey(
    documents: Iterable[Document],
    earlier: Earlier,
    plan: Plan,
    signed: Iterator[Signed] | None = None,
) -> Survey:
    """What the documents say, each read once.

    With the signature of each document no text is looked at; the survey is the same.
    Raises DataError for an id that stands twice: which of the two would keep its split?
    StoreError where the signatures are of other texts.
    """
    with closing(NearDuplicates(plan.similarity)) as near:
        with closing(_Reading(earlier, plan)) as reading:
            stream = iter(documents)
            while batch := list(islice(stream, _BATCH)):
                reading.take(batch, _signatures(batch, signed), near)
            if signed is not None:
                refuse_more(signed)
            survey = reading.joined()
        del reading  # its tables are not asked any more
        for pair in near.pairs():
            survey.first.append(pair.first)
            survey.second.append(pair.second)
    if NEAR_DUPLICATES in plan.keep_together:
        join_pairs(survey.groups, zip(survey.first, survey.second, strict=True))
    return survey


def _signatures(
    documents: list[Document], signed: Iterator[Signed] | None
) -> Sequence[Signatures | None]:
    return [None] * len(documents) if signed is None else take_signed(documents, signed)


class _Reading:
    """A survey that is being taken."""

    def __init__(self, earlier: Earlier, plan: Plan) -> None:
        self._survey = Survey()
        self._earlier = earlier
        self._plan = plan
        self._strata: dict[str, int] = {}
        self._read = 0
        self._ids = PlacesByDigest()
        self._texts = PlacesByDigest()
        self._numbers = array("I")  # of the text of each document that has the layer
        self._groups = {kind: (array("Q"), array("I")) for kind in plan.keep_together}

    def take(
        self,
        documents: list[Document],
        signatures: Sequence[Signatures | None],
        near: NearDuplicates,
    ) -> None:
        """Count the documents, and give those texts, or their signatures, on that are new."""
        self._refuse_twice(documents)
        layers = [choose_layer(each, self._plan.layer) for each in documents]
        having = [
            (document, layer, signature)
            for document, layer, signature in zip(documents, layers, signatures, strict=True)
            if layer is not None
        ]
        self._survey.without_layer += len(documents) - len(having)
        keys = [text_key(document) for document, *_ in having]
        places = range(len(self._numbers), len(self._numbers) + len(having))
        for (document, layer, signature), key, place, first in zip(
            having, keys, places, self._texts.first_places(keys, places), strict=True
        ):
            if first == place and signature is not None:
                near.add_signed(signature, int.from_bytes(key[:8], "big"))
            elif first == place:
                near.add(document.text, int.from_bytes(key[:8], "big"))
            number = self._add_text(key) if first == place else self._numbers[first]
            self._numbers.append(number)
            self._survey.documents[number] += 1
            self._take_strata(layer, number)
            self._take_place(document, number, key)
            self._take_groups(document, number)

    def close(self) -> None:
        """Give the files of the tables back."""
        self._ids.close()
        self._texts.close()

    def _refuse_twice(self, documents: list[Document]) -> None:
        places = range(self._read, self._read + len(documents))
        firsts = self._ids.first_places([id_key(each.id) for each in documents], places)
        for document, place, first in zip(documents, places, firsts, strict=True):
            if first != place:
                raise DataError(
                    f"document id {document.id!r} stands twice",
                    "give each document an id of its own",
                )
        self._read += len(documents)

    def _add_text(self, key: bytes) -> int:
        survey = self._survey
        survey.keys += key
        for column, nothing in ((survey.documents, 0), (survey.fixed, -1), (survey.day, 0)):
            column.append(nothing)
        survey.draw.append(0)
        return survey.groups.add()

    def _take_strata(self, layer: Layer, number: int) -> None:
        for stratum, count in strata_of(layer).items():
            self._survey.text.append(number)
            self._survey.stratum.append(self._strata.setdefault(stratum, len(self._strata)))
            self._survey.count.append(count)

    def _take_place(self, document: Document, number: int, key: bytes) -> None:
        plan, survey = self._plan, self._survey
        before = self._earlier.by_id.get(id_key(document.id))
        if before is not None:
            survey.before_text.append(number)
            survey.before_split.append(before)
        known = [each for each in (self._earlier.by_text.get(key), before) if each is not None]
        # The last split, test, stands before all others: what was in it stays in it.
        survey.fixed[number] = max([survey.fixed[number], *known])
        if plan.by == "date":
            day = day_of(document)
            survey.lacking["date"] += day is None
            survey.day[number] = max(survey.day[number], day.toordinal() if day else 0)
        elif plan.by == "hash":
            drawn = int.from_bytes(draw(id_key(document.id), plan.seed)[:8], "big")
            survey.draw[number] = max(survey.draw[number], drawn)

    def _take_groups(self, document: Document, number: int) -> None:
        for kind, (groups, numbers) in self._groups.items():
            if kind == NEAR_DUPLICATES:
                continue
            value = group_of(document, kind)
            if value is None:
                self._survey.lacking[kind] += 1
                continue
            raw = hashlib.blake2b(value.encode(), digest_size=8).digest()
            groups.append(int.from_bytes(raw, "big"))
            numbers.append(number)

    def joined(self) -> Survey:
        """The survey, what is to be joined by metadata joined."""
        self._survey.strata = list(self._strata)
        for groups, numbers in self._groups.values():
            join_equal(self._survey.groups, groups, numbers)
        return self._survey


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
    return hashlib.blake2b(id.encode(), digest_size=SIZE).digest()


def draw(key: bytes, seed: int) -> bytes:
    """A random number that depends on the key and the seed alone."""
    return hashlib.blake2b(key, digest_size=16, salt=seed.to_bytes(16, "big", signed=True)).digest()
