"""Words that look like names because a sentence or a longer name begins with them."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import is_border
from corpus.kb.knowledge_base import KB
from corpus.kb.people import is_person
from corpus.suggest.aliases import Match, places

_OPENERS = frozenset(".!?:;\"'“”„«»‘’(['•–—-*|/\n…")
_NOUNS_HAVE_CAPITALS = ("de", "lb")
_FAR = 40  # characters: longer words are no neighbours


def without_plain_words(kb: KB, text: str, matches: Sequence[Match], lang: str = "") -> list[Match]:
    """The matches but for single words that are plain words, or fragments of a longer name.

    Rule lower_case: the text writes the word in lower case more often than as a name, which is
    inside a sentence with no capitalised word beside it: not Central in Central Committee, nor
    in Central to this. Rule fragments: the word stands beside a capitalised one wherever the
    text has it, and no source counted it as a name; that of a person may have one before it,
    for President Putin.
    """
    lower_case = "lower_case" in kb.rules
    fragments = "fragments" in kb.rules and not lang.startswith(_NOUNS_HAVE_CAPITALS)
    by_surface: dict[str, list[Match]] = {}
    for match in matches:
        surface = text[match.start : match.end]
        if surface in by_surface:
            by_surface[surface].append(match)
        elif surface[1:].islower() and surface[0].isupper() and surface.isalpha():
            by_surface[surface] = [match]
    dropped: set[int] = set()
    # Most texts have none of the words in lower case, which their bytes tell the soonest.
    held = text.encode("utf-8", "surrogatepass") if lower_case else b""
    for surface, found in by_surface.items():
        word = surface[0].lower() + surface[1:]
        small = _count_word(text, word) if word.encode() in held else 0
        if (small and small > _names(text, found)) or (
            fragments and all(_is_fragment(kb, text, match) for match in found)
        ):
            dropped.update(match.start for match in found)
    return [match for match in matches if match.start not in dropped] if dropped else list(matches)


def _count_word(text: str, word: str) -> int:
    """How often the text has the word, no letter, digit or underscore on either side."""
    return sum(
        not (_in_word(text[at - 1 : at]) or _in_word(text[at + len(word) : at + len(word) + 1]))
        for at in places(text, word)
    )


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _names(text: str, matches: Sequence[Match]) -> int:
    """How many of the matches are names beyond doubt."""
    return sum(
        not opens(text, match.start) and not any(_neighbours(text, match)) for match in matches
    )


def _is_fragment(kb: KB, text: str, match: Match) -> bool:
    if match.postings[0].weight > 1:
        return False
    before, after = _neighbours(text, match)
    if after or not before:
        return after
    return not any(is_person(kb.entity(posting.entity).type) for posting in match.postings)


def _neighbours(text: str, match: Match) -> tuple[bool, bool]:
    """Whether a capitalised word that is no common one stands right before and after."""
    return _is_capitalised(_before(text, match.start)), _is_capitalised(_after(text, match.end))


def _before(text: str, start: int) -> str:
    """The word before, if it has a capital and belongs to the same phrase."""
    if text[start - 1 : start] != " ":
        return ""
    first, last = max(0, start - _FAR), start - 1
    # A line's first word has no blank before it.
    begin = max(text.rfind(" ", first, last), text.rfind("\n", first, last), first - 1) + 1
    if not text[begin].isupper() or opens(text, start):
        return ""
    word = text[begin:last]
    # A comma keeps names apart; a full stop that opens nothing belongs to an initial.
    return word if word[-1:].isalnum() or word.endswith(".") else ""


def _after(text: str, end: int) -> str:
    """The word after, if it has a capital."""
    if text[end : end + 1] != " " or not text[end + 1 : end + 2].isupper():
        return ""
    return text[end + 1 : end + _FAR].split(" ", 1)[0]


def _is_capitalised(word: str) -> bool:
    return word[:1].isupper() and word.strip(",.;:!?)\n").lower() not in COMMON_WORDS


def opens(text: str, start: int) -> bool:
    """Whether a sentence, a line, a quotation or a bracket begins here; J. before it is none."""
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    if at > 0 and text[at] == "." and text[at - 1].isupper() and is_border(text, at - 1):
        return False
    return at < 0 or text[at] in _OPENERS
