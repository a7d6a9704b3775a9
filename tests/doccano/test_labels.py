import pytest

from corpus.doccano.labels import PALETTE, TEXT_COLOUR, check_labels, plan_span_types
from corpus.errors import DataError


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", PALETTE)
def test_palette_can_be_read(colour):
    assert (luminance(TEXT_COLOUR) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def test_palette_has_no_colour_twice():
    assert len(set(PALETTE)) == len(PALETTE)


def test_plan_span_types_gives_each_label_a_colour_and_a_key_of_its_own():
    plans = plan_span_types(["GPE", "GROUP", "LOC", "ÉTÉ", "Організація"], [])
    assert [plan["suffix_key"] for plan in plans] == ["g", "r", "l", "t", "a"]
    assert len({plan["background_color"] for plan in plans}) == 5


def test_plan_span_types_keeps_what_is_there():
    existing = [
        {"text": "GPE", "suffix_key": "g", "prefix_key": None, "background_color": PALETTE[0]},
        {"text": "X", "suffix_key": "l", "prefix_key": "ctrl", "background_color": PALETTE[1]},
    ]
    [plan] = plan_span_types(["GPE", "LOC"], existing)
    assert plan == {
        "text": "LOC",
        "prefix_key": None,
        "suffix_key": "l",
        "background_color": PALETTE[2],
        "text_color": TEXT_COLOUR,
    }


def test_plan_span_types_runs_out_of_keys_but_not_of_label_types():
    plans = plan_span_types([f"L{n:02}" for n in range(40)], [])
    keys = [plan["suffix_key"] for plan in plans]
    assert len(set(keys[:36])) == 36
    assert keys[36:] == [None] * 4


def test_plan_span_types_refuses_a_label_that_is_nearly_one_that_is_there():
    with pytest.raises(DataError) as caught:
        plan_span_types(["org"], [{"text": "ORG "}])
    assert str(caught.value) == (
        "label 'org' is not the project's label type 'ORG ', but nearly; rename one of them"
    )


def test_check_labels_gives_them_sorted_and_once():
    assert check_labels(["b", "a", "b"]) == ["a", "b"]
