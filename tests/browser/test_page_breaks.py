"""The character borders of `corpus` against the code that Doccano's page runs, in the browser."""

from __future__ import annotations

import itertools

import pytest

from corpus.doccano.page_breaks import grapheme_borders
from tests.browser.marked_texts import TEXTS, read_marks
from tests.browser.projects import marked_documents, push
from tests.doccano.page_break_texts import NAMED, class_texts, edge_texts, random_texts

pytestmark = [pytest.mark.server, pytest.mark.browser]


@pytest.fixture(scope="module")
def shown(annotation_page, client, tmp_path_factory):
    """The annotation page, on any example."""
    marked = read_marks("any", "OSCE")
    folder = tmp_path_factory.mktemp("breaks")
    project = push(client, "breaks", marked_documents([marked], suggested=False), folder)
    annotation_page.open(project, 1, marked.text)
    return annotation_page


@pytest.mark.parametrize(
    "make_texts",
    [
        lambda: NAMED + [marked.text for marked in TEXTS],
        edge_texts,
        lambda: class_texts(3),
        lambda: random_texts(5_000, seed=2),
    ],
    ids=["named", "every border of the table", "every three classes", "random"],
)
def test_borders_equal_those_of_the_running_page(shown, make_texts):
    texts = make_texts()
    found = [list(itertools.accumulate(sizes, initial=0)) for sizes in shown.clusters(texts)]
    differing = [
        (text, borders, grapheme_borders(text))
        for text, borders in zip(texts, found, strict=True)
        if borders != grapheme_borders(text)
    ]
    assert differing == []
