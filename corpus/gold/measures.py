"""What is counted: rows of a document, and neleval's measures as (key, rows kept, aggregate).

Names and definitions are those of neleval 3.1.1 (https://neleval.readthedocs.io). A row is one
link of one mention, or one mention that has none; keys are compared as sets, so that mentions
which coincide in the fields of a key count once, as they do there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from operator import itemgetter
from sys import intern
from typing import Literal, NamedTuple

from corpus.errors import DataError, UsageError
from corpus.model import NIL, Document, Layer, Mention, sort_mentions

NilClusters = Literal["singletons", "surface"]
Keep = Literal["all", "judged", "linked", "nil"]


class Row(NamedTuple):
    """One link of one mention; `target` and `cluster` are None where no link was judged.

    `document` is the number of the document among those scored. `cluster` is the target, or for
    NIL what `--nil-clusters` makes of it.
    """

    document: int
    start: int
    end: int
    label: str
    target: str | None
    cluster: Hashable


Key = Callable[[Row], tuple[Hashable, ...]]
SPAN: Key = itemgetter(0, 1, 2)
TYPED: Key = itemgetter(0, 1, 2, 3)
LINKED: Key = itemgetter(0, 1, 2, 4)
TYPED_LINKED: Key = itemgetter(0, 1, 2, 3, 4)
ENTITY: Key = itemgetter(0, 4)


class Measure(NamedTuple):
    """Which fields of a row are compared, which rows count, and how they are aggregated."""

    key: Key
    keep: Keep
    aggregate: str = "sets"


MEASURES = {
    "strong_mention_match": Measure(SPAN, "all"),
    "strong_typed_mention_match": Measure(TYPED, "all"),
    "strong_linked_mention_match": Measure(SPAN, "linked"),
    "strong_link_match": Measure(LINKED, "linked"),
    "strong_nil_match": Measure(SPAN, "nil"),
    "strong_all_match": Measure(LINKED, "judged"),
    "strong_typed_link_match": Measure(TYPED_LINKED, "linked"),
    "strong_typed_nil_match": Measure(TYPED, "nil"),
    "strong_typed_all_match": Measure(TYPED_LINKED, "judged"),
    "entity_match": Measure(ENTITY, "linked"),
    "b_cubed": Measure(SPAN, "judged", "b_cubed"),
    "b_cubed_plus": Measure(LINKED, "judged", "b_cubed"),
    "mention_ceaf": Measure(SPAN, "judged", "mention_ceaf"),
    "mention_ceaf_plus": Measure(LINKED, "judged", "mention_ceaf"),
    "typed_mention_ceaf": Measure(TYPED, "judged", "mention_ceaf"),
    "typed_mention_ceaf_plus": Measure(TYPED_LINKED, "judged", "mention_ceaf"),
    "entity_ceaf": Measure(SPAN, "judged", "entity_ceaf"),
    "muc": Measure(SPAN, "judged", "muc"),
    "pairwise": Measure(SPAN, "judged", "pairwise"),
}
"""neleval's measures in the order in which they are printed."""


class Counts(NamedTuple):
    """True positives by prediction and by gold, and what each side has alone.

    The two differ only in clustering measures. A ratio with nothing below it is 0, as in neleval.
    """

    ptp: float = 0
    fp: float = 0
    rtp: float = 0
    fn: float = 0

    @property
    def precision(self) -> float:
        """ptp / (ptp + fp)."""
        return ratio(self.ptp, self.ptp + self.fp)

    @property
    def recall(self) -> float:
        """rtp / (rtp + fn)."""
        return ratio(self.rtp, self.rtp + self.fn)

    @property
    def fscore(self) -> float:
        """The harmonic mean of precision and recall."""
        return ratio(2 * self.precision * self.recall, self.precision + self.recall)


def ratio(numerator: float, denominator: float) -> float:
    """numerator / denominator; 0 where the denominator is 0."""
    return numerator / denominator if denominator else 0.0


def total_counts(counts: Collection[Counts]) -> Counts:
    """The sum of each count."""
    return Counts(*map(sum, zip(*counts, strict=True))) if counts else Counts()


def choose_measures(names: Iterable[str]) -> dict[str, Measure]:
    """The named measures in printing order; all of them if none is named.

    Raises UsageError for a name that neleval does not have.
    """
    wanted = list(names)
    for name in wanted:
        if name not in MEASURES:
            raise UsageError(
                f"-m {name}: no such measure", f"the measures are: {', '.join(MEASURES)}"
            )
    return {name: m for name, m in MEASURES.items() if not wanted or name in wanted}


def keep_rows(rows: Sequence[Row], keep: Keep) -> Sequence[Row]:
    """The rows of one side that a measure looks at."""
    if keep == "all":
        return rows
    if keep == "judged":
        return [row for row in rows if row.target is not None]
    if keep == "nil":
        return [row for row in rows if row.target == NIL]
    return [row for row in rows if row.target is not None and row.target != NIL]


def count_matches(measure: Measure, predicted: Sequence[Row], gold: Sequence[Row]) -> Counts:
    """The counts of a measure that compares sets of keys."""
    found = set(map(measure.key, keep_rows(predicted, measure.keep)))
    wanted = set(map(measure.key, keep_rows(gold, measure.keep)))
    both = len(found & wanted)
    return Counts(both, len(found) - both, both, len(wanted) - both)


def rows_of(
    mentions: Iterable[Mention],
    document: Document,
    number: int,
    *,
    role: str = "literal",
    nil_clusters: NilClusters = "singletons",
) -> list[Row]:
    """The rows of one layer's mentions in the order on disk, with the links of one role.

    A mention with links of other roles only is a row that is not judged.
    """
    rows = []
    for mention in sort_mentions(mentions):
        start, end, label = mention.start, mention.end, intern(mention.label)
        targets: list[str | None] = [
            intern(link.target) for link in mention.links if link.role == role
        ]
        for target in targets or [None]:
            cluster: Hashable = target
            if target == NIL:
                by_surface = nil_clusters == "surface"
                cluster = (NIL, document.text[start:end] if by_surface else (number, start, end))
            rows.append(Row(number, start, end, label, target, cluster))
    return rows


def mentions_of(document: Document, name: str) -> tuple[Mention, ...] | None:
    """The mentions of the layer in its last round, with the links that its links layer judged.

    None if the document has no such layer; an untouched one never means "no entities", so it is
    passed over. Raises DataError if the links layer judges a mention
    that the spans layer does not hold.
    """
    spans, links = _last_round(document, name, "spans"), _last_round(document, name, "links")
    if spans is None or links is None:
        only = spans or links
        return only.mentions if only is not None else None
    judged = {mention.id: mention for mention in links.mentions}
    merged = tuple(judged.pop(mention.id, mention) for mention in spans.mentions)
    for stray in judged:
        raise DataError(
            f"document {document.id!r}: the links layer {name!r} judges mention {stray}, "
            "which its spans layer does not hold",
            "adjudicate again from one pull",
        )
    return merged


def _last_round(document: Document, name: str, task: str) -> Layer | None:
    layers = [
        layer
        for layer in document.layers
        if (layer.name, layer.task) == (name, task) and layer.state != "untouched"
    ]
    return max(layers, key=lambda layer: layer.round, default=None)
