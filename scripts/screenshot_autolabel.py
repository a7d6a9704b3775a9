"""A picture of the switch for auto-labelling, just turned on: PROJECT DOCUMENTS PNG."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from corpus.doccano.client import Doccano
from corpus.doccano.projects import find_project
from corpus.doccano.settings import read_settings
from corpus.store import read_documents
from tests.browser.annotation_page import AnnotationPage
from tests.browser.chromium import launch_chromium, log_in


def take(project_name: str, documents: Path, picture: Path) -> None:
    """`picture` shows the wand, the dialog with its switch, and suggestions behind it."""
    server = read_settings()
    project = find_project(Doccano(server), project_name)
    document = next(iter(read_documents(documents)))
    with sync_playwright() as playwright:
        page = log_in(launch_chromium(playwright), server.url, server.username, server.password)
        page.set_viewport_size({"width": 1240, "height": 700})
        annotation_page = AnnotationPage(page, server.url)
        annotation_page.open(project["id"], 1, document.text)
        annotation_page.turn_auto_labelling_on(picture)


if __name__ == "__main__":
    take(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
