"""One Chromium, logged in once, for all tests of this folder; and a client that is corpus's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from corpus.doccano.client import Doccano
from corpus.doccano.settings import ServerSettings
from tests.browser.annotation_page import AnnotationPage

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Read before any test's clean environment takes it away.
CHROMIUM = os.environ.get("CORPUS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def page(doccano_server) -> Iterator[Page]:
    """A page of Chromium, logged in at the session's Doccano by its own form."""
    if CHROMIUM is None:
        pytest.skip(
            "NOT TESTED IN A BROWSER: no Chromium is here; install one (apt install chromium) or "
            "let CORPUS_CHROMIUM name it"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=list(FLAGS)
        )
        # A context of its own is a fresh profile; nothing outside the server is asked for.
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(f"{doccano_server.url}/auth")
        page.fill("input[name=username]", doccano_server.username)
        page.fill("input[name=password]", doccano_server.password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/projects**")
        yield page
        browser.close()


@pytest.fixture(scope="package")
def annotation_page(page, doccano_server) -> AnnotationPage:
    """The annotation page of any project of the session's Doccano."""
    return AnnotationPage(page, doccano_server.url)


@pytest.fixture(scope="package")
def client(doccano_server) -> Doccano:
    """The session's Doccano over REST, as `corpus push` and `corpus pull` use it."""
    server = doccano_server
    return Doccano(ServerSettings(server.url, server.username, server.password))
