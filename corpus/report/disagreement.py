"""Where annotators say different things of one place of a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from corpus.model import Document, Layer, Mention, Task
from corpus.offsets import Span

ANNOTATOR = "annotator:"

Vote = tuple[str, ...]


def disagreements(document: Document) -> list[Span]:
    """The spans, in order, on which the annotators' layers of one task differ.

    Of spans the labels are compared (a span that one did not mark is a difference), of links
    their targets. Only the latest round of each person counts, and never an untouched layer:
    nobody has judged it. With fewer than two such layers there is nothing to compare.
    """
    found: set[Span] = set()
    tasks: tuple[Task, ...] = ("spans", "links")
    for task in tasks:
        layers = list(_judged(document.layers, task))
        if len(layers) > 1:
            found.update(_differing([_votes(layer.mentions, task) for layer in layers]))
    return sorted(found)


def _judged(layers: Iterable[Layer], task: Task) -> Iterator[Layer]:
    latest: dict[str, Layer] = {}
    for layer in layers:
        if layer.task == task and layer.name.startswith(ANNOTATOR):
            earlier = latest.get(layer.name)
            if earlier is None or earlier.round < layer.round:
                latest[layer.name] = layer
    for layer in latest.values():
        if layer.state != "untouched":
            yield layer


def _votes(mentions: Iterable[Mention], task: Task) -> dict[Span, list[Vote]]:
    votes: dict[Span, list[Vote]] = defaultdict(list)
    for mention in mentions:
        vote: Vote = (mention.label,)
        if task == "links":
            vote = tuple(sorted(f"{link.role} {link.target}" for link in mention.links))
        votes[mention.start, mention.end].append(vote)
    return votes


def _differing(votes: list[dict[Span, list[Vote]]]) -> Iterator[Span]:
    for span in set().union(*votes):
        said = [sorted(each.get(span, [])) for each in votes]
        if any(one != said[0] for one in said):
            yield span
