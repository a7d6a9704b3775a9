"""Finding and starting Chromium, and logging in at Doccano by its own form."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Read when this is imported, before any test's clean environment takes it away.
CHROMIUM = os.environ.get("CORPUS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
MISSING = "no Chromium is here; install one (apt install chromium) or let CORPUS_CHROMIUM name it"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch_chromium(playwright: Playwright) -> Browser:
    """Chromium without a window; each has a fresh profile."""
    if CHROMIUM is None:
        raise FileNotFoundError(MISSING)
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))


def log_in(browser: Browser, url: str, username: str, password: str) -> Page:
    """A page that is logged in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{url}/auth")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects**")
    return page
