"""Under which keys a knowledge base knows an alias."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import Folding
from corpus.kb.people import initials_of, is_person
from corpus.kb.romanisation import romanised
from corpus.kb.rules import flags_of, variants_of

_LONGEST_DOTTED = 4  # letters


def keys_of(alias: str, lang: str, type: str, folding: Folding) -> Iterator[tuple[str, int]]:
    """(key, flags) for every spelling of an alias that the rules make, not yet each once."""
    rules = folding.rules
    yield from _spellings(alias, type, folding)
    if "transliteration" in rules and not alias.isascii():
        for latin in romanised(alias, lang):
            yield from _spellings(latin, type, folding)


def _spellings(alias: str, type: str, folding: Folding) -> Iterator[tuple[str, int]]:
    rules = folding.rules
    key = folding.key_of(alias)
    flags = flags_of(alias, key, COMMON_WORDS, rules)
    keys = [key]
    if "dots" in rules and alias.isupper():
        keys += _dotted(key)
    if "initials" in rules and is_person(type):
        keys += initials_of(key)
    for spelling in keys:
        for variant in variants_of(spelling, rules):
            if variant.strip():
                yield variant, flags


def _dotted(key: str) -> Iterator[str]:
    """un -> u.n., u.n. -> un; nothing for what is no short acronym."""
    bare = key.replace(".", "")
    if not (bare.isalpha() and 2 <= len(bare) <= _LONGEST_DOTTED):
        return
    if key == bare:
        yield ".".join(key) + "."
    elif len(key) >= 2 * len(bare) - 1:
        yield bare
