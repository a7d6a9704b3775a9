"""The pictures of a report, in steps.

    python scripts/screenshot_report.py votes SILVER OUT
    python scripts/screenshot_report.py picture HTML PNG SCHEME
    python scripts/screenshot_report.py audit HTML PNG SCHEME

The first makes two annotators of the seeds' gold: the second of them misses some mentions and has
other labels for some. The others open the report and take a picture: of an article, of the audit.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace
from playwright.sync_api import sync_playwright

from corpus.model import Document, Layer, layer_of, with_layer
from corpus.store import read_documents, write_documents
from tests.browser.chromium import launch_chromium

SEEDS = Path(__file__).parent.parent / "seeds"


def with_votes(silver: Path) -> Iterator[Document]:
    """The documents with two annotators' layers and gold."""
    gold = {
        document.id: layer_of(document, "gold") for document in read_documents(SEEDS / "gold.jsonl")
    }
    for document in read_documents(silver):
        layer = gold.get(document.id)
        if layer is None:
            yield document
            continue
        ann = tuple(replace(mention, links=()) for mention in layer.mentions)
        bob = tuple(
            replace(mention, label="LOC") if at % 9 == 4 else mention
            for at, mention in enumerate(ann)
            if at % 8 != 5
        )
        document = with_layer(document, Layer("annotator:ann", state="confirmed", mentions=ann))
        document = with_layer(document, Layer("annotator:bob", state="confirmed", mentions=bob))
        yield with_layer(document, layer)


def take(report: Path, picture: Path, scheme: str) -> None:
    """`picture` shows an article with all layers, and what they say of one place."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
        page.goto(report.as_uri())
        page.locator(".row", has_text="Lavrov and Blinken").click()
        for box in page.locator(".layers input").all():
            box.check()
        page.locator(".chip.disputed").first.focus()
        page.screenshot(path=picture)
        browser.close()


def take_audit(report: Path, picture: Path, scheme: str) -> None:
    """`picture` shows the place of a finding; another, with -queue in its name, the queue."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
        page.goto(report.as_uri())
        page.click("#tab-audit")
        page.screenshot(path=picture.with_stem(f"{picture.stem}-queue"))
        page.get_by_role("button", name="Show in the document").click()
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    what, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if what == "votes":
        write_documents(with_votes(source), target)
    elif what == "audit":
        take_audit(source, target, sys.argv[4])
    else:
        take(source, target, sys.argv[4])
