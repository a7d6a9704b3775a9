"""A report of many documents in Chromium, beside a displaCy page of the same texts.

    python benchmarks/report.py [DOCUMENTS]

Documents are the seeds' articles joined four at a time in every order, each with silver
(candidates), two annotators and gold; displaCy gets the gold mentions alone. Times are processor
time of the page's main thread, so that other work on the machine counts little: of opening until
the page is drawn (median of three), of each filter and of choosing another document.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice, permutations
from pathlib import Path

from msgspec.structs import replace
from playwright.sync_api import Browser, sync_playwright
from spacy import displacy

from benchmarks.results import Row, add_options, publish
from corpus.model import (
    Candidate,
    Document,
    Layer,
    Mention,
    layer_of,
    longest_mentions,
    make_document,
    with_ids,
)
from corpus.report.html import write_page
from corpus.store import read_documents
from tests.browser.chromium import launch_chromium

RUNS = 3
SEEDS = Path(__file__).parents[1] / "seeds" / "gold.jsonl"


def documents(number: int) -> Iterator[Document]:
    seeds = list(read_documents(SEEDS))
    for count, some in enumerate(islice(permutations(seeds, 4), number)):
        text, mentions = "", []
        for each in some:
            layer = layer_of(each, "gold")
            for mention in layer.mentions if layer else ():
                start, end = mention.start + len(text), mention.end + len(text)
                mentions.append(replace(mention, id="", start=start, end=end))
            text += each.text
        yield with_layers(f"{count:05d}", text, mentions)


def with_layers(id: str, text: str, mentions: list[Mention]) -> Document:
    many = tuple(Candidate(f"Q{n}", 0.5 / n, 0.4 / n, f"Entity {n}") for n in range(1, 6))
    gold = with_ids(mentions)
    silver = tuple(replace(m, candidates=many, source="kb") for m in gold)
    ann = tuple(replace(m, links=()) for m in gold)
    bob = tuple(replace(m, label="LOC") if n % 9 == 4 else m for n, m in enumerate(ann))
    layers = (
        Layer("silver", mentions=silver),
        Layer("annotator:ann", state="confirmed", mentions=ann),
        Layer("annotator:bob", state="confirmed", mentions=bob),
        Layer("gold", mentions=gold),
    )
    return make_document(id, text, lang="en", layers=layers)


def displacy_page(number: int, path: Path) -> None:
    rendered = []
    for document in documents(number):
        layer = layer_of(document, "gold")
        ents = [
            {"start": m.start, "end": m.end, "label": m.label}
            for m in longest_mentions(layer.mentions if layer else ())
        ]
        rendered.append({"text": document.text, "ents": ents, "title": document.id})
    path.write_text(displacy.render(rendered, style="ent", manual=True, page=True), "utf-8")


class Watched:
    """A page, and the processor time that its main thread has used."""

    def __init__(self, browser: Browser, path: Path) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(0)
        self.session = self.page.context.new_cdp_session(self.page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.page.goto(path.as_uri(), wait_until="load", timeout=0)
        self.page.wait_for_selector("mark")
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")

    def seconds(self) -> float:
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def opened(browser: Browser, path: Path) -> tuple[Watched, float]:
    """The page opened for the last time, and its median seconds."""
    times = []
    for _ in range(RUNS):
        watched = Watched(browser, path)
        times.append(watched.seconds())
        if len(times) < RUNS:
            watched.page.close()
    return watched, statistics.median(times)


def timed(watched: Watched, change: str) -> float:
    """Milliseconds of processor time of one change, drawn; the mean of five."""
    reset = "at('filters').reset(); applyFilters(); document.body.offsetHeight;"
    spent = []
    for code in (f"{{ {reset} }}", f"{{ {reset} {change} document.body.offsetHeight; }}"):
        before = watched.seconds()
        watched.page.evaluate(f"() => {{ for (let k = 0; k < 5; k += 1) {code} }}")
        spent.append(watched.seconds() - before)
    return max(0.0, spent[1] - spent[0]) / 5 * 1000


ACTIONS = {
    "text": "at('filter-text').value = 'minsk accords'; applyFilters();",
    "label": "at('filter-label').selectedIndex = 2; applyFilters();",
    "entity": "at('filter-entity').value = 'kyiv'; applyFilters();",
    "disagreement": "at('filter-disputed').checked = true; applyFilters();",
    "label and layer and disagreement": "at('filter-label').selectedIndex = 2; "
    "at('filter-layer').selectedIndex = 1; at('filter-disputed').checked = true; applyFilters();",
    "next document": "documentList.choose(documentList.place() + 1);",
    "last document": "documentList.choose(documentList.items().length - 1);",
}


def measure(number: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        ours, theirs = Path(folder) / "report.html", Path(folder) / "displacy.html"
        started = time.perf_counter()
        with ours.open("wb") as sink:
            figures = write_page((("", each) for each in documents(number)), sink, title="Many")
        wrote = time.perf_counter() - started
        displacy_page(number, theirs)
        mentions = sum(each.total() for each in figures.labels.values())
        note = f"{figures.documents:,} documents, {figures.characters:,} characters, "
        print(f"{note}{mentions:,} mentions; written in {wrote:.1f} s")
        browser = launch_chromium(playwright)
        page, slow = opened(browser, theirs)
        page.page.close()
        page, fast = opened(browser, ours)
        sizes = [path.stat().st_size / 1e6 for path in (ours, theirs)]
        table = "The page"
        rows = [
            Row(table, "corpus report", number, None, fast, fast / slow, "displaCy", "<= 1",
                figures={"MB of the file": sizes[0]}),
            Row(table, "displaCy", number, None, slow, figures={"MB of the file": sizes[1]}),
        ]  # fmt: skip
        elements = page.page.evaluate("document.querySelectorAll('*').length")
        print(f"elements in the page: {elements:,}")
        page.page.evaluate("loweredTexts()")
        for name, change in ACTIONS.items():
            took = {"ms": round(timed(page, change))}
            rows.append(Row("After it is open", name, figures=took))
        browser.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("documents", type=int, nargs="?", default=5_000)
    add_options(parser)
    options = parser.parse_args()
    command = f"python benchmarks/report.py {options.documents}"
    rows = measure(options.documents)
    publish("report", rows, options, command=command, packages=("spacy", "playwright"))


if __name__ == "__main__":
    main()
