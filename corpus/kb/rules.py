"""How a newspaper's spelling meets an alias: a table of named rules, each of which can be off.

A fold rule changes single characters of the text and of the aliases, never adding one, so that
a place in the folded text always leads back to code points of the text. A variant rule adds
spellings of an alias when the knowledge base is built. A guard decides whether a match counts.
A document rule looks at the whole document, a ranking rule orders candidates: `corpus.suggest`
and `rank` ask for those by name. To add a rule, add a row to RULES and read its name in
`fold_char`, `variants_of`, `keys_of` or `flags_of`, or where documents are read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

from corpus.errors import UsageError
from corpus.kb.common_words import NAME_PARTICLES

RULES = {
    "case": "Nato and NATO, STOCKHOLM and Stockholm; us is never US (names under four letters "
    "match in their own case only)",
    "diacritics": "Malmo and Malmö; Arabic and Hebrew vowel signs",
    "quotes": "curly and other apostrophes and quotation marks are the straight ones",
    "hyphens": "any dash is a hyphen; Co-operation is Cooperation, Nagorno-Karabakh is Nagorno "
    "Karabakh",
    "blanks": "a line break or a no-break space inside a name is a blank",
    "invisible": "soft hyphens, zero-width and direction marks inside a name do not count",
    "spelling": "Organisation and Organization, Centre and Center, Defence and Defense",
    "article": "The Hague in the Hague; The Guardian is Guardian",
    "possessive": "Russia's is Russia",
    "common_words": "a word such as Are or May, or words wholly in lower case, are not taken for "
    "a name though an alias is spelt so (Åre is one: its own letters tell it from Are)",
    "initials": "J. Biden and V. V. Putin, of persons whose full names are aliases",
    "transliteration": "Sergei, Sergey and Sergej Lavrov are Сергей Лавров: aliases in Cyrillic "
    "also as English, ICAO and scholarly romanisation spell them",
    "dots": "U.N. is UN, and the other way round",
    "qualifier": "Mandan, North Dakota is Mandan where it is no alias itself (given mentions)",
    "surnames": "Lavrov is Sergei Lavrov in a document that names him in full",
    "given_names": "Angela may be Angela Merkel in a document that names her in full (given "
    "mentions; offered last)",
    "acronyms": "what a document explains in brackets: Long Name (LN), LN (Long Name)",
    "lower_case": "a word that the document mostly writes in lower case is no name: Central "
    "beside central",
    "fragments": "a single word beside a capitalised one is no name: Pacific in Pacific Fleet; "
    "unless it stands alone elsewhere in the document, or the sources have counted it as a name; "
    "a person may have a title before it",
    "label": "where the sources count nothing, the entity whose label the name is ranks higher",
    "context": "a candidate ranks higher for rare words that it shares with the document",
    "coherence": "a candidate ranks higher for rare words that it shares with the document's "
    "other entities",
}
"""Name -> what it does. The knowledge base is built, and matches, with the same ones."""

DOCUMENT_RULES = (
    "qualifier",
    "surnames",
    "given_names",
    "acronyms",
    "lower_case",
    "fragments",
    "label",
    "context",
    "coherence",
)
"""Rules that leave no trace in the files: they can also be off for one reading."""

CAPS, TITLE, LOWER, UNCASED = 1, 2, 4, 8
"""Shapes of a surface form: NATO; Stockholm or Minsk peace accords; eBay; 北约 or 2014."""

SHORT, COMMON, SILENT, ACCENTED = 16, 32, 64, 128
"""Flags of a key: under four letters; only function words; never taken for a name in a text;
function words only where the accents are left out, as in Åre. A surface that has accents is
ACCENTED too."""

_STRIPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc]+"
)
_LETTERS_OF_THEIR_OWN = frozenset("йїЙЇ")
_APOSTROPHES = frozenset("‘’‚‛ʼʻ′`´＇")
_QUOTES = frozenset("“”„‟«»″＂")
_DASHES = frozenset("‐‑‒–—―−﹘﹣－")
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SHORTEST = 4
_FIRST_WORD = re.compile(r"^\w+")

_SPELLINGS = (
    (re.compile(r"(?<=[a-z]{2}i)[sz](?=(?:e|ed|er|es|ing|ation|ations|ational)\b)"), "sz"),
    (re.compile(r"(?<=\b[Cc]ent)(?:re|er)\b"), ("re", "er")),
    (re.compile(r"(?<=\b[Dd]efen)[cs](?=e\b)"), "cs"),
    (re.compile(r"(?<=\b[Ll]ab)ou?r\b"), ("our", "or")),
)


def check_rules(names: Collection[str]) -> tuple[str, ...]:
    """The names in the order of RULES. Raises UsageError for a name that is no rule."""
    for name in names:
        if name not in RULES:
            raise UsageError(f"no rule is called {name!r}", f"the rules are: {', '.join(RULES)}")
    return tuple(name for name in RULES if name in names)


def check_document_rules(names: Collection[str]) -> tuple[str, ...]:
    """The same for rules that can be off for one reading. Raises UsageError for another one."""
    for name in check_rules(names):
        if name not in DOCUMENT_RULES:
            raise UsageError(
                f"the rule {name} is built into the knowledge base",
                f"corpus kb build --without {name}; here can be off: {', '.join(DOCUMENT_RULES)}",
            )
    return check_rules(names)


def fold_char(char: str, rules: Collection[str]) -> str:
    """The character as it stands in a key: one character, or none where it does not count."""
    if "invisible" in rules and _INVISIBLE.match(char):
        return ""
    if "blanks" in rules and char.isspace():
        return " "
    if "quotes" in rules and char in _APOSTROPHES:
        return "'"
    if "quotes" in rules and char in _QUOTES:
        return '"'
    if "hyphens" in rules and char in _DASHES:
        return "-"
    if "diacritics" in rules and char not in _LETTERS_OF_THEIR_OWN:
        char = _bare(char)
    if "case" in rules and char:
        folded = char.casefold()
        # ß folds to ss: kept as it is, for a fold never adds a character.
        char = folded if len(folded) == 1 else char.lower() if len(char.lower()) == 1 else char
    return char


def _bare(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    bare = _STRIPPED.sub("", parts)
    return bare if bare != parts and len(bare) <= 1 else char


def variants_of(key: str, rules: Collection[str]) -> Iterator[str]:
    """The key and its other spellings, each once."""
    found = [key]
    if "spelling" in rules:
        for pattern, spellings in _SPELLINGS:
            if pattern.search(key):
                found += [pattern.sub(spelling, old) for old in found for spelling in spellings]
    if "article" in rules and key[:4].lower() == "the " and len(key) > 4:
        found += [old[4:] for old in found]
    if "hyphens" in rules and "-" in key.strip("-"):
        found += [old.replace("-", " ") for old in found] + [old.replace("-", "") for old in found]
    yield from dict.fromkeys(found)


def shape_of(surface: str) -> int:
    """CAPS, TITLE, LOWER or UNCASED."""
    if surface.isupper():
        return CAPS
    for char in surface:
        if char.islower():
            return LOWER
        if char.isupper() or char.istitle():
            return TITLE
    return UNCASED


def flags_of(alias: str, key: str, common: frozenset[str], rules: Collection[str]) -> int:
    """The shape of the alias and the flags of its key, as one number under 256.

    `common` has words with their accents and without.
    """
    shape = flags = shape_of(alias)
    letters = sum(map(str.isalpha, key))
    if shape != UNCASED and letters < _SHORTEST:
        flags |= SHORT
    if letters == 0 or len(key) < 2:
        flags |= SILENT
    if "common_words" in rules:
        if all(word in common for word in key.split()):
            flags |= COMMON
            own = unicodedata.normalize("NFC", alias.casefold()).split()
            if not all(word in common for word in own) and _accented(alias):
                flags |= ACCENTED
        if shape == LOWER and (alias.lower() == alias or _opens_like_a_sentence(key, common)):
            flags |= SILENT
    return flags


def _opens_like_a_sentence(key: str, common: frozenset[str]) -> bool:
    """Whether the first word is one letter or a common word, and no particle of names."""
    first = _FIRST_WORD.findall(key)
    return bool(first) and (len(first[0]) == 1 or first[0] in common - NAME_PARTICLES)


def may_fire(flags: int, shape: int) -> bool:
    """Whether a text's surface of this shape may be taken for an alias of these flags."""
    if flags & SILENT:
        return False
    if shape & ACCENTED:
        shape &= ~ACCENTED
        if flags & ACCENTED:
            flags &= ~COMMON
    if shape == UNCASED or flags & UNCASED:
        return not flags & COMMON
    if shape == CAPS and flags & CAPS:
        return True
    if flags & COMMON:
        return False
    # What remains is the same shape, or another one of a name that is long enough.
    return bool(flags & shape) or (shape != LOWER and not flags & SHORT)


_FIRES = {
    shape: frozenset(flags for flags in range(256) if may_fire(flags, shape))
    for bare in (CAPS, TITLE, LOWER, UNCASED)
    for shape in (bare, bare | ACCENTED)
}


@lru_cache(100_000)
def fires(surface: str) -> frozenset[int]:
    """The flags of the aliases that a surface may be taken for: US may mean it, us may not."""
    return _FIRES[shape_of(surface) | (ACCENTED if _accented(surface) else 0)]


def _accented(text: str) -> bool:
    return not text.isascii() and any(_bare(char) != char for char in text)
