"""What the mouse selects on Doccano's own page is what `corpus` pulls, to the code point.

And what `corpus` pushes is shown there under just its characters.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.browser.marked_texts import TEXTS, Marked, read_marks
from tests.browser.projects import Spans, colours_of, marked_documents, pull, push, spans_of

pytestmark = [pytest.mark.server, pytest.mark.browser]

NAMES = [marked.name for marked in TEXTS]


class Seen(NamedTuple):
    """Of one text, by label: the code points under the highlight, and those it should be under."""

    shown: dict[str, list[int]]
    expected: dict[str, list[int]]


def look(page, marked: Marked, colours: dict[str, str]) -> Seen:
    shown = {colours[colour]: points for colour, points in page.highlighted().items()}
    expected = {label: page.with_width(*span) for label, span in spans_of(marked).items()}
    return Seen(shown, expected)


def walk(page, project: int, *, colours: int | None):
    """Each text as it is shown, one after the other; None: as many colours as it has marks."""
    for number, marked in enumerate(TEXTS):
        wanted = len(marked.spans) if colours is None else colours
        if number == 0:
            page.open(project, 1, marked.text, colours=wanted)
        else:
            page.next(marked.text, colours=wanted)
        yield marked


@pytest.fixture(scope="module", params=[False, True], ids=["utf16", "graphemes"])
def selected(request, annotation_page, client, tmp_path_factory) -> dict[str, tuple[Spans, Seen]]:
    """Every mark of every text, selected on the page of one project, seen there and pulled."""
    name = "mouse in graphemes" if request.param else "mouse in units"
    folder = tmp_path_factory.mktemp("mouse")
    project = push(client, name, marked_documents(TEXTS, suggested=False), folder)
    fields = {"grapheme_mode": request.param, "resourcetype": "SequenceLabelingProject"}
    client.update_project(project, fields)
    colours = colours_of(client, project)
    seen = {}
    for marked in walk(annotation_page, project, colours=0):
        for done, (label, span) in enumerate(spans_of(marked).items(), 1):
            annotation_page.annotate(*span, label)
            annotation_page.settle(colours=done)
        seen[marked.name] = look(annotation_page, marked, colours)
    pulled = pull(client, name, folder)
    return {name: (pulled[name], seen[name]) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_pulled_spans_are_what_was_selected(selected, name):
    pulled, _ = selected[name]
    assert pulled == spans_of(TEXTS[NAMES.index(name)])


@pytest.mark.parametrize("name", NAMES)
def test_selected_spans_are_shown_under_their_characters(selected, name):
    _, (shown, expected) = selected[name]
    assert shown == expected


@pytest.fixture(scope="module")
def pushed(annotation_page, client, tmp_path_factory) -> dict[str, Seen]:
    """Every text with its marks as silver suggestions, as the page shows them after a push."""
    documents = marked_documents(TEXTS, suggested=True)
    project = push(client, "pushed", documents, tmp_path_factory.mktemp("pushed"))
    colours = colours_of(client, project)
    walked = walk(annotation_page, project, colours=None)
    return {marked.name: look(annotation_page, marked, colours) for marked in walked}


@pytest.mark.parametrize("name", NAMES)
def test_pushed_spans_are_shown_under_their_characters(pushed, name):
    shown, expected = pushed[name]
    assert shown == expected


def test_double_clicks_and_keys_store_what_they_select(annotation_page, client, tmp_path):
    marked = read_marks("keys", "🇺🇦 قَالَ ⟦الرَّئِيسُ⟧ 😀 cafe\u0301 ⟦OSCE⟧ then ⟦NATO😀⟧ and ⟦Kyiv⟧.")
    project = push(client, "keys", marked_documents([marked], suggested=False), tmp_path)
    president, osce, nato, kyiv = marked.spans
    annotation_page.open(project, 1, marked.text)
    annotation_page.annotate_word(*president, "M1")
    annotation_page.settle(colours=1)
    annotation_page.annotate_word(*osce, "M2")
    annotation_page.settle(colours=2)
    annotation_page.annotate_by_key(*nato, key="3")
    annotation_page.settle(colours=3)
    annotation_page.annotate_by_key(*kyiv, key="4")
    assert pull(client, "keys", tmp_path) == {"keys": spans_of(marked)}


def test_page_turned_right_to_left_shows_and_stores_what_it_selects(
    annotation_page, client, tmp_path
):
    # Turned under an open example, the page forgets to move its highlights; the next is fine.
    first = read_marks("first", "قَالَ")
    marked = read_marks("rtl", "قَالَ ⟦الرَّئِيسُ⟧ 😀 إِنَّ ⟦NATO⟧ فِي ⟦كِيِيف⟧\nשָׁלוֹם ⟦לקייב⟧")
    documents = marked_documents([first, marked], suggested=False)
    project = push(client, "rtl", documents, tmp_path)
    colours = colours_of(client, project)
    annotation_page.open(project, 1, first.text)
    annotation_page.turn_right_to_left()
    annotation_page.next(marked.text)
    for done, (label, span) in enumerate(spans_of(marked).items(), 1):
        annotation_page.annotate(*span, label)
        annotation_page.settle(colours=done)
    shown, expected = look(annotation_page, marked, colours)
    assert shown == expected
    assert pull(client, "rtl", tmp_path) == {"first": {}, "rtl": spans_of(marked)}
