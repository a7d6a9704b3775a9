"""Languages told apart, and none where nothing is sure."""

import pytest

from corpus.articles.language import (
    LANGUAGES,
    _by_function_words,
    detect_language,
    language_code,
)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The foreign ministers came face to face in Sweden to discuss the allegations.", "en"),
        ("THE FOREIGN MINISTERS CAME FACE TO FACE IN SWEDEN TO DISCUSS ALLEGATIONS", "en"),
        ("Міністр закордонних справ України заявив у четвер, що країна готова до розмови.", "uk"),
        ("Министр иностранных дел заявил в четверг, что страна готова к переговорам.", "ru"),
        ("قال وزير الخارجية يوم الخميس إن المحادثات ستبدأ غدا في ستوكهولم", "ar"),
        ("外交部长星期四表示，会谈在斯德哥尔摩举行，双方将继续讨论。", "zh"),
        ("😀", ""),
        ("123 456", ""),
        ("", ""),
    ],
)
def test_language_of_a_text(text, lang):
    assert detect_language(text) == lang


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("He said that the price of bread would rise and that it was not their fault.", "en"),
        ("Er sagte, dass der Preis nicht steigt und auch das Brot sich nach ihm richtet", "de"),
        # A title or a quote in another language proves nothing.
        ("The Lord of the Rings and", ""),
        ("Hij zei dat het boek 'The Lord of the Rings' niet voor een film was, door and with", ""),
        ("", ""),
    ],
)
def test_function_words_decide_only_what_is_sure(text, lang):
    assert _by_function_words(text) == lang


def test_every_function_word_is_of_one_language():
    listed = [word for line in LANGUAGES.values() for word in line.split()]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en-US", "en"), ("EN_us", "en"), ("uk", "uk"), ("haw", "haw"), ("english", ""), ("", "")],
)
def test_code_is_the_primary_subtag(tag, code):
    assert language_code(tag) == code
