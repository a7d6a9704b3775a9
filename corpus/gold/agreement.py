"""How far annotators agree, over the documents that they confirmed both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from corpus.gold.coefficients import Nominal, Pair, Table
from corpus.gold.gamma import GammaSample
from corpus.gold.observations import (
    Observed,
    boundary_units,
    link_units,
    nil_unit,
    observe,
    share,
    type_units,
    units_by_label,
)
from corpus.gold.unitizing import Unitizing
from corpus.model import Document, Mention, layer_of

ASPECTS = ("boundary", "type", "link", "nil")


class DocumentAgreement(NamedTuple):
    """One document: over all pairs the share of equal mentions, and of equal links; what differs.

    A share is None where the two have nothing to compare.
    """

    id: str
    annotators: tuple[str, ...]
    f1: float | None
    differing: int
    links: float | None
    links_differing: int

    @property
    def lowest(self) -> float:
        """The lower of the two shares."""
        return min((one for one in (self.f1, self.links) if one is not None), default=1.0)


class Collected:
    """The sums of all documents that at least two annotators (or two passes of one) confirmed.

    Texts and mentions are gone again after each document; numbers remain, a few for each.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.given = 0
        self.confirmed: Counter[str] = Counter()
        self.nominal = {aspect: Nominal() for aspect in ASPECTS}
        self.shared: dict[Pair, Table] = {}
        self.shared_of_label: dict[str, Table] = {}
        self.linked: dict[Pair, Table] = {}
        self.unitizing: dict[Pair, Unitizing] = {}
        self.everybody: dict[tuple[str, ...], Unitizing] = {}
        self.documents: list[DocumentAgreement] = []

    @property
    def compared(self) -> list[str]:
        """The annotators who share a confirmed document with another."""
        return sorted({name for pair in (*self.shared, *self.linked) for name in pair})

    def add(self, document: Document, observed: Observed, pairs: list[Pair]) -> None:
        """One document; only these pairs of its annotators are compared."""
        number = len(self.ids)
        self.ids.append(document.id)
        spans = {name: observed.spans[name] for name in sorted(observed.spans)}
        both = [pair for pair in pairs if pair[0] in spans and pair[1] in spans]
        marked, same = self._add_spans(number, document, spans, both) if both else (0, 0)
        units, alike = self._add_links(number, observed, pairs)
        self.documents.append(
            DocumentAgreement(
                document.id,
                tuple(sorted({name for pair in pairs for name in pair})),
                same / marked if marked else (1.0 if both else None),
                marked - same,
                alike / units if units else None,
                units - alike,
            )
        )

    def _add_spans(
        self,
        number: int,
        document: Document,
        spans: dict[str, tuple[Mention, ...]],
        pairs: list[Pair],
    ) -> tuple[int, int]:
        """How many mentions the pairs have, and how many of them in common."""
        for unit, times in boundary_units(document, spans):
            self.nominal["boundary"].add(number, unit, times)
        for unit in type_units(spans):
            self.nominal["type"].add(number, unit)
        units = {name: units_by_label(mentions) for name, mentions in spans.items()}
        shared = []
        for one, other in pairs:
            found = share(spans[one], spans[other])
            shared.append(found)
            self.shared.setdefault((one, other), Table(0, 8)).add(number, *found)
            self._add_labels(number, spans[one], spans[other])
            unitizing = self.unitizing.setdefault((one, other), Unitizing(2))
            unitizing.add(number, len(document.text), [units[one], units[other]])
        names = tuple(spans)
        if len(names) > 2:
            unitizing = self.everybody.setdefault(names, Unitizing(len(names)))
            unitizing.add(number, len(document.text), list(units.values()))
        marked = sum(found.one + found.other for found in shared)
        return marked, sum(2 * found.exact_typed for found in shared)

    def _add_labels(
        self, number: int, one: tuple[Mention, ...], other: tuple[Mention, ...]
    ) -> None:
        for label in {mention.label for mention in (*one, *other)}:
            of_label = ([m for m in of if m.label == label] for of in (one, other))
            table = self.shared_of_label.setdefault(label, Table(0, 8))
            table.add(number, *share(*of_label))

    def _add_links(self, number: int, observed: Observed, pairs: list[Pair]) -> tuple[int, int]:
        """How many mentions the pairs judged both, and how many of them alike."""
        units = alike = 0
        for unit in link_units(observed.links):
            self.nominal["link"].add(number, unit)
            self.nominal["nil"].add(number, nil_unit(unit))
            for one, other in pairs:
                if one in unit and other in unit:
                    self._add_link(number, (one, other), unit[one], unit[other])
                    units += 1
                    alike += unit[one] == unit[other]
        return units, alike

    def _add_link(self, number: int, pair: Pair, one: str, other: str) -> None:
        nil = [said == "NIL" for said in (one, other)]
        linked = [said not in ("NIL", "BAD SPAN") for said in (one, other)]
        same = one == other
        row = (same and linked[0], linked[0], linked[1], same and nil[0], nil[0], nil[1])
        self.linked.setdefault(pair, Table(0, 6)).add(number, *map(float, row))


