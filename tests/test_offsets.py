"""offsets: both ways, over texts that nobody would think of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import OffsetError
from corpus.offsets import (
    covering_range,
    from_borders,
    from_utf16,
    to_borders,
    to_utf16,
    token_range,
)

PIECES = [
    "a",
    " ",
    "\n",
    "é",
    "e\u0301",
    "x\u0302",
    "😀",
    "👨\u200d👩\u200d👧",
    "🇸🇪",
    "\U0010ffff",
    "𝔘",
    "כתב",
    "بِسْمِ",
    "क्षि",
    "\u2028",
    "\u202e",
    "\ufeff",
    "中文",
]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join) | st.text()


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(TEXTS)
    place = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(place, place).map(lambda pair: tuple(sorted(pair)))))
    return text, spans


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(texts_with_spans())
def test_to_utf16_counts_as_the_codec_does(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case
    expected = [(units(text[:start]), units(text[:end])) for start, end in spans]
    assert to_utf16(text, spans) == expected


@given(texts_with_spans())
def test_from_utf16_undoes_to_utf16(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case
    assert from_utf16(text, to_utf16(text, spans)) == spans


@given(TEXTS, st.data())
def test_from_utf16_refuses_exactly_the_inside_of_pairs(text: str, data: st.DataObject) -> None:
    unit = data.draw(st.integers(0, units(text)))
    borders = {units(text[:position]) for position in range(len(text) + 1)}
    if unit in borders:
        [(start, end)] = from_utf16(text, [(unit, unit)])
        assert start == end
        assert units(text[:start]) == unit
    else:
        with pytest.raises(OffsetError, match=f"^UTF-16 offset {unit} lies inside a surrogate"):
            from_utf16(text, [(unit, unit)])


def test_design_example_osce_after_emoji_and_decomposed_accent() -> None:
    text = "Smile 😀😀 cafe\u0301 then OSCE"
    assert to_utf16(text, [(20, 24)]) == [(22, 26)]
    assert from_utf16(text, [(22, 26)]) == [(20, 24)]


@pytest.mark.parametrize("span", [(-1, 2), (2, 1), (0, 5), (5, 5)])
def test_conversion_refuses_spans_outside_the_text(span: tuple[int, int]) -> None:
    message = f"^span {span[0]}-{span[1]} lies outside a text of 4 units$"
    for convert in (to_utf16, from_utf16):
        with pytest.raises(OffsetError, match=message):
            convert("text", [span])
    with pytest.raises(OffsetError, match=message):
        from_borders([0, 1, 2, 3, 4], [span])
    with pytest.raises(OffsetError, match=message):
        to_borders([0, 2, 4], [span])


def test_from_utf16_takes_spans_from_a_generator() -> None:
    assert from_utf16("😀a", (span for span in [(0, 2), (2, 3)])) == [(0, 1), (1, 2)]


@given(texts_with_spans())
def test_borders_undo_each_other(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case
    borders = [0, *(match.end() for match in re.finditer(r"(?s).{1,2}", text))]
    on_borders = [(s, e) for s, e in spans if s in borders and e in borders]
    assert from_borders(borders, to_borders(borders, on_borders)) == on_borders


def test_to_borders_names_the_offset_inside_a_unit() -> None:
    with pytest.raises(OffsetError, match=r"^offset 3 lies inside a unit$"):
        to_borders([0, 2, 4], [(2, 3)])


STARTS, ENDS = [0, 4, 9], [3, 8, 12]  # "The OSCE met"-like: three tokens, blanks between


@given(st.integers(0, 12), st.integers(0, 12))
def test_token_range_is_exact_or_none(start: int, end: int) -> None:
    exact = [
        (first, last + 1)
        for first in range(3)
        for last in range(first, 3)
        if (STARTS[first], ENDS[last]) == (start, end)
    ]
    assert token_range(STARTS, ENDS, start, end) == (exact[0] if exact else None)


@given(st.integers(0, 12), st.integers(0, 12))
def test_covering_range_holds_the_tokens_that_are_touched(start: int, end: int) -> None:
    touched = [
        k for k, (s, e) in enumerate(zip(STARTS, ENDS, strict=True)) if s < end and e > start
    ]
    first, last = covering_range(STARTS, ENDS, start, end)
    assert list(range(first, last)) == (touched if start < end else list(range(first, last)))
    if not touched:
        assert first == last
