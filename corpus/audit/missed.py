"""Places where a name stands unmarked that is marked elsewhere: likely missed mentions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator

from corpus.audit.doubts import Doubt
from corpus.audit.habits import Habits
from corpus.model import Document, Layer

_WORD = re.compile(r"\w+|[^\w\s]")
_SCRIPT_WITHOUT_BLANKS = re.compile(
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff]"
)

_LEAST = 0.5  # of a name's places are marked, or it is a word like any other
_SHORT = 2  # characters of a name that is looked for


class Names:
    """The surfaces of a corpus, to be found in its texts."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self._by_first: dict[str, set[int]] = defaultdict(set)
        self._known: dict[tuple[str, ...], str] = {}
        without_blanks = []
        for surface in sorted(habits.labels):
            if len(surface) < _SHORT or not any(char.isalpha() for char in surface):
                continue
            if _SCRIPT_WITHOUT_BLANKS.search(surface):
                without_blanks.append(surface)
                continue
            words = tuple(_WORD.findall(surface))
            self._by_first[words[0]].add(len(words))
            self._known[words] = surface
        longest = sorted(without_blanks, key=lambda surface: (-len(surface), surface))
        self._pattern = re.compile("|".join(map(re.escape, longest))) if longest else None
        self.unmarked: Counter[str] = Counter()

    def count(self, document: Document, layer: Layer) -> None:
        """Count the places of the document where a name stands unmarked."""
        self.unmarked.update(surface for _, _, surface in self._places(document, layer))

    def doubts(self, document: Document, layer: Layer) -> Iterator[Doubt]:
        """The unmarked places of names that are marked as a rule, once all were counted."""
        here = {document.text[m.start : m.end] for m in layer.mentions}
        for start, end, surface in self._places(document, layer):
            labels = self._habits.labels[surface]
            marked, unmarked = labels.total, self.unmarked[surface]
            score = marked / (marked + unmarked)
            if score < _LEAST or (marked < 2 and surface not in here):
                continue
            label, _ = labels.first
            near = ", in this document too" if surface in here else ""
            reason = f"not marked, {marked:,} of {marked + unmarked:,} places are{near}"
            yield Doubt(
                kind="missed-mention",
                score=round(score if near else score * 0.9, 4),
                reason=reason,
                document=document.id,
                start=start,
                end=end,
                surface=surface,
                label=label,
            )

    def _places(self, document: Document, layer: Layer) -> Iterator[tuple[int, int, str]]:
        """(start, end, surface) of names that touch no mention, the longest at each place."""
        taken = _Taken(layer)
        words = [match.span() for match in _WORD.finditer(document.text)]
        at = 0
        while at < len(words):
            length = self._longest(document.text, words, at)
            if length:
                start, end = words[at][0], words[at + length - 1][1]
                if taken.is_free(start, end):
                    yield start, end, " ".join(document.text[start:end].split())
            at += max(length, 1)
        for match in self._pattern.finditer(document.text) if self._pattern else ():
            if taken.is_free(*match.span()):
                yield match.start(), match.end(), match[0]

    def _longest(self, text: str, words: list[tuple[int, int]], at: int) -> int:
        """The words of the longest name that begins at this word; 0 if none does."""
        for length in sorted(self._by_first.get(text[slice(*words[at])], ()), reverse=True):
            if at + length > len(words):
                continue
            found = tuple(text[start:end] for start, end in words[at : at + length])
            # The same words with other blanks between them ("U. S.") are another surface.
            span = " ".join(text[words[at][0] : words[at + length - 1][1]].split())
            if self._known.get(found) == span:
                return length
        return 0


class _Taken:
    """The stretches of a text that mentions cover."""

    def __init__(self, layer: Layer) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for mention in sorted(layer.mentions, key=lambda m: m.start):
            if self._ends and mention.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], mention.end)
            else:
                self._starts.append(mention.start)
                self._ends.append(mention.end)

    def is_free(self, start: int, end: int) -> bool:
        """Whether no mention touches the stretch."""
        at = bisect_right(self._starts, end - 1)
        return at == 0 or self._ends[at - 1] <= start
