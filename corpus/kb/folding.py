"""Text folded for look-up, with the way back to code points; and the borders of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from corpus.kb.rules import fold_char

_BLANKLESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3005-\u3007\u3041-\u309f"  # ideographic marks, Hiragana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9f"
_NOT_PLAIN = re.compile("[\t-\r\x1c-\x1f`\x80-\U0010ffff]")  # what a fold may change, A-Z apart
_SMALL = "a-zß-öø-ÿа-џα-ώ"  # most small letters: the others are looked up for nothing
BLANKLESS_OR_KATAKANA = _BLANKLESS + _KATAKANA
"""For a class of a regular expression: letters that may stand in a word of another script."""
_blankless = re.compile(f"[{_BLANKLESS}]").match
_katakana = re.compile(f"[{_KATAKANA}]").match


NAME_STARTS = re.compile(
    rf"[^\W_{_SMALL}](?:(?<!\w.)|(?<=[{_BLANKLESS}{_KATAKANA}]))(?=(\w{{0,20}}))",
    re.DOTALL,
)
"""Where a name may begin that does not begin with a small letter; some places are no borders.

Group 1 is what follows of its first word.
"""


class Folded(NamedTuple):
    """A folded text; `origin[i]` is the code point that gave its character i, None if all did."""

    key: str
    origin: list[int] | None

    def span(self, start: int, end: int, text: str) -> tuple[int, int]:
        """The code points of the text that a part of the folded text stands for, end exclusive.

        A combining mark that was folded away belongs to the letter before it.
        """
        if self.origin is None:
            return start, end
        first, last = self.origin[start], self.origin[end - 1] + 1
        after = self.origin[end] if end < len(self.origin) else len(text)
        while last < after and unicodedata.category(text[last])[0] == "M":
            last += 1
        return first, last


class Folding(dict[int, str]):
    """A table for str.translate that learns each character's fold once."""

    def __init__(self, rules: Collection[str]) -> None:
        super().__init__()
        self.rules = tuple(rules)
        self.lowers = "case" in self.rules

    def __missing__(self, code: int) -> str:
        folded = self[code] = fold_char(chr(code), self.rules)
        return folded

    def fold(self, text: str) -> Folded:
        """The text folded. No fold adds a character, so equal lengths mean one for one."""
        key = self._mostly_ascii(text)
        if key is None:
            key = text.translate(self)
        if len(key) == len(text):
            return Folded(key, None)
        return Folded(key, [at for at, char in enumerate(text) if self[ord(char)]])

    def _mostly_ascii(self, text: str) -> str | None:
        """The fold of a text with few other characters, several times faster; else None."""
        if len(text.encode("utf-8", "replace")) > len(text) * 1.2:
            return None
        key = text
        for char in set(_NOT_PLAIN.findall(text)):
            key = key.replace(char, self[ord(char)])
        # Capital letters that are left are ASCII; where lower() does more, the length tells.
        lowered = key.lower() if self.lowers else key
        return lowered if len(lowered) == len(text) else None

    def key_of(self, alias: str) -> str:
        """The alias as a key: folded, without outer blanks, inner ones single."""
        key = alias.translate(self)
        return " ".join(key.split()) if "blanks" in self.rules else key.strip()


def is_border(text: str, at: int) -> bool:
    """Whether a word may begin or end at this place of the text.

    Scripts written without blanks have a border between any two characters; a run of Katakana
    is a word. A combining mark always belongs to what is before it.
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if after < "\x80":
        if not (after.isalnum() or after == "_"):
            return True
        if before < "\x80":
            return not (before.isalnum() or before == "_")
    elif unicodedata.category(after)[0] == "M":
        return False
    if not (_in_word(before) and _in_word(after)):
        return True
    if _blankless(before) or _blankless(after):
        return True
    return bool(_katakana(before)) != bool(_katakana(after))


def _in_word(char: str) -> bool:
    """Whether a character is a letter, digit, underscore or combining mark."""
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"
