"""A picture of the decision with the most candidates, from Doccano's own page: PROJECT PNG."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from corpus.doccano.client import Doccano
from corpus.doccano.projects import find_project
from corpus.doccano.settings import read_settings
from tests.browser.chromium import launch_chromium, log_in
from tests.browser.link_page import LinkPage


def take(project_name: str, picture: Path) -> None:
    """`picture` shows the example, the preselected key among the labels."""
    server = read_settings()
    client = Doccano(server)
    project = find_project(client, project_name)
    examples = list(client.list_examples(project["id"]))
    number = max(range(len(examples)), key=lambda at: (_candidates(examples[at]), -at))
    with sync_playwright() as playwright:
        page = log_in(launch_chromium(playwright), server.url, server.username, server.password)
        # Below 1264 pixels the menu at the left is closed, as whoever annotates closes it.
        page.set_viewport_size({"width": 1240, "height": 900})
        LinkPage(page, server.url, project["id"], examples).open(number)
        page.mouse.move(620, 880)
        page.screenshot(path=picture)


def _candidates(example: dict[str, dict[str, str]]) -> tuple[int, int]:
    meta = example["meta"]
    return len(meta["corpus_candidates"].split()), len(meta["corpus_places"].split())


if __name__ == "__main__":
    take(sys.argv[1], Path(sys.argv[2]))
