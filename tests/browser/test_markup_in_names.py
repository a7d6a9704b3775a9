"""Texts, ids, titles and labels that look like HTML stay text on Doccano's page."""

from __future__ import annotations

import os

import pytest

from corpus.doccano.push import PushPlan, push_documents
from corpus.model import Layer, Mention, make_document
from corpus.store import write_documents

pytestmark = [pytest.mark.server, pytest.mark.browser]

MARKUP = "<img src=x onerror=\"document.title='owned'\">"


def test_markup_in_names_and_texts_is_shown_as_it_is(annotation_page, client, tmp_path):
    label = "<i onclick=x>GPE</i>"
    text = f"Kyiv {MARKUP} <script>document.title='owned'</script>"
    document = make_document(
        f"id {MARKUP}",
        text,
        meta={"title": f"title {MARKUP}", "date": "2024-01-01"},
        layers=(Layer("silver", mentions=(Mention("m", 0, 4, label),)),),
    )
    write_documents([document], tmp_path / "silver.jsonl")
    name = f"markup {MARKUP} {os.urandom(3).hex()}"[:100].strip()
    result = push_documents(PushPlan(tmp_path / "silver.jsonl", name), client, print)
    assert result.clean
    annotation_page.open(result.project_id, 1, text, colours=1)
    page = annotation_page.page
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("i[onclick]").count() == 0
    assert page.get_by_text(f"title {MARKUP}", exact=True).count() == 1
    assert page.get_by_text(f"id {MARKUP}", exact=True).count() == 1
    assert page.locator(".v-chip", has_text=label).count() >= 1
    client.delete_project(result.project_id)
