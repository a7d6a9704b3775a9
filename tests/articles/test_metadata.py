"""Title, dateline, byline and credit, from clean and from ugly heads."""

import pytest

from corpus.articles.metadata import Head, clean_byline, find_credit, find_dateline, read_head

BODY = "It rained all day in the city, and the talks between the two sides were put off again."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("STOCKHOLM: Momentum was", ("STOCKHOLM", "", "")),
        ("STOCKHOLM, Dec 2 (Reuters) - The", ("STOCKHOLM", "Dec 2", "Reuters")),
        ("STOCKHOLM\xa0— The", ("STOCKHOLM", "", "")),
        ("STOCK\xadHOLM — The", ("STOCKHOLM", "", "")),
        ("KYIV/MOSCOW — The", ("KYIV/MOSCOW", "", "")),
        ("WASHINGTON (AP) — The", ("WASHINGTON", "", "AP")),
        ("WASHINGTON, D.C. — The", ("WASHINGTON, D.C.", "", "")),
        ("KYIV, Ukraine (AP) — The", ("KYIV, Ukraine", "", "AP")),
        ("Moscou (AFP) – Le", ("Moscou", "", "AFP")),
        ("Madrid, 2 dic (EFE).- El", ("Madrid", "2 dic", "EFE")),
        ("MOSCOW. December 2 (Interfax) - The", ("MOSCOW", "December 2", "Interfax")),
        ("LONDON, Dec. 2, 2021 /PRNewswire/ -- A", ("LONDON", "Dec. 2, 2021", "PRNewswire")),
        ("МОСКВА, 2 дек - РИА Новости. Россия", ("МОСКВА", "2 дек", "РИА Новости")),
        ("КИЇВ. 2 грудня. УНН. Президент", ("КИЇВ", "2 грудня", "УНН")),
        ("موسكو (رويترز) - قال", ("موسكو", "", "رويترز")),
        ("القاهرة: قال", ("القاهرة", "", "")),
        ("新华社北京12月2日电 记者", ("北京", "12月2日", "新华社")),
        ("（法新社北京2日电）美国", ("北京", "2日", "法新社")),
    ],
)
def test_dateline_is_found(line, expected):
    assert find_dateline(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "BREAKING: The talks have begun",
        "NATO: the alliance said",
        "He said (Reuters) – no",
        "In Paris – where it began",
        "U.S. officials said: wait",
        "“No,” he said – and left",
        "Analysts (and others) - say",
        "(Reuters) - The talks",
        "1. FIRST: the talks",
        "STOCKHOLM:",
        "😀",
        "",
    ],
)
def test_what_is_no_dateline_is_not_taken_for_one(line):
    assert find_dateline(line) is None


def test_head_is_read_from_lines_with_blanks_behind_them():
    text = f"US, Russia seek talks \t\xa0\n\nBy ANN ROE and Bo Ek\n\nSTOCKHOLM, Dec 2 (AP) - {BODY}"
    assert read_head(text) == Head(
        "US, Russia seek talks", "STOCKHOLM", "Dec 2", "AP", "ANN ROE and Bo Ek"
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Title\n\n{BODY}", "Title"),
        (f"Title\n{BODY}", "Title"),
        ("One\nTwo", ""),
        ("Only one line", ""),
        (f"This is a sentence.\n\n{BODY}", ""),
        (f"Leaders meet in the U.S.\n\n{BODY}", "Leaders meet in the U.S."),
        (f"STOCKHOLM: Momentum was building\n\n{BODY}", ""),
        (f"https://example.org/a\n\n{BODY}", ""),
        ("俄罗斯外长访问瑞典\n\n会谈星期四在斯德哥尔摩举行。", "俄罗斯外长访问瑞典"),
        (f"Soft\xadhyphen\n\n{BODY}", "Softhyphen"),
        (f"{'long ' * 80}\n\n{BODY}", ""),
    ],
)
def test_title_is_a_short_first_line_that_is_no_sentence(text, title):
    assert read_head(text).title == title


def test_title_of_the_source_stands_and_its_line_is_passed_over():
    head = read_head(f"Given\n\nKYIV: {BODY}", title="Given")
    assert (head.title, head.dateline) == ("Given", "KYIV")


@pytest.mark.parametrize(
    ("line", "byline"),
    [("By Ann Roe", "Ann Roe"), ("Ann Roe", "Ann Roe"), ("By the river", "By the river")],
)
def test_byline_loses_its_by_only_before_a_name(line, byline):
    assert clean_byline(line) == byline


def test_credit_in_front_of_cut_boilerplate_has_offsets_of_the_text():
    text = "He left.–AFP\n\nShare"
    credit = find_credit(text, 12)
    assert credit is not None
    assert (credit.name, text[credit.start : credit.end]) == ("AFP", "–AFP")
