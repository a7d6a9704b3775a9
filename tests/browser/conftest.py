"""One Chromium, logged in once, for all tests of this folder; and a client that is corpus's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from corpus.doccano.client import Doccano
from corpus.doccano.settings import ServerSettings
from tests.browser.annotation_page import AnnotationPage
from tests.browser.chromium import CHROMIUM, MISSING, launch_chromium, log_in


def pytest_collection_modifyitems(items) -> None:
    """Without a browser its tests are skipped, loudly, and no server is started for them."""
    if CHROMIUM is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=f"NOT TESTED IN A BROWSER: {MISSING}"))


@pytest.fixture(scope="module")  # Playwright keeps an event loop running
def page(doccano_server) -> Iterator[Page]:
    """A page of Chromium, logged in at the session's Doccano by its own form."""
    server = doccano_server
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield log_in(browser, server.url, server.username, server.password)
        browser.close()


@pytest.fixture(scope="module")  # Playwright keeps an event loop running
def annotation_page(page, doccano_server) -> AnnotationPage:
    """The annotation page of any project of the session's Doccano."""
    return AnnotationPage(page, doccano_server.url)


@pytest.fixture(scope="module")  # Playwright keeps an event loop running
def client(doccano_server) -> Doccano:
    """The session's Doccano over REST, as `corpus push` and `corpus pull` use it."""
    server = doccano_server
    return Doccano(ServerSettings(server.url, server.username, server.password))