class Anchoring(NamedTuple):
    """Agreement of one annotator with the suggestions they saw, and with those kept from them."""

    shown: Table
    blind: Table


class Agreements(NamedTuple):
    """Everything collected: between annotators, between passes of one, and with silver."""

    between: Collected
    within: Collected
    anchoring: dict[str, Anchoring]


def collect_agreement(
    documents: Iterable[Document],
    *,
    number: int | None = None,
    silver: str = "silver",
    gamma: GammaSample | None = None,
) -> Agreements:
    """The sums over all documents, read once.

    Between annotators each one's last confirmed pass counts, or pass `number`. `silver` is the
    layer that was suggested. `gamma` is offered each document that two confirmed.
    """
    found = Agreements(Collected(), Collected(), {})
    for at, document in enumerate(documents):
        found.between.given += 1
        observed = observe(document, number=number)
        names = sorted({*observed.spans, *observed.links})
        found.between.confirmed.update(names)
        pairs = list(combinations(names, 2))
        if pairs:
            found.between.add(document, observed, pairs)
        if gamma is not None and len(observed.spans) > 1:
            gamma.add(document.id, observed.spans)
        by_pass = observe(document, passes=True)
        own = list(_passes({*by_pass.spans, *by_pass.links}))
        if own:
            _add_passes(found.within, document, by_pass, own)
        _add_anchoring(found.anchoring, at, document, observed, silver)
    return found


def _passes(names: Iterable[str]) -> Iterator[Pair]:
    """Each two passes of one annotator, the earlier first."""
    ordered = sorted((name.rpartition("#")[0], int(name.rpartition("#")[2])) for name in names)
    for (one, first), (other, second) in combinations(ordered, 2):
        if one == other:
            yield f"{one}#{first}", f"{other}#{second}"


def _add_passes(found: Collected, document: Document, by_pass: Observed, own: list[Pair]) -> None:
    """Each annotator's passes by themselves: nobody else is in the same units."""
    for name in sorted({one.rpartition("#")[0] for one, _ in own}):
        mine = [pair for pair in own if pair[0].rpartition("#")[0] == name]
        passes = {each for pair in mine for each in pair}
        only = Observed(
            {each: by_pass.spans[each] for each in by_pass.spans if each in passes},
            {each: by_pass.links[each] for each in by_pass.links if each in passes},
            {},
        )
        found.add(document, only, mine)


def _add_anchoring(
    anchoring: dict[str, Anchoring], at: int, document: Document, observed: Observed, silver: str
) -> None:
    suggested = layer_of(document, silver)
    if suggested is None:
        return
    for name in sorted(observed.spans):
        tables = anchoring.setdefault(name, Anchoring(Table(0, 8), Table(0, 8)))
        table = tables.blind if observed.blind[name] else tables.shown
        table.add(at, *share(observed.spans[name], suggested.mentions))
