"""A Document that grows token by token, as files with a token a line are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from corpus.model import Document, Layer, Link, Mention, Token, make_document, with_ids

Run = tuple[int, int, str]
"""(first token, last token, label)."""


class Draft:
    """Words with what stands after them, sentences, and mentions as runs of tokens."""

    def __init__(self, id: str = "") -> None:
        self.id = id
        self.fields: dict[str, Any] = {}
        self._words: list[tuple[str, bool]] = []
        self._ends: list[int] = []
        self._mentions: list[tuple[Run, tuple[Link, ...]]] = []

    def __len__(self) -> int:
        return len(self._words)

    def add(self, word: str, *, space_after: bool = True) -> None:
        """Append a token."""
        self._words.append((word, space_after))

    def end_sentence(self) -> None:
        """End a sentence after the last token, if one is open."""
        if self._words and (not self._ends or self._ends[-1] < len(self._words)):
            self._ends.append(len(self._words))

    def mark(self, run: Run, links: tuple[Link, ...] = ()) -> None:
        """Note a mention over these tokens."""
        self._mentions.append((run, links))

    def words(self, first: int, last: int) -> str:
        """The tokens first to last with what stands between them."""
        parts = [word + " " * space for word, space in self._words[first : last + 1]]
        return "".join(parts).removesuffix(" ")

    def document(self, id: str, layer: str) -> Document:
        """The document, with one layer of that name."""
        self.end_sentence()
        tokens = tuple(self._tokens())
        firsts = [0, *self._ends[:-1]]
        return make_document(
            id,
            self.words(0, len(self._words)),
            tokens=tokens,
            sentences=tuple(
                (tokens[first].start, tokens[end - 1].end)
                for first, end in zip(firsts, self._ends, strict=False)
            ),
            layers=(
                Layer(
                    layer,
                    mentions=with_ids(
                        Mention("", tokens[first].start, tokens[last].end, label, links)
                        for (first, last, label), links in self._mentions
                    ),
                ),
            ),
            **self.fields,
        )

    def _tokens(self) -> Iterator[Token]:
        at = 0
        for number, (word, space) in enumerate(self._words):
            space = space and number + 1 < len(self._words)
            yield Token(at, at + len(word), space)
            at += len(word) + space


def runs_of(tags: Sequence[str]) -> Iterator[Run]:
    """The runs that IOB tags say; `I-` after another label or after `O` begins one."""
    begun: Run | None = None
    for at, tag in enumerate(tags):
        prefix, _, label = tag.partition("-")
        goes_on = prefix == "I" and begun is not None and begun[2] == label
        if begun is not None and not goes_on:
            yield begun
            begun = None
        if goes_on and begun is not None:
            begun = (begun[0], at, label)
        elif prefix in ("B", "I"):
            begun = (at, at, label)
    if begun is not None:
        yield begun
