"""Normalising and cutting, and that the original can be rebuilt from what is recorded."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.articles.cleaning import cut_boilerplate, normalise, original_text
from corpus.articles.conversion import _make_document
from corpus.articles.raw import ConvertOptions, RawArticle, Source
from corpus.model import Document, make_document

SEED_END = (
    "Blinken said.–AFP\n\nBe the first to comment\n\nLeave a Reply\n\n"
    "Your email address will not be published."
)


def converted(text: str, **options) -> Document:
    raw = RawArticle(text)
    return _make_document(
        Source(0, "a.txt", "a.txt", "text"), raw, "a.txt", ConvertOptions(**options)
    )


# Letters that compose, that never do, that only decompose, Hangul jamo, marks in wrong order.
_ODD = "aeox\u0301\u0302\u0323\u0327\u030a\u00e9\u1e69\u212b\u2126\u0958\u1100\u1161\u11a8\uac00"
_ODD += " .-:()/\n\r\t"
_ODD += "\u09c7\u09be\u0f71\u0f72\u064b\u0651\U0001f600\u200d\ufeff\u2028\u0085\u00a0\u00ad"
_LINES = ["Leave a Reply", "Advertisement", "–AFP", "said.", "Name *", "STOCKHOLM: x", "© AFP", ""]
texts = st.one_of(
    st.text(alphabet=st.sampled_from(_ODD), max_size=60),
    st.text(max_size=60),
    st.lists(
        st.one_of(st.sampled_from(_LINES), st.text(alphabet=st.sampled_from(_ODD), max_size=12)),
        max_size=8,
    ).map("\n".join),
)
newlines = st.sampled_from(["\n", "\r\n", "\r"])


@settings(deadline=None)  # the first text loads the language model
@given(texts, newlines)
@example("\ufeffa\r\nb\rc\n", "\n")
@example("e\u0301\r\n\u0301", "\n")
@example("said.–AFP\n", "\r\n")
def test_original_text_is_rebuilt_from_any_document(text, newline):
    text = text.replace("\n", newline)
    document = converted(text)
    assert original_text(document) == text
    assert original_text(converted(text, keep_boilerplate=True)) == text


@given(texts)
def test_normalised_text_is_lf_and_nfc(text):
    normal = normalise(text).text
    assert "\r" not in normal
    assert unicodedata.is_normalized("NFC", normal)
    assert normal == unicodedata.normalize(
        "NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    )


def test_sound_text_is_the_same_object_and_records_nothing():
    text = "Kyiv — “nightmare” 😀\n\nЛавров"
    normal = normalise(text)
    assert normal.text is text
    assert (list(normal.edits), normal.newlines, normal.normal_form) == ([], "", "")


def test_uniform_newlines_and_nfd_are_one_word_each():
    text = unicodedata.normalize("NFD", "Café\r\nMünchen\r\n" * 50)
    normal = normalise(text)
    assert (list(normal.edits), normal.newlines, normal.normal_form) == ([], "\r\n", "NFD")


def test_mixed_newlines_are_edits():
    assert normalise("a\r\nb\nc\rd").edits == [(1, 1, "\r"), (5, 6, "\r")]


def test_seed_end_is_cut_with_the_credit():
    cleaned = cut_boilerplate("Title\n\nBody.\n\n" + SEED_END)
    assert cleaned.text == "Title\n\nBody.\n\nBlinken said."
    assert cleaned.credit == "AFP"
    assert [(cut.text[:10], cut.reason) for cut in cleaned.cuts] == [
        ("–AFP", "agency credit"),
        ("\n\nBe the f", "boilerplate"),
    ]


@pytest.mark.parametrize(
    ("end", "credit", "rest"),
    [
        ("said.–AFP", "AFP", "said."),
        ("said. — Reuters\n", "Reuters", "said.\n"),
        ("said.” (AP)", "AP", "said.”"),
        ("сказал он. - ТАСС", "ТАСС", "сказал он."),
        ("said.\n\nAFP", "AFP", "said."),
        ("said.\n— Agence France-Presse", "AFP", "said."),
        ("said.—AFP/Reuters", "AFP/Reuters", "said."),
        ("说。（法新社）", "法新社", "说。"),
        ("He works for the AFP", "", "He works for the AFP"),
        ("reported by Reuters.", "", "reported by Reuters."),
        ("the agency (AFP) said.", "", "the agency (AFP) said."),
        ("a vote of 10–3", "", "a vote of 10–3"),
    ],
)
def test_credit_is_cut_only_after_the_last_sentence(end, credit, rest):
    cleaned = cut_boilerplate("Long before.\n\n" + end)
    assert (cleaned.credit, cleaned.text) == (credit, "Long before.\n\n" + rest)


@pytest.mark.parametrize(
    "prose",
    [
        "Leave a Reply is a film by Ann Roe.\n\nIt opens in May.",
        "He said: leave a reply\nor go home, and they went home.",
        "She asked them to subscribe to our newsletter, and they did.\n\nShare",
        "The site said “We use cookies” and nobody read it, he added with a smile.",
    ],
)
def test_prose_with_boilerplate_words_is_kept(prose):
    assert cut_boilerplate(prose + "\n\nThe end.").text == prose + "\n\nThe end."


@pytest.mark.parametrize(
    "line",
    [
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
        "Deja una respuesta",
        "Ваш адрес email не будет опубликован. Обязательные поля помечены *",
        "Залишити відповідь",
        "اترك تعليقاً",
        "发表评论",
        "We use cookies to improve your experience. By continuing you agree.",
        "Share on Facebook",
        "Copyright 2021 AFP",
    ],
)
def test_boilerplate_line_is_cut_at_the_end(line):
    cleaned = cut_boilerplate(f"Title\n\nBody goes on.\n\n{line}\n\nName *\n\nWebsite\n")
    assert cleaned.text == "Title\n\nBody goes on."
    assert [cut.at for cut in cleaned.cuts] == [20]


def test_leading_and_middle_lines_are_cut():
    text = "Skip to content\n\nTitle\n\nOne.\n\nAdvertisement\n\nTwo.\n\nThree."
    cleaned = cut_boilerplate(text)
    assert cleaned.text == "Title\n\nOne.\n\nTwo.\n\nThree."
    assert [cut.text for cut in cleaned.cuts] == ["Skip to content\n\n", "Advertisement\n\n"]


def test_keep_boilerplate_cuts_nothing_and_finds_the_credit():
    text = "Body.\n\nBlinken said.–AFP"
    assert cut_boilerplate(text, keep=True) == (text, [], "AFP")


def test_form_words_alone_are_no_boilerplate():
    assert cut_boilerplate("What is in a\n\nName").text == "What is in a\n\nName"


def test_original_of_a_document_without_records_is_its_text():
    assert original_text(make_document("a", "text\n")) == "text\n"
