"""Counting one word in a text is what counting all its words gives."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from corpus.suggest.plain_words import _count_word

TEXTS = st.text(alphabet="abA é́_1-.’ \nи中", max_size=60)


@given(TEXTS, st.text(alphabet="abé1и中", min_size=1, max_size=3))
@example("central, Central central_x xcentral central", "central")
@example("aa aaa aa", "aa")
def test_a_word_is_counted_as_among_all_words(text: str, word: str):
    assert _count_word(text, word) == re.findall(r"\w+", text).count(word)
