"""Where Doccano's own page sees the border of a character: its `grapheme_mode` counts these.

The page of Doccano 1.8.4 (v-annotator 0.1.28) splits a text with grapheme-splitter 1.0.4: the
extended grapheme clusters of UAX #29 for Unicode 10.0, with departures of its own at flags and
emoji modifiers. `regex`'s `\\X` follows a newer Unicode (emoji newer than 2017, क्षि as one), so the
page's rules are kept here; tests compare them with the package itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from corpus.doccano.page_break_classes import CODE_POINTS

# A character without a class of its own.
_OTHER = "O"
# A leading consonant, a vowel, a trailing consonant, a syllable without (A) and with (B) one.
_HANGUL = {"L": "LVAB", "A": "VT", "V": "VT", "B": "T", "T": "T"}
# Outside of these stretches every character stands alone. A prepended sign (P) takes the next
# character with it, whatever that is.
_STRETCH = re.compile("O?[^O]+(?:(?<=P)O[^O]*)*")


class _Classes(dict[int, str]):
    """Code point -> class letter, remembered once asked for."""

    def __init__(self) -> None:
        ranges = sorted(
            (int(first, 16), int(last or first, 16), letter)
            for letter, code_points in CODE_POINTS.items()
            for first, _, last in (part.partition("-") for part in code_points.split())
        )
        self._starts = [first for first, _, _ in ranges]
        self._ranges = ranges
        super().__init__({0x0D: "R", 0x0A: "N"})

    def __missing__(self, code_point: int) -> str:
        letter = self[code_point] = self._find(code_point)
        return letter

    def _find(self, code_point: int) -> str:
        if 0xAC00 <= code_point <= 0xD7A3:
            return "B" if (code_point - 0xAC00) % 28 else "A"
        position = bisect_right(self._starts, code_point) - 1
        if position >= 0:
            _, last, letter = self._ranges[position]
            if code_point <= last:
                return letter
        return _OTHER


_CLASSES = _Classes()


def grapheme_borders(text: str) -> list[int]:
    """The sorted code point borders, 0 to len(text), of what the page counts as characters.

    An empty text has the one border 0. For `offsets.to_borders` and `offsets.from_borders`.
    """
    if text.isascii() and "\r\n" not in text:
        return list(range(len(text) + 1))
    classes = text.translate(_CLASSES)
    inside = bytearray(len(text) + 1)
    for stretch in _STRETCH.finditer(classes):
        start = stretch.start()
        for at in range(start + 1, stretch.end()):
            if _joined(classes, start, at):
                inside[at] = 1
            else:
                start = at
    return [at for at, joined in enumerate(inside) if not joined]


def _joined(classes: str, start: int, at: int) -> bool:
    """Whether the character at `at` belongs to the cluster that begins at `start`."""
    before, here = classes[at - 1], classes[at]
    if before in "CRN" or here in "CRN":
        return before == "R" and here == "N"
    # After a second regional indicator (or one after a prepended sign) only one mark is taken in.
    if at > start + 1 and classes[start + 1] == "F" and before not in "PF":
        return False
    if here == "F":
        return before == "P" or (before == "F" and at == start + 1)
    if here in "XZS" or before == "P":
        return True
    if here == "M":
        return _is_modified(classes, start, at)
    if here in "GH":
        return before == "Z"
    return here in _HANGUL.get(before, "")


def _is_modified(classes: str, start: int, at: int) -> bool:
    """Whether a skin tone at `at` finds its emoji: bare, or with exactly one mark between."""
    if classes[at - 1] in "EH":
        return classes.find("X", start, at) == -1
    return classes[at - 1] == "X" and at - 2 >= start and classes[at - 2] in "EH"
