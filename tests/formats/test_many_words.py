"""A tokenizer that remembers more words gives the same tokens."""

from __future__ import annotations

import spacy

from corpus.formats import tokens
from corpus.formats.docbin_segment import encode_segment
from corpus.formats.tokens import blank_language, make_doc
from corpus.model import make_document


def test_words_beyond_what_spacy_remembers_are_tokenized_as_spacy_does():
    blank_language.cache_clear()
    words = [
        f"word{number:05}x, can't-{number} (U.S.-{number}) {number}km." for number in range(6000)
    ]
    text = " ".join(words)
    again = " ".join(reversed(words))
    plain = spacy.blank("en")
    assert plain.tokenizer.max_cache_size < 3 * len(words)
    for number, each in enumerate((text, again, text)):
        ours = make_doc(make_document(str(number), each, lang="en"))
        assert [token.text for token in ours] == [token.text for token in plain.make_doc(each)]


def test_a_language_with_a_tokenizer_of_its_own_is_left_as_it_is():
    for lang in ("zh", "vi", "ja", "xx"):
        assert blank_language(lang).tokenizer("Hello world").text == "Hello world"


def test_a_vocabulary_that_begins_anew_changes_no_byte(monkeypatch):
    documents = [
        make_document(str(n), f"word{n} Shared name{n % 7}, 10{n}km.", lang=lang)
        for n in range(60)
        for lang in ("en", "de")
    ]
    before = encode_segment(documents)
    full = len(blank_language("en").vocab)
    blank_language.cache_clear()
    monkeypatch.setattr(tokens, "_HELD", full - 50)
    assert encode_segment(documents) == before
    assert len(blank_language("en").vocab) < full
