"""One Chromium for the tests that open a report; it writes down what a page asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from corpus.report.html import write_page
from tests.browser.chromium import CHROMIUM, MISSING, launch_chromium


def pytest_collection_modifyitems(items) -> None:
    """Without a browser its tests are skipped, loudly."""
    if CHROMIUM is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=f"NOT TESTED IN A BROWSER: {MISSING}"))


@pytest.fixture(scope="module")  # Playwright keeps an event loop running
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A report in the browser, all that it asked for, and all that went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


@pytest.fixture
def open_report(browser, tmp_path) -> Iterator[Callable[..., Opened]]:
    """`open_report(documents, scheme="dark", title=...)` writes a page of them and opens it."""
    contexts = []

    def open_page(documents, *, scheme: str = "light", split=lambda _: "", **options) -> Opened:
        path = tmp_path / f"report{len(contexts)}.html"
        with path.open("wb") as sink:
            pairs = ((split(document), document) for document in documents)
            write_page(pairs, sink, **{"title": "A report", **options})
        return open_file(path, scheme)

    def open_file(path: Path, scheme: str) -> Opened:
        size = {"width": 1280, "height": 900}
        context = browser.new_context(color_scheme=scheme, viewport=size, locale="en-US")
        contexts.append(context)
        page = context.new_page()
        opened = Opened(page)
        context.on("request", lambda request: opened.requests.append(request.url))
        page.on("console", lambda message: opened.troubles.append(message.text))
        page.on("pageerror", lambda error: opened.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (opened.troubles.append("dialog"), dialog.dismiss()))
        page.goto(path.as_uri())
        page.set_default_timeout(5_000)
        return opened

    yield open_page
    for context in contexts:
        context.close()
