"""Names in Cyrillic as the Latin press spells them.

Three ways: English newspapers (Zelensky, Sergei, Yeltsin), passports after ICAO Doc 9303
(Zelenskyi, Iulia), scholars and much of Europe without its accents (Zelenskij, Sergej, Julija).
Russian, Ukrainian and Belarusian letters; from Latin letters there is no sure way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LETTER = re.compile(r"[^\W\d_]")
_UKRAINIAN = frozenset("іїєґІЇЄҐ")
_WORDS = re.compile(r"(\W+)")
_SHORTEST = 4


def _letters(pairs: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in pairs.split()}


_SHARED = _letters(
    "аa бb вv гg ґg дd еe ёe єie зz иi іi їi кk лl мm нn оo пp рr сs тt уu ўu фf ыy эe ъ ь ' ’ ʼ"
)
_ENGLISH = _SHARED | _letters("жzh хkh цts чch шsh щshch йy юyu яya")
_PASSPORT = _SHARED | _letters("жzh хkh цts чch шsh щshch йi юiu яia")
_SCHOLARLY = _SHARED | _letters("жz хh цc чc шs щsc йj юju яja єje їji")
_SERGEI = _ENGLISH | {"й": "i"}
_YO = _ENGLISH | {"ё": "yo"}
_AT_START = {"е": "ye", "є": "ye", "ї": "yi", "й": "y"}
_UKRAINIAN_LETTERS = {"г": "h", "и": "y"}

_Way = tuple[dict[str, str], str, str, dict[str, str]]
_WAYS: tuple[_Way, ...] = (
    (_ENGLISH, "y", "iya", _AT_START),
    (_SERGEI, "y", "ia", _AT_START),
    (_SERGEI, "y", "ia", {}),
    (_ENGLISH, "iy", "iya", _AT_START),
    (_YO, "y", "ia", _AT_START),
    (_PASSPORT, "ii", "iia", {}),
    (_SCHOLARLY, "ij", "ija", {}),
)
"""Letters; what a final -ий and -ия are; letters that differ at the beginning of a word."""


def romanised(name: str, lang: str = "") -> tuple[str, ...]:
    """The name in Latin letters, each spelling once; nothing if it has no or few in Cyrillic.

    `lang` is the name's language if known; else its letters tell Ukrainian from Russian.
    """
    if not _CYRILLIC.search(name) or len(_LETTER.findall(name)) < _SHORTEST:
        return ()
    ukrainian = lang.startswith("uk") or (not lang and not _UKRAINIAN.isdisjoint(name))
    return tuple(dict.fromkeys(_spell(name, ukrainian)))


def _spell(name: str, ukrainian: bool) -> Iterator[str]:
    parts = _WORDS.split(name)
    for letters, iy, iya, at_start in _WAYS:
        endings = {iy}
        if ukrainian:
            letters = letters | _UKRAINIAN_LETTERS
            endings |= {"yi" if iy == "ii" else iy, "yy"}
        for last in sorted(endings):
            spelt = "".join(_word(part, letters, (last, iya), at_start) for part in parts)
            if not _CYRILLIC.search(spelt):
                yield spelt


def _word(
    word: str, letters: dict[str, str], endings: tuple[str, str], at_start: dict[str, str]
) -> str:
    """A word spelt; what stands between words stays as it is, but for apostrophes."""
    stem, tail = word, ""
    if len(word) > 3 and word[-2:].lower() in ("ий", "ый"):
        stem, tail = word[:-2], endings[0]
    elif len(word) > 3 and word[-2:].lower() in ("ия", "ія"):
        stem, tail = word[:-2], endings[1]
    spelt = []
    for at, char in enumerate(stem):
        small = char.lower()
        latin = (at_start if at == 0 else letters).get(small, letters.get(small, char))
        spelt.append(latin.capitalize() if char != small and latin else latin)
    whole = "".join(spelt) + tail
    return whole.upper() if word.isupper() else whole
