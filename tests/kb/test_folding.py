"""Folded texts lead back to the code points that they came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.kb.folding import NAME_STARTS, Folding, is_border
from corpus.kb.rules import RULES

FOLDING = Folding(tuple(RULES))
TRICKY = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("aAéÉ\u0301\u0308\u00ad\u200d\u200b’–ßİŉﬁΣςيَ北😀 \n\u00a0йЙ"),
    )
)


@given(TRICKY)
def test_fold_is_a_subsequence_that_origin_places(text):
    key, origin = FOLDING.fold(text)
    assert len(key) <= len(text)
    places = range(len(text)) if origin is None else origin
    assert len(places) == len(key)
    assert "".join(FOLDING[ord(text[at])] for at in places) == key


@given(TRICKY, st.data())
def test_span_folds_to_the_part_that_it_stands_for(text, data):
    folded = FOLDING.fold(text)
    if not folded.key:
        return
    start = data.draw(st.integers(0, len(folded.key) - 1))
    end = data.draw(st.integers(start + 1, len(folded.key)))
    first, last = folded.span(start, end, text)
    assert 0 <= first < last <= len(text)
    assert FOLDING.fold(text[first:last]).key == folded.key[start:end]


@given(TRICKY)
def test_fold_of_a_key_is_the_key(text):
    key = FOLDING.key_of(text)
    assert FOLDING.key_of(key) == key


def test_span_takes_the_mark_after_its_last_letter_and_nothing_else():
    text = "x Malmo\u0308\u200f y"
    folded = FOLDING.fold(text)
    assert folded.key == "x malmo y"
    assert folded.span(2, 7, text) == (2, 8)


@pytest.mark.parametrize(
    ("alias", "key"),
    [
        ("NATO", "nato"),
        ("Malmö", "malmo"),
        ("Malmo\u0308", "malmo"),
        ("Київ", "київ"),
        ("Алёна", "алена"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("Nagorno–Karabakh", "nagorno-karabakh"),
        ("  New\u00a0\n York ", "new york"),
        ("Straße", "straße"),
        ("كِيِيف", "كييف"),
        ("क्षि", "क्षि"),
        ("한국", "한국"),
        ("北约", "北约"),
    ],
)
def test_key_of_alias(alias, key):
    assert FOLDING.key_of(alias) == key


def test_rules_that_are_off_leave_their_characters():
    assert Folding(()).key_of("NATO’s Malmö–x") == "NATO’s Malmö–x"
    assert Folding(("diacritics",)).key_of("NATO’s Malmö–x") == "NATO’s Malmo–x"
    assert Folding(("quotes",)).key_of("NATO’s Malmö–x") == "NATO's Malmö–x"


@pytest.mark.parametrize(
    ("text", "borders"),
    [
        ("US-led", [0, 2, 3, 6]),
        ("Russia's", [0, 6, 7, 8]),
        ("a_b2", [0, 4]),
        ("北约US", [0, 1, 2, 4]),
        ("ウクライナは", [0, 5, 6]),
        ("रूसी", [0, 4]),
        ("x̂y", [0, 3]),
        ("", [0]),
    ],
)
def test_borders_of_words(text, borders):
    assert [at for at in range(len(text) + 1) if is_border(text, at)] == borders


def test_name_starts_find_every_border_before_what_is_no_small_letter():
    text = "The US-led 北约, ウクライナは 2014 Ölands"
    found = [match.start() for match in NAME_STARTS.finditer(text)]
    assert found == [0, 4, 11, 12, *range(15, 21), 22, 27]


@given(TRICKY)
def test_fold_of_mostly_ascii_text_is_that_of_any_other(text):
    text = f"{text} {'plain ' * len(text)}"
    assert FOLDING.fold(text).key == text.translate(FOLDING)
