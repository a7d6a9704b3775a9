"""What the corpus does as a rule: of each surface its labels and links, of each label its borders.

Read once over all documents; memory grows with the different surfaces.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nsmallest
from typing import NamedTuple

from msgspec import Struct, field

from corpus.audit.doubts import surface_of
from corpus.formats.layers import choose_layer
from corpus.model import Document, Mention

_ARTICLES = "the a an der die das den dem des le la les el los las il lo gli o os as het de den det"
_ARTICLE = re.compile(rf"(?:(?:{'|'.join(_ARTICLES.split())})\s+|[ldL]['’])(?=\S)", re.IGNORECASE)
_ARTICLE_BEFORE = re.compile(
    rf"(?<![\w'’])(?:(?:{'|'.join(_ARTICLES.split())})\s+|[ldL]['’])\Z", re.IGNORECASE
)
_POSSESSIVE = re.compile(r"['’]s?\Z")
_POSSESSIVE_AFTER = re.compile(r"['’](?:s\b|(?=\s))")

_LOOK = 12  # characters before a mention: longer than any article and its blanks


class Border(Struct):
    """How often something beside a name is inside the mention, and how often left out."""

    inside: int = 0
    outside: int = 0


class Common(NamedTuple):
    """What is said of one thing: how often each, in all, and the two said most often.

    Of equal ones the first by name. Found once, since a common name is asked about at every
    mention of it.
    """

    counts: Counter[str]
    total: int
    first: tuple[str, int]
    second: tuple[str, int]

    def most(self, but: str) -> tuple[str, int]:
        """The one said most often, and how often, but for that one; ("", 0) if there is none."""
        return self.second if self.first[0] == but else self.first


def common_of(counts: Counter[str]) -> Common:
    """The counts with their total and their two most frequent."""
    ranked = nsmallest(2, ((-number, name) for name, number in counts.items()))
    best = [(name, -number) for number, name in ranked] + [("", 0), ("", 0)]
    return Common(counts, counts.total(), best[0], best[1])


class Habits(Struct):
    """Counts over one layer of the whole corpus."""

    labels: dict[str, Common] = field(default_factory=dict)
    targets: dict[str, Common] = field(default_factory=dict)
    borders: dict[tuple[str, str], Border] = field(default_factory=dict)
    of_label: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    mentions: int = 0


def learn_habits(documents: Iterable[Document], layer: str) -> Habits:
    """The habits of the layer over all documents that have it."""
    habits = Habits()
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    targets: dict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        chosen = choose_layer(document, layer)
        if chosen is None:
            continue
        habits.documents += 1
        for mention in chosen.mentions:
            habits.mentions += 1
            habits.of_label[mention.label] += 1
            surface = surface_of(document.text, mention.start, mention.end)
            labels[surface][mention.label] += 1
            for target in targets_of(mention):
                targets[surface][target] += 1
            for what, is_inside in borders_of(document.text, mention):
                border = habits.borders.setdefault((mention.label, what), Border())
                border.inside += is_inside
                border.outside += not is_inside
    habits.labels = {surface: common_of(counts) for surface, counts in labels.items()}
    habits.targets = {surface: common_of(counts) for surface, counts in targets.items()}
    return habits


def targets_of(mention: Mention) -> tuple[str, ...]:
    """What the mention is linked to literally, NIL too; nothing where it is not judged."""
    return tuple(link.target for link in mention.links if link.role == "literal")


def borders_of(text: str, mention: Mention) -> list[tuple[str, bool]]:
    """(article or possessive, whether it is inside) of what stands at the mention's borders."""
    found = []
    inner = text[mention.start : mention.end]
    if _ARTICLE.match(inner):
        found.append(("article", True))
    elif _ARTICLE_BEFORE.search(text[max(mention.start - _LOOK, 0) : mention.start]):
        found.append(("article", False))
    if _POSSESSIVE.search(inner):
        found.append(("possessive", True))
    elif _POSSESSIVE_AFTER.match(text, mention.end):
        found.append(("possessive", False))
    return found
