"""The site of docs/: it builds without a broken link, and a reader needs no network."""

import os
import subprocess
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import CHROMIUM, MISSING, launch_chromium

ROOT = Path(__file__).parent.parent.parent
in_chromium = pytest.mark.skipif(CHROMIUM is None, reason=f"NOT TESTED IN A BROWSER: {MISSING}")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Wherever a person begins, and what is widest.
PAGES = ("index.html", "records.html", "api.html", "formats.html", "tutorial.html", "design.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    ran = subprocess.run(
        ["mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture(scope="module")  # Playwright keeps an event loop running
def browser():
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, site):
    """`open_page("index.html", scheme, size)`: a page of the site, and what went wrong in it."""
    contexts = []

    def open_file(name, scheme="light", size=WIDE):
        context = browser.new_context(color_scheme=scheme, viewport=size, locale="en-US")
        contexts.append(context)
        page, troubles = context.new_page(), []
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        context.on("request", lambda one: troubles.append(one.url) if is_elsewhere(one) else None)
        page.set_default_timeout(5_000)
        page.goto((site / name).as_uri())
        return page, troubles

    yield open_file
    for context in contexts:
        context.close()


def is_elsewhere(request) -> bool:
    return not request.url.startswith(("file:", "data:", "about:"))


def test_site_has_the_guides_that_stand_elsewhere_and_the_schemas(site):
    for name in ("index", "contributing", "changelog", "benchmarks", "containers", "seeds"):
        assert (site / f"{name}.html").is_file(), name
    for schema in (ROOT / "schemas").iterdir():
        assert (site / "schemas" / schema.name).read_bytes() == schema.read_bytes()
    assert "must be there" in (site / "records.html").read_text("utf-8")
    assert "read_documents" in (site / "api.html").read_text("utf-8")


@pytest.mark.browser
@in_chromium
@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", NARROW)])
def test_pages_open_from_a_folder_without_network_or_errors(open_page, scheme, size):
    backgrounds = set()
    page, troubles = open_page(PAGES[0], scheme, size)
    for name in PAGES:
        page.goto(page.url.rpartition("/")[0] + "/" + name)
        assert troubles == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    (background,) = backgrounds
    assert (background == "rgb(255, 255, 255)") == (scheme == "light"), background


@pytest.mark.browser
@in_chromium
def test_search_works_in_a_page_opened_as_a_file(open_page):
    page, troubles = open_page("index.html")
    page.click(".md-search__input")
    page.keyboard.type("metonymic")
    page.wait_for_selector(".md-search-result__item")
    assert "metonymic" in page.inner_text(".md-search-result__list").lower()
    page.locator(".md-search-result__link").first.click()
    page.wait_for_load_state()
    assert "metonymic" in page.inner_text("article").lower()
    assert troubles == []


@pytest.fixture(scope="module")
def hook():
    spec = spec_from_file_location("site_pages", ROOT / "scripts" / "site_pages.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("page", "link", "turned"),
    [
        ("index.md", "docs/kb.md#sources", "kb.md#sources"),
        ("index.md", "benchmarks/README.md", "benchmarks.md"),
        ("benchmarks.md", "../tests/LONG.md", "long-suites.md"),
        ("design.md", "../CONTRIBUTING.md", "contributing.md"),
        ("design.md", "images/x.png", "images/x.png"),
        ("how-to/tls.md", "../doccano.md", "../doccano.md"),
        ("how-to/tls.md", "../../README.md", "../index.md"),
        ("design.md", "https://example.org/a.md", "https://example.org/a.md"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(hook, page, link, turned):
    place = SimpleNamespace(file=SimpleNamespace(src_uri=page))
    assert hook.on_page_markdown(f"[a]({link})", place, None, None) == f"[a]({turned})"
