"""The golden file was written by scripts/golden-page-breaks: grapheme-splitter 1.0.4 under node.

tests/browser/test_page_breaks.py compares with the code of a running Doccano's page.
"""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.doccano.page_breaks import grapheme_borders
from corpus.errors import OffsetError
from corpus.offsets import from_borders, to_borders
from tests.doccano.page_break_texts import ONE_OF_EACH, golden_texts

GOLDEN = Path(__file__).parents[1] / "golden" / "doccano" / "page_breaks.jsonl"


def read_golden() -> list[tuple[str, list[int]]]:
    with GOLDEN.open(encoding="utf-8", newline="\n") as lines:
        return [tuple(json.loads(line)) for line in lines]


def test_borders_equal_those_of_the_package_of_the_page():
    differing = [(t, b, grapheme_borders(t)) for t, b in read_golden() if grapheme_borders(t) != b]
    assert differing == []


def test_golden_file_holds_the_texts_of_today():
    assert [text for text, _ in read_golden()] == golden_texts()


@pytest.mark.parametrize(
    ("text", "borders"),
    [
        ("", [0]),
        ("OSCE", [0, 1, 2, 3, 4]),
        ("a\r\nb", [0, 1, 3, 4]),
        ("cafe\u0301", [0, 1, 2, 3, 5]),
        ("🇺🇦🇺🇸", [0, 2, 4]),
        ("🇺🇦\u0301\u0301", [0, 3, 4]),  # the page's own departure: only one mark after a flag
        ("👨‍👩‍👧x", [0, 5, 6]),
        ("🫶🏻", [0, 1, 2]),  # newer than Unicode 10
        ("क्षि", [0, 2, 4]),  # one cluster since Unicode 15.1
    ],
)
def test_borders_of_known_texts(text, borders):
    assert grapheme_borders(text) == borders


@given(st.text(st.one_of(st.sampled_from(ONE_OF_EACH), st.characters(exclude_categories=["Cs"]))))
def test_spans_on_borders_come_back_unchanged(text):
    borders = grapheme_borders(text)
    assert borders[0] == 0
    assert borders[-1] == len(text)
    assert borders == sorted(set(borders))
    spans = list(itertools.pairwise(borders))
    assert to_borders(borders, spans) == [(n, n + 1) for n in range(len(spans))]
    assert from_borders(borders, to_borders(borders, spans)) == spans


def test_position_inside_a_character_of_the_page_is_refused():
    with pytest.raises(OffsetError, match=r"^offset 4 lies inside a unit$"):
        to_borders(grapheme_borders("cafe\u0301"), [(4, 5)])


def test_time_grows_with_the_text_and_not_with_its_square():
    def seconds(text: str) -> float:
        started = time.perf_counter()
        grapheme_borders(text)
        return time.perf_counter() - started

    for unit in ("e" + "\u0301" * 50_000, "👋" + "\u200d👨" * 25_000, "🏽" * 50_000):
        small = min(seconds(unit) for _ in range(3))
        assert seconds(unit * 8) < small * 32
