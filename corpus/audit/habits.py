"""What the corpus does as a rule: of each surface its labels and links, of each label its borders.

Read once over all documents; memory grows with the different surfaces.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

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


class Habits(Struct):
    """Counts over one layer of the whole corpus."""

    labels: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    targets: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    borders: dict[tuple[str, str], Border] = field(default_factory=dict)
    of_label: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    mentions: int = 0


def learn_habits(documents: Iterable[Document], layer: str) -> Habits:
    """The habits of the layer over all documents that have it."""
    habits = Habits()
    for document in documents:
        chosen = choose_layer(document, layer)
        if chosen is None:
            continue
        habits.documents += 1
        for mention in chosen.mentions:
            habits.mentions += 1
            habits.of_label[mention.label] += 1
            surface = surface_of(document.text, mention.start, mention.end)
            habits.labels[surface][mention.label] += 1
            for target in targets_of(mention):
                habits.targets[surface][target] += 1
            for what, is_inside in borders_of(document.text, mention):
                border = habits.borders.setdefault((mention.label, what), Border())
                border.inside += is_inside
                border.outside += not is_inside
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
