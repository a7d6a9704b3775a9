"""Mentions linked on Doccano's own page with keys alone, from push to pull."""

from __future__ import annotations

import pytest

from corpus.model import NIL
from tests.browser.link_page import LinkPage
from tests.doccano.link_task import LinkTask, make_gold

pytestmark = [pytest.mark.server, pytest.mark.browser]

TEXT = "Moscow spoke. The OSCE met in Kyiv.\n\nMoscow slept. Nowhere is 😀 Russia."
HEIGHT = 900  # of the window


@pytest.fixture
def links(client, tmp_path, request) -> LinkTask:
    """A link project of Ann's first pass."""
    return LinkTask(client, f"{request.node.name}.ann.1", tmp_path)


@pytest.fixture
def open_page(page, doccano_server):
    """The page of a link project, at one of its examples."""

    def open_page(links: LinkTask, number: int = 0) -> LinkPage:
        link_page = LinkPage(page, doccano_server.url, links.id, links.examples())
        link_page.open(number)
        return link_page

    return open_page


def test_ten_decisions_with_keys_alone_are_the_links_that_are_pulled(links, open_page):
    links.push([make_gold("a", TEXT), make_gold("b", f"In short: {TEXT}")])
    shown = open_page(links)
    for keys, comment in [
        ("s", ""),
        ("2", ""),
        ("", ""),
        ("o", "kb:Q159"),
        ("b", ""),
        ("", "meto:Q159"),
        ("11", ""),  # the key of what is chosen removes it; once more, and it is back
        ("n", ""),
        ("", ""),
        ("u", ""),
    ]:
        for key in keys:
            shown.press(key)
        if comment:
            shown.comment(comment)
        shown.confirm()
        if shown.number < 9:
            shown.next()
    assert links.push().result.sent == 2
    split = open_page(links, 10)
    split.confirm()
    split.next()
    split.press("n")
    split.confirm()
    pulled = links.pull()
    assert pulled.rejects == []
    assert [pulled.layer(id).state for id in "ab"] == ["confirmed", "confirmed"]
    assert list(pulled.said("a").values()) == [
        ("1", ["Q649"]),
        ("2", ["local:osce-pa"]),
        ("1", ["Q1899"]),
        (NIL, [NIL]),
        ("OTHER", ["Q159"]),
        ("BAD SPAN", []),
    ]
    assert list(pulled.said("b").values()) == [
        ("1", ["Q649", "Q159"]),
        ("1", ["Q81299"]),
        (NIL, [NIL]),
        ("1", ["Q649", "Q159"]),
        (NIL, [NIL]),
        ("UNSURE", []),
    ]


def test_page_shows_what_is_preselected_and_lets_go_of_it(links, open_page):
    links.push([make_gold("a", TEXT)])
    shown = open_page(links)
    assert shown.chosen() == ["1 1"]
    shown.press("1")
    assert links.keys()[0] == []
    shown.press("3")
    assert links.keys()[0] == ["3"]
    shown.confirm()
    shown.confirm()  # takes it back
    assert links.pull().layer("a").state == "touched"


def test_letters_typed_beside_the_comment_field_are_keys_and_the_clash_is_listed(links, open_page):
    links.push([make_gold("a", "In Kyiv")])
    shown = open_page(links)
    shown.press("o")
    shown.type_beside_the_field("b1")
    assert links.keys()[0] == ["1"]
    shown.comment("kb:Q159")
    shown.confirm()
    assert links.pull().reasons() == [("3-7:GPE", "the key is 1, and a comment says kb:Q159")]


@pytest.mark.parametrize(("number", "places"), [(1, 1), (2, 5), (5, 2), (9, 1), (9, 5)])
def test_decision_is_seen_without_scrolling(links, open_page, number, places):
    words = "capital of a region that has more rivers than bridges and a museum of its own"
    links.kb = links.build(
        *(
            {
                "id": f"Q{n}",
                "label": f"Springfield {n}",
                "type": "city",
                "description": words,
                "aliases": ["Springfield"],
            }
            for n in range(number)
        )
    )
    sentence = "Nobody could say on Thursday why Springfield was chosen by the settlers. "
    filler = "The committee met again in the evening, and its members spoke of other things. "
    text = "\n\n".join([sentence + filler * 4] * places)
    links.push([make_gold("a", text, {"Springfield": "GPE"})])
    assert len(links.examples()) == 1
    assert open_page(links).bottom() <= HEIGHT
