"""What a text is answered with: suggested spans as Doccano's auto-labelling stores them.

Doccano keeps the numbers that it is given, and its page counts UTF-16 units: so do these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from corpus.model import Mention, longest_mentions
from corpus.offsets import to_utf16

Suggest = Callable[[str], Sequence[Mention]]
"""Text -> what is suggested for it, in code points."""


class Answer(NamedTuple):
    """Spans by start, none overlapping, in UTF-16 units; what was left out is in the notes."""

    spans: list[dict[str, Any]]
    notes: list[str]


def answer_text(text: str, suggest: Suggest, labels: Collection[str] | None = None) -> Answer:
    """The suggestions for a text of the labels that the project has; all labels if None.

    Doccano drops in silence what overlaps or has a label type that the project lacks. Here the
    longer of two stays, and a note says what was left out.
    """
    found = suggest(text)
    known = [mention for mention in found if labels is None or mention.label in labels]
    unknown = Counter(mention.label for mention in found) - Counter(m.label for m in known)
    chosen = list(longest_mentions(known))
    notes = [
        f"{number} of label {label} left out: the project has no such label type"
        for label, number in sorted(unknown.items())
    ]
    if len(chosen) < len(known):
        notes.append(f"{len(known) - len(chosen)} left out: they overlap longer ones")
    offsets = to_utf16(text, [(mention.start, mention.end) for mention in chosen])
    spans = [
        {"label": mention.label, "start_offset": start, "end_offset": end}
        for mention, (start, end) in zip(chosen, offsets, strict=True)
    ]
    return Answer(spans, notes)
