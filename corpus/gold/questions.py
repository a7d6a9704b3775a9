"""The questions that a document's layers put: which mentions are gold. Pure.

Each span with its label is first a question of its own: is it gold? What no rule accepts as it
stands is gathered where it overlaps: annotators who see different mentions at one place answer
one question there, and who marked nothing answers with nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from corpus.decisions import Answer, Mark, Vote, make_vote
from corpus.gold.rules import Rule, settle
from corpus.model import Document, Layer, Mention

Item = tuple[int, int, str, int]
"""Start, end, label, and 1 for the second of two equal mentions in one layer, and so on."""

Said = Mapping[Item, Mapping[str, Mention]]
"""Item -> layer name -> that annotator's mention."""


class Accepted(NamedTuple):
    """A mention that the rule took: as its annotators have it, and all votes for and against."""

    mark: Mark
    mentions: tuple[Mention, ...]
    votes: tuple[Vote, ...]


class Place(NamedTuple):
    """Where annotators differ: its question, the votes, and the rule's answer or None."""

    mention: str
    start: int
    end: int
    votes: tuple[Vote, ...]
    answer: Answer | None


def span_questions(
    document: Document, layers: Sequence[Layer], rule: Rule
) -> tuple[list[Accepted], list[Place]]:
    """What the rule accepts mention by mention, and the places of the rest, in text order."""
    said = _gather(layers)
    accepted: list[Accepted] = []
    rest: list[Item] = []
    for item in sorted(said):
        mark = Mark(*item[:3])
        name = f"{mark.start}-{mark.end}:{mark.label}" + (f"#{item[3] + 1}" if item[3] else "")
        votes = tuple(
            make_vote(
                document.id,
                "spans",
                name,
                layer.name,
                layer.round,
                Answer(marks=(mark,) if layer.name in said[item] else ()),
            )
            for layer in layers
        )
        answer = settle(votes, rule)
        if answer is not None and answer.marks:
            mentions = tuple(said[item][name] for name in sorted(said[item]))
            accepted.append(Accepted(mark, mentions, votes))
        else:
            rest.append(item)
    places = [_place(document, layers, said, items, rule) for items in _overlapping(rest)]
    return accepted, places


def _gather(layers: Sequence[Layer]) -> dict[Item, dict[str, Mention]]:
    said: dict[Item, dict[str, Mention]] = {}
    for layer in layers:
        twins: Counter[Mark] = Counter()
        for mention in layer.mentions:
            mark = Mark(mention.start, mention.end, mention.label)
            said.setdefault((*mark, twins[mark]), {})[layer.name] = mention
            twins[mark] += 1
    return said


def _overlapping(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items, sorted by start, in groups whose spans overlap from one to the next."""
    group: list[Item] = []
    reach = 0
    for item in items:
        if group and item[0] >= reach:
            yield group
            group = []
        reach = max(reach, item[1]) if group else item[1]
        group.append(item)
    if group:
        yield group


def _place(
    document: Document, layers: Sequence[Layer], said: Said, items: Sequence[Item], rule: Rule
) -> Place:
    start, end = min(item[0] for item in items), max(item[1] for item in items)
    name = f"{start}-{end}"
    votes = tuple(
        make_vote(
            document.id,
            "spans",
            name,
            layer.name,
            layer.round,
            Answer(marks=tuple(Mark(*item[:3]) for item in items if layer.name in said[item])),
        )
        for layer in layers
    )
    return Place(name, start, end, votes, settle(votes, rule))
