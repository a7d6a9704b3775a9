"""Suggestions as Doccano stores them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Mention
from corpus.serve.answers import answer_text


def mention(start: int, end: int, label: str = "ORG") -> Mention:
    return Mention(f"{start}-{end}-{label}", start, end, label)


def test_offsets_are_those_of_the_page_behind_an_emoji():
    text = "😀😀 OSCE"
    spans, notes = answer_text(text, lambda _: [mention(3, 7)])
    assert spans == [{"label": "ORG", "start_offset": 5, "end_offset": 9}]
    assert notes == []
    assert text[3:7] == "OSCE" == text.encode("utf-16-le")[10:18].decode("utf-16-le")


def test_label_types_that_the_project_lacks_are_left_out_with_a_note():
    found = [mention(0, 1, "LAW"), mention(2, 3), mention(4, 5, "LAW"), mention(6, 7, "EVENT")]
    spans, notes = answer_text("a b c d", lambda _: found, ["ORG"])
    assert [span["label"] for span in spans] == ["ORG"]
    assert notes == [
        "1 of label EVENT left out: the project has no such label type",
        "2 of label LAW left out: the project has no such label type",
    ]


def test_a_label_that_is_left_out_hides_no_other():
    found = [mention(0, 7, "LAW"), mention(0, 3)]
    spans, _ = answer_text("abc def", lambda _: found, ["ORG"])
    assert [(span["start_offset"], span["end_offset"]) for span in spans] == [(0, 3)]


def test_of_two_that_overlap_the_longer_stays_with_a_note():
    found = [mention(0, 3), mention(0, 7), mention(4, 7)]
    spans, notes = answer_text("abc def", lambda _: found)
    assert [(span["start_offset"], span["end_offset"]) for span in spans] == [(0, 7)]
    assert notes == ["2 left out: they overlap longer ones"]


@given(st.text(st.sampled_from("a😀é\n"), min_size=1, max_size=30), st.data())
def test_utf16_units_hold_the_same_characters(text, data):
    ends = st.integers(0, len(text))
    pairs = data.draw(st.lists(st.tuples(ends, ends).filter(lambda p: p[0] < p[1]), max_size=6))
    found = [mention(start, end) for start, end in sorted(set(pairs))]
    units = text.encode("utf-16-le")
    spans, _ = answer_text(text, lambda _: found)
    inside = {text[m.start : m.end] for m in found}
    ends_before = 0
    for span in spans:
        start, end = span["start_offset"], span["end_offset"]
        assert units[2 * start : 2 * end].decode("utf-16-le") in inside
        assert start >= ends_before
        ends_before = end
    assert bool(spans) == bool(found)
