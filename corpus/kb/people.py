"""The parts of a person's name: surname, initials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from corpus.kb.common_words import NAME_PARTICLES

PERSON_TYPES = frozenset(("per", "person", "human", "politician", "q5"))
"""What knowledge bases call the type of a person, in lower case."""

_GAP = re.compile(r"[\s·・•]+")
_AFTER_SURNAMES = """
jr jr. sr sr. ii iii iv vi vii viii ix xi xii xiii xiv
"""
_NO_SURNAME = frozenset(_AFTER_SURNAMES.split())
_LINKS = frozenset(("of", "the", "and", "&"))
_MOST_WORDS = 6


def is_person(type: str) -> bool:
    """Whether a type as a knowledge base calls it is that of persons."""
    return type.lower() in PERSON_TYPES


@lru_cache(50_000)
def surnames_of(name: str) -> tuple[str, ...]:
    """What a newspaper calls a person after the full name: (von der Leyen, Leyen); or nothing.

    A name of one word, of rulers (Louis IX), with "of" or a comma in it has no surname.
    """
    words = _words_of(name)
    if not words:
        return ()
    found = []
    for at, word in enumerate(words[1:-1], 1):
        if word.lower() in NAME_PARTICLES:
            found.append(" ".join(words[at:]))
            break
    last = words[-1]
    if len(last) > 1 and (last[0].isupper() or not last[0].islower()):
        found.append(last)
    return tuple(found)


def given_name_of(name: str) -> str:
    """The first word of a person's full name: Angela; or nothing."""
    words = _words_of(name)
    first = words[0] if words else ""
    return first if len(first) > 2 and first[0].isupper() and first.isalpha() else ""


def _words_of(name: str) -> list[str]:
    """The words of a full name without Jr. and the like; none if it is no plain full name."""
    words = [word for word in _GAP.split(name) if word]
    while words and words[-1].rstrip(",").lower() in _NO_SURNAME:
        # A number after one name is that of a ruler.
        if len(words) < 3:
            return []
        words.pop()
    if not 2 <= len(words) <= _MOST_WORDS or any("," in word for word in words[:-1]):
        return []
    words[-1] = words[-1].rstrip(",")
    return [] if any(word.lower() in _LINKS for word in words) else words


def initials_of(key: str) -> Iterator[str]:
    """Spellings of a person's folded name with initials: j. biden, j. r. biden, j.r. biden.

    john f. kennedy comes from a second name in full, and a second name may be left out.
    """
    words = _words_of(key)
    start = next((at for at, word in enumerate(words) if word in NAME_PARTICLES), len(words) - 1)
    given, surname = words[:start], " ".join(words[start:])
    if not given or len(given) > 3 or not all(_cased(word[0]) for word in given):
        return
    if len(surname) < 2 or surname.endswith("."):
        return
    short = ["-".join(f"{part[0]}." for part in word.split("-") if part) for word in given]
    spellings = [f"{short[0]} {surname}"]
    if len(given) > 1:
        spellings += [f"{' '.join(short)} {surname}", f"{''.join(short)} {surname}"]
        spellings.append(f"{given[0]} {' '.join(short[1:])} {surname}")
    yield from (spelling for spelling in dict.fromkeys(spellings) if spelling != key)


def _cased(char: str) -> bool:
    """Whether the letter's script has capitals, and with them initials."""
    return char.lower() != char.upper()
