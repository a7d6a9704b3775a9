"""Texts with the stretches in ⟦brackets⟧ that a test selects with the mouse."""

from __future__ import annotations

import re
from typing import NamedTuple

LABELS = ("M1", "M2", "M3", "M4", "M5")

_FAMILY = "👨\u200d👩\u200d👧\u200d👦"
_ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

MARKED = {
    "emoji": "Smile 😀😀 ⟦cafe\u0301⟧ then ⟦OSCE⟧ and ⟦😀⟧",
    "zwj": f"{_FAMILY} ⟦OSCE⟧ 🇺🇦🇺🇸 ⟦Kyiv⟧ 👩🏽\u200d🚀 ⟦NATO⟧ {_ENGLAND} ⟦{_FAMILY}⟧",
    "newer emoji": "🫶🏻 ⟦OSCE⟧ 🧑🏽\u200d🚀🫶🏿 ⟦Kyiv⟧",
    "combining": "x\u0302 ⟦OSCE⟧ met ⟦x\u0302y\u0323\u0302⟧ in ⟦Kyi\u0308v⟧",
    "harakat": "قَالَ ⟦الرَّئِيسُ⟧ فِي ⟦كِيِيفَ⟧",
    "arabic": "⟦NATO⟧ قَالَ إِنَّ ⟦OSCE⟧ فِي ⟦كِيِيف⟧ الآن",
    "hebrew": "⟦שָׁלוֹם⟧ ⟦NATO⟧ בקייב and ⟦קייב⟧ end",
    "lines": "⟦OSCE⟧ begins ⟦Kyiv⟧\n⟦NATO⟧ goes on 😀 ⟦Moscow⟧\n\n⟦Minsk⟧",
    "returns": "One 😀 ⟦OSCE⟧\r\n⟦Kyiv⟧ after\r⟦NATO⟧ end",
    "over a break": "The ⟦Minsk\naccords⟧ of 😀 ⟦2014\r\nand 2015⟧",
    "wrapped": "Smile 😀 " * 9 + "⟦the Organization for Security and Co-operation⟧ in 😀 ⟦Europe⟧",
    "indic": "⟦क्षेत्र⟧ 😀 में ⟦कीव⟧ है",
    "hangul": "⟦대한민국⟧ 각ᆨ 가 ⟦키이우⟧",
    "blanks": "\u00a0 ⟦OSCE⟧\tand  ⟦Kyiv⟧\u2028 or ⟦NATO⟧ ",
}


class Marked(NamedTuple):
    """A text and the code point spans of its marks, in order."""

    name: str
    text: str
    spans: tuple[tuple[int, int], ...]


def read_marks(name: str, marked: str) -> Marked:
    """The text without its brackets, and where they stood."""
    text = ""
    borders = []
    for part in re.split("([⟦⟧])", marked):
        if part in "⟦⟧" and part:
            borders.append(len(text))
        else:
            text += part
    return Marked(name, text, tuple(zip(borders[::2], borders[1::2], strict=True)))


TEXTS = [read_marks(name, marked) for name, marked in MARKED.items()]
