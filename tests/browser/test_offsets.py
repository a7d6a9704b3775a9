"""What the mouse selects on Doccano's own page is what `corpus` reads, to the code point."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from corpus.doccano.exports import read_rows, unpack_export
from corpus.doccano.mapping import encode_row, read_mentions, row_spans
from corpus.model import make_document
from tests.browser.marked_texts import COLOURS, LABELS, TEXTS

pytestmark = [pytest.mark.server, pytest.mark.browser]

NAMES = [marked.name for marked in TEXTS]


class Selected(NamedTuple):
    """What became of one text: the spans stored, pulled and shown, by label."""

    stored: dict[str, tuple[int, int]]
    shown: dict[str, list[int]]
    wide: dict[str, list[int]]
    pulled: dict[str, tuple[int, int]]
    refused: list


def make_project(client, name: str, *, graphemes: bool) -> int:
    fields = {
        "name": name,
        "description": "selected by mouse",
        "guideline": "",
        "project_type": "SequenceLabeling",
        "resourcetype": "SequenceLabelingProject",
        "random_order": False,
        "collaborative_annotation": True,
        "allow_overlapping": True,
        "grapheme_mode": graphemes,
    }
    project = client.create_project(fields)["id"]
    for number, (label, colour) in enumerate(zip(LABELS, COLOURS, strict=True), 1):
        kind = {"text": label, "suffix_key": str(number), "prefix_key": None}
        kind |= {"background_color": colour, "text_color": "#ffffff"}
        client.create_span_type(project, kind)
    documents = [make_document(marked.name, marked.text) for marked in TEXTS]
    rows = [encode_row(document, [], project=name, batch="0") for document in documents]
    assert client.import_rows(project, rows, "marked.jsonl") == []
    return project


def select_marks(annotation_page, project: int, number: int) -> tuple[dict, dict, dict]:
    marked = TEXTS[number]
    page = annotation_page
    page.open(project, number + 1, marked.text)
    stored = {}
    for place, (span, label) in enumerate(zip(marked.spans, LABELS, strict=False)):
        if 0 < place == len(marked.spans) - 1:
            answer = page.annotate_by_key(*span, key=str(place + 1))
        else:
            answer = page.annotate(*span, label=label)
        stored[label] = (answer["start_offset"], answer["end_offset"])
        page.settle(colours=place + 1)
    shown = {LABELS[COLOURS.index(colour)]: at for colour, at in page.highlighted().items()}
    wide = {
        label: page.with_width(*span) for label, span in zip(LABELS, marked.spans, strict=False)
    }
    return stored, shown, wide


def pull_rows(client, project: int, folder) -> dict[str, object]:
    archive = folder / "full.zip"
    client.export_project(project, archive)
    (exported,) = unpack_export(archive, folder)
    return {row.corpus_id: row for _, row in read_rows(exported)}


@pytest.fixture(scope="module", params=[False, True], ids=["utf16", "graphemes"])
def selected(request, annotation_page, client, tmp_path_factory) -> dict[str, Selected]:
    """Every mark of every text, selected on the page of one project and read back from it."""
    name = f"browser-{'graphemes' if request.param else 'utf16'}"
    project = make_project(client, name, graphemes=request.param)
    seen = [select_marks(annotation_page, project, number) for number in range(len(TEXTS))]
    rows = pull_rows(client, project, tmp_path_factory.mktemp("pulled"))
    found = {}
    for marked, (stored, shown, wide) in zip(TEXTS, seen, strict=True):
        row = rows[marked.name]
        assert row.text == marked.text
        mentions, refused = read_mentions(row.text, row_spans(row), None, graphemes=request.param)
        pulled = {mention.label: (mention.start, mention.end) for mention in mentions}
        found[marked.name] = Selected(stored, shown, wide, pulled, refused)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_pulled_spans_are_what_was_selected(selected, name):
    marked = TEXTS[NAMES.index(name)]
    assert selected[name].pulled == dict(zip(LABELS, marked.spans, strict=False))
    assert selected[name].refused == []


@pytest.mark.parametrize("name", NAMES)
def test_stored_spans_are_shown_under_the_selected_characters(selected, name):
    assert selected[name].shown == selected[name].wide
