"""What the annotators of one document say, in the terms that agreement is measured in. Pure.

boundary   each word: a mention begins (B), goes on (I) or is not there (O)
type       each span that two or more marked with the same borders: its label
link       each mention that two or more judged: the entity, NIL, or BAD SPAN
nil        the same: NIL or not
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from corpus.decisions import ANNOTATOR
from corpus.model import NIL, Document, Layer, Mention
from corpus.offsets import Span

_WORD = re.compile(r"\w+|[^\w\s]")
_KEY = "key:"
_JUDGED = ("BAD SPAN",)  # keys of a link task that are a judgement without a link
ANY = ""  # no label is empty
Marks = Mapping[str, Sequence[Mention]]
"""Annotator -> the mentions of their layer."""


class Observed(NamedTuple):
    """The confirmed layers of one document: annotator -> mentions, and -> mention id -> entity."""

    spans: dict[str, tuple[Mention, ...]]
    links: dict[str, dict[str, str]]
    blind: dict[str, bool]


def observe(document: Document, *, number: int | None = None, passes: bool = False) -> Observed:
    """What annotators confirmed, by name: of each their last pass, or the one of that number.

    With `passes` each pass is an annotator of its own, `ann#1` and `ann#2`.
    """
    found = Observed({}, {}, {})
    for layer in _confirmed(document, number, last=not passes):
        name = layer.name.removeprefix(ANNOTATOR)
        name = f"{name}#{layer.round}" if passes else name
        if layer.task == "spans":
            found.spans[name] = layer.mentions
            found.blind[name] = layer.blind
            judged = {f"{m.start}-{m.end}:{m.label}": _link_of(m) for m in layer.mentions}
        else:
            judged = {mention.id: _link_of(mention) for mention in layer.mentions}
        judged = {id: said for id, said in judged.items() if said}
        if judged and (layer.task == "links" or name not in found.links):
            found.links[name] = judged
    return found


def _confirmed(document: Document, number: int | None, *, last: bool) -> list[Layer]:
    layers = [
        layer
        for layer in document.layers
        if layer.name.startswith(ANNOTATOR)
        and layer.state == "confirmed"
        and number in (None, layer.round)
    ]
    layers.sort(key=lambda layer: (layer.task == "links", layer.name, layer.round))
    if not last:
        return layers
    return list({(layer.task, layer.name): layer for layer in layers}.values())


def _link_of(mention: Mention) -> str:
    for link in mention.links:
        if link.role == "literal":
            return link.target
    key = mention.source.removeprefix(_KEY)
    return key if key != mention.source and key in _JUDGED else ""


def boundary_units(document: Document, marks: Marks) -> Iterator[tuple[dict[str, str], int]]:
    """For each word what each annotator has there; equal words together, with their number."""
    words = document.tokens or [match.span() for match in _WORD.finditer(document.text)]
    starts, ends = [word[0] for word in words], [word[1] for word in words]
    columns = [_tag_words(mentions, starts, ends) for mentions in marks.values()]
    for tags, times in sorted(Counter(zip(*columns, strict=True)).items()):
        yield dict(zip(marks, tags, strict=True)), times


def _tag_words(mentions: Sequence[Mention], starts: Sequence[int], ends: Sequence[int]) -> str:
    tags = ["O"] * len(starts)
    for mention in mentions:
        first, after = bisect_right(ends, mention.start), bisect_left(starts, mention.end)
        for at in range(first, after):
            if at == first:
                tags[at] = "B"
            elif tags[at] == "O":
                tags[at] = "I"
    return "".join(tags)


def type_units(marks: Marks) -> Iterator[dict[str, str]]:
    """For each span that two or more marked: annotator -> its labels, several joined by +."""
    said: dict[Span, dict[str, list[str]]] = {}
    for name, mentions in marks.items():
        for mention in mentions:
            labels = said.setdefault((mention.start, mention.end), {}).setdefault(name, [])
            labels.append(mention.label)
    for _, by_name in sorted(said.items()):
        if len(by_name) > 1:
            yield {name: "+".join(sorted(labels)) for name, labels in by_name.items()}


def link_units(links: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """For each mention that two or more judged: annotator -> entity, NIL or BAD SPAN."""
    ids = sorted({id for judged in links.values() for id in judged})
    for id in ids:
        unit = {name: judged[id] for name, judged in links.items() if id in judged}
        if len(unit) > 1:
            yield unit


def nil_unit(unit: Mapping[str, str]) -> dict[str, str]:
    """NIL or not, where the mention is one."""
    return {
        name: NIL if said == NIL else "linked" for name, said in unit.items() if said not in _JUDGED
    }


class Shared(NamedTuple):
    """How many mentions two annotators share: sums from which F1 is computed."""

    exact: int
    exact_typed: int
    overlap_one: int
    overlap_other: int
    overlap_typed_one: int
    overlap_typed_other: int
    one: int
    other: int


def share(one: Sequence[Mention], other: Sequence[Mention]) -> Shared:
    """What two annotators have in common, with equal borders or overlapping, label or not."""
    spans = [Counter((m.start, m.end) for m in of) for of in (one, other)]
    typed = [Counter((m.start, m.end, m.label) for m in of) for of in (one, other)]
    return Shared(
        (spans[0] & spans[1]).total(),
        (typed[0] & typed[1]).total(),
        _overlapping(one, other),
        _overlapping(other, one),
        _overlapping_typed(one, other),
        _overlapping_typed(other, one),
        len(one),
        len(other),
    )


def _overlapping(one: Sequence[Mention], other: Sequence[Mention]) -> int:
    """How many of one overlap any of the other."""
    ordered = sorted((m.start, m.end) for m in other)
    starts = [start for start, _ in ordered]
    reach = list(accumulate((end for _, end in ordered), max))
    number = 0
    for mention in one:
        before = bisect_left(starts, mention.end)
        number += before > 0 and reach[before - 1] > mention.start
    return number


def _overlapping_typed(one: Sequence[Mention], other: Sequence[Mention]) -> int:
    number = 0
    for label in {mention.label for mention in one}:
        of_label = ([m for m in of if m.label == label] for of in (one, other))
        number += _overlapping(*of_label)
    return number


def units_by_label(mentions: Sequence[Mention]) -> dict[str, list[Span]]:
    """Label -> spans without overlap; of those that overlap under one label the first and longest.

    A continuum cut into units of one category has no nested ones. Under the label `` stand the
    spans of all labels together.
    """
    units: dict[str, list[Span]] = {}
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        for label in (mention.label, ANY):
            spans = units.setdefault(label, [])
            if not spans or spans[-1][1] <= mention.start:
                spans.append((mention.start, mention.end))
    return units
