"""Words that look like names because a sentence or a longer name begins with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import is_border
from corpus.suggest.aliases import Match

_OPENERS = frozenset(".!?:;\"'“”„«»‘’(['•–—-*|/\n…")


def without_plain_words(text: str, matches: Sequence[Match]) -> list[Match]:
    """The matches but for words that the text writes in lower case more often than as a name.

    Such a match is one word with a capital first letter. As a name it counts where it stands
    inside a sentence and no other capitalised word is next to it: not Central in Central
    Committee, nor in Central to this.
    """
    evidence: dict[str, int] = {}
    for match in matches:
        surface = text[match.start : match.end]
        small = surface[:1].lower() + surface[1:]
        if small != surface and small.islower() and small.isalpha():
            if surface not in evidence:
                evidence[surface] = -_count(text, small) if small in text else 0
            if evidence[surface]:
                evidence[surface] += _stands_as_name(text, match.start, match.end)
    plain = {surface for surface, names in evidence.items() if names < 0}
    if not plain:
        return list(matches)
    return [match for match in matches if text[match.start : match.end] not in plain]


def _count(text: str, word: str) -> int:
    return sum(is_border(text, at) and is_border(text, at + len(word)) for at in _at(text, word))


def _at(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _stands_as_name(text: str, start: int, end: int) -> bool:
    """Whether a capital letter here is no matter of grammar or of a longer name."""
    if opens(text, start) or (text[end : end + 1] == " " and text[end + 1 : end + 2].isupper()):
        return False
    before = text[max(0, start - 40) : start].split()
    word = before[-1] if before else ""
    return not word[:1].isupper() or word.lower() in COMMON_WORDS


def opens(text: str, start: int) -> bool:
    """Whether a sentence, a line, a quotation or a bracket begins here."""
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in _OPENERS
