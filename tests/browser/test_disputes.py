"""Disputes decided on Doccano's own page with one key each, from adjudication to gold."""

from __future__ import annotations

import os

import pytest

from corpus.doccano.projects import find_project
from corpus.model import layer_of
from corpus.store import read_documents, write_documents
from tests.gold.several_annotators import document

pytestmark = [pytest.mark.server, pytest.mark.browser]

MET = (
    "KYIV, March 12. Diplomats of the OSCE Special Monitoring Mission 😀 met in Kyiv city on "
    "Thursday to speak of the Minsk accords.\n\nNobody from the Contact Group came."
)
HEIGHT = 900  # of the window
# Names a file for docs/images/dispute.png; read before a test's clean environment takes it away.
PICTURE = os.environ.get("CORPUS_PICTURE")


def place(words: str, label: str) -> tuple[int, int, str]:
    start = MET.index(words)
    return (start, start + len(words), label)


OSCE, MISSION = place("OSCE", "ORG"), place("OSCE Special Monitoring Mission", "ORG")
KYIV, CITY = place("Kyiv city", "GPE"), place("Kyiv city", "LOC")
GROUP = place("Contact Group", "ORG")


@pytest.fixture
def gold(run_cli, tmp_path):
    people = {"ann": [OSCE, CITY], "bob": [MISSION, KYIV], "eve": [OSCE, MISSION, KYIV, GROUP]}
    people["joe"] = [GROUP]
    write_documents([document("osce.txt", MET, **people)], tmp_path / "documents.jsonl")
    ran = run_cli(["adjudicate", tmp_path, "-o", tmp_path / "gold.jsonl", "--rule", "majority"])
    assert "disputes: 3\n" in ran.out
    return tmp_path / "gold.jsonl"


def test_one_key_a_dispute_in_chromium_is_gold(run_cli, doccano, client, page, gold, request):
    name = "news.disputes" if PICTURE else f"{request.node.name}.disputes"
    assert run_cli(["disputes", "push", gold, "--project", name]).code == 0
    project = find_project(client, name)["id"]
    examples = list(client.list_examples(project))
    url = f"{doccano.url}/projects/{project}/text-classification?page=1"
    with shown(page, examples[0]):
        page.goto(url)
    page.wait_for_selector("text=no mention here")
    lines = page.locator("main .v-card", has_text="⟦").last
    assert lines.bounding_box()["y"] + lines.bounding_box()["height"] <= HEIGHT
    if PICTURE:
        page.set_viewport_size({"width": 1240, "height": 700})
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURE)
    for number, key in enumerate("a1n"):
        with answered(page, examples[number]):
            page.keyboard.press(key)
        page.wait_for_timeout(50)
        if number < 2:
            with shown(page, examples[number + 1]):
                page.keyboard.press("ArrowRight")
    assert run_cli(["disputes", "pull", gold, "--project", name]).code == 0
    source = gold.parent
    assert run_cli(["adjudicate", source, "-o", gold, "--rule", "majority"]).code == 0
    [done] = read_documents(gold)
    marks = [(m.start, m.end, m.label) for m in layer_of(done, "gold").mentions]
    assert marks == [MISSION, OSCE, KYIV]


def shown(page, example):
    return page.expect_response(
        lambda answer: (
            answer.url.endswith(f"/examples/{example['id']}/categories")
            and answer.request.method == "GET"
        )
    )


answered = shown  # after a key the page fetches the example's labels again
