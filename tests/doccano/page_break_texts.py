"""Texts on which the page's breaks are compared: known hard ones, and seeded random ones."""

from __future__ import annotations

import itertools
import random

from corpus.doccano.page_break_classes import CODE_POINTS

NAMED = [
    "",
    "a",
    "OSCE",
    "\n",
    "a\r\nb\rc\n\n\r\n\r\n",
    "Smile 😀😀 cafe\u0301 then OSCE",
    "👨‍👩‍👧‍👦 OSCE",
    "👩‍❤️‍💋‍👨 👁️‍🗨️ 🏳️‍🌈 🏴‍☠️ 🧑🏽‍🚀 👩🏽‍⚕️ 🏌🏿‍♂️ 🏌️‍♀️",
    "🇺🇦🇺🇸 🇺🇦🇺 🇺 🇺🇦\u0301\u0301 🇺\u0301🇦",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f flag",
    "👍🏽 👍️🏽 👍️️🏽 a🏽 🏽🏽 ☝🏿 🧛🏻 🫶🏻 🥷🏾",
    "1️⃣ #️⃣ ©️ ™️ ☎︎",
    "한국어 한국 가각ᆨᆨ ᄀ가 가ᅡᆨ",
    "क्षि क्षत्रिय हिन्दी संयुक्त",
    "তুমি স্ত্রী ক্ষ",
    "தமிழ் நிகழ்ச்சி",
    "ไทยกำลัง ที่นี่",
    "ລາວກຳ",
    "မြန်မာ ဗမာ",
    "ខ្មែរ",
    "བོད་ཡིག",
    "العَرَبِيَّةُ \u0600١٢ \u06dd٣",
    "שָׁלוֹם עֲלֵיכֶם",
    "ܐ\u070fܒ",
    "x\u0302 y\u0323\u0302 Z\u0351\u036b\u0343\u036aA\u0301L\u0327\u0310G\u030dO\u033b",
    "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg",
    "a\u2028b\u2029c\u0085d\u000be\u000cf",
    "\u0301start \u200dstart",
    "e\u0301\r\n\u0301\ne\u0301",
    "\U0001f1fa\u200d\U0001f1e6\U0001f1e6",
    "\U00010400\U0001d165\U0001d16e 𝔘𝔫𝔦 𠀀",
    "ぱは\u3099 が",
    "\u0d4eക \U00011d46\U00011d0c",
]

# One character of each class, CR, LF and a Hangul syllable of each kind; first and last of each
# listed range, and their neighbours, so that a wrong border of the table shows.
_EDGES = sorted(
    {
        edge + step
        for ranges in CODE_POINTS.values()
        for part in ranges.split()
        for edge, step in itertools.product((int(p, 16) for p in part.split("-")), (-1, 0, 1))
        if 0 <= edge + step <= 0x10FFFF and not 0xD800 <= edge + step <= 0xDFFF
    }
)
ONE_OF_EACH = (
    "\u0001\r\n\u0301\U0001f1e6\u0903\u1100\u1160\u11a8가각a\u0600"
    "\U0001f44b\U0001f3fb\u200d\u2764\U0001f468"
)


def edge_texts() -> list[str]:
    """Texts that show the class of every code point at a border of the table."""
    return [f"a{chr(point)}a\U0001f468" for point in _EDGES]


def class_texts(length: int) -> list[str]:
    """Every sequence of classes of that length."""
    return ["".join(each) for each in itertools.product(ONE_OF_EACH, repeat=length)]


def random_texts(count: int, seed: int = 1) -> list[str]:
    """Texts of 1 to 30 characters: classes mixed evenly, or any code points at table borders."""
    choose = random.Random(seed)
    pools = (ONE_OF_EACH, ONE_OF_EACH + "abcdef", [chr(point) for point in _EDGES])
    return [
        "".join(choose.choices(choose.choice(pools), k=choose.randint(1, 30))) for _ in range(count)
    ]


def golden_texts() -> list[str]:
    """What the golden file holds, in its order."""
    edges = edge_texts()
    joined = ["|".join(edges[start : start + 40]) for start in range(0, len(edges), 40)]
    return NAMED + joined + class_texts(2) + random_texts(500)
