"""HTML to Document beside trafilatura alone on the same pages.

    python benchmarks/web_pages.py                # 300 and 1,000 pages of the seeds' paragraphs
    python benchmarks/web_pages.py --data DATA    # and of wiki-fair-v2 and re3d, real texts

trafilatura alone    bare_extraction with the options that convert gives it, over the decoded pages
corpus convert       corpus convert PAGES -o documents.jsonl, cleaning and JSONL included

No page was taken off the web: their licences forbid to keep them here. Each is a text in what
surrounds one on a news site: menus, scripts, JSON-LD, a cookie notice, sharing, teasers of other
articles, adverts, a comment form, a footer; some 30 kB. By turns, processor time, imports apart.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from benchmarks.measuring import begin, best_by_turns, exponent, remove_output, report
from benchmarks.results import Row, add_options, publish
from benchmarks.suggest import dense_texts, texts_of

FLOOR, OURS = "trafilatura alone", "corpus convert"
TARGET, LINEAR = "<= 1.15", "<= 1.05"
SECTIONS = ("World", "Politics", "Business", "Markets", "Science", "Health", "Sport", "Culture")


def page_of(text: str, number: int, teasers: Sequence[str]) -> str:
    """A page of a news site around the text; its first line is the headline."""
    title, *paragraphs = [line for line in text.split("\n") if line.strip()]
    title = title[:90]
    facts = {"@type": "NewsArticle", "headline": title, "datePublished": "2024-02-03T08:00:00Z"}
    menu = "".join(
        f'<li class="menu-item"><a href="/{one.lower()}" data-track="nav-{at}">{one}</a><ul>'
        + "".join(f'<li><a href="/{one.lower()}/{n}">{one} {n}</a></li>' for n in range(6))
        + "</ul></li>"
        for at, one in enumerate(SECTIONS)
    )
    body = []
    for at, paragraph in enumerate(paragraphs or [title]):
        body.append(f"<p>{escape(paragraph)}</p>")
        if at % 3 == 2:
            body.append(f'<div class="ad-slot" id="ad-{at}"><span>Advertisement</span></div>')
    cards = "".join(
        f'<div class="card"><a href="/story/{at}"><img src="/i/{at}.jpg" alt=""><h3>'
        f"{escape(teaser[:70])}</h3></a><p>{escape(teaser[:140])}</p></div>"
        for at, teaser in enumerate(teasers)
    )
    script = "window.dataLayer=window.dataLayer||[];" + f"push({{page:{number},slot:'top'}});" * 120
    style = "".join(f".c{at}{{margin:{at}px;padding:{at % 7}px;color:#333}}" for at in range(160))
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} |
The Courier</title><meta property="og:title" content="{escape(title)}">
<meta property="og:site_name" content="The Courier"><meta name="author" content="Staff writer">
<link rel="canonical" href="https://news.example/{number}"><style>{style}</style>
<script type="application/ld+json">{json.dumps(facts)}</script><script>{script}</script></head>
<body><header><a class="logo" href="/">The Courier</a><nav><ul>{menu}</ul></nav></header>
<div class="cookie-banner"><p>We use cookies to improve your visit.</p><button>Accept</button></div>
<main><article class="story"><h1>{escape(title)}</h1><div class="byline">By Staff writer</div>
<ul class="share"><li><a href="#">Facebook</a></li><li><a href="#">Email</a></li></ul>
<div class="story-body">{"".join(body)}</div></article>
<aside class="related"><h2>Related stories</h2>{cards}</aside></main>
<section class="comments"><h2>Leave a reply</h2><form><label>Name</label><input name="n">
<textarea></textarea><button>Post comment</button></form></section>
<footer><ul>{menu}</ul><p>© 2024 The Courier. All rights reserved.</p></footer>
<script>{script}</script></body></html>"""


def write_pages(folder: Path, texts: Sequence[str], count: int) -> None:
    """So many pages; where there are fewer texts, their paragraphs are mixed anew."""
    draw = random.Random(5)
    paragraphs = [line for text in texts for line in text.split("\n") if len(line) > 40]
    for number in range(count):
        text = texts[number] if number < len(texts) else "\n".join(draw.sample(paragraphs, 8))
        page = page_of(text, number, draw.sample(paragraphs, 24))
        (folder / f"{number:06}.html").write_text(page, encoding="utf-8")


def run_trafilatura(source: Path, _: Path) -> None:
    from trafilatura import bare_extraction

    def extract(path: Path) -> object:
        return bare_extraction(
            path.read_text("utf-8"),
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )

    paths = sorted(source.glob("*.html"))
    extract(paths[0])
    begun = begin()
    for path in paths:
        extract(path)
    report(begun)


def run_convert(source: Path, target: Path) -> None:
    import corpus.cli

    first = min(source.glob("*.html"))
    corpus.cli.run(["convert", str(first), "-o", f"{target}.first.jsonl"])
    remove_output(target)
    begun = begin()
    code = corpus.cli.run(["convert", str(source), "-o", str(target)])
    report(begun)
    if code:
        raise SystemExit(code)


RUNS = {FLOOR: run_trafilatura, OURS: run_convert}


def measure(texts: Sequence[str], size: int, rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "pages", Path(folder) / "documents.jsonl"
        source.mkdir()
        write_pages(source, texts, size)
        kb = sum(path.stat().st_size for path in source.iterdir()) / size / 1000
        got = best_by_turns({w: [__file__, "--run", w, str(source), str(target)] for w in RUNS},
                            rounds)  # fmt: skip
    floor = got[FLOOR].processor
    kilobytes = {"kB a page": round(kb)}
    return [
        Row("One core", FLOOR, size, None, floor, 1.0, peak_mb=got[FLOOR].peak_mb,
            figures=kilobytes),
        Row("One core", OURS, size, None, got[OURS].processor, got[OURS].processor / floor, FLOOR,
            TARGET, got[OURS].peak_mb),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 1000])
    parser.add_argument("--rounds", type=int, default=2, help="the best counts")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--run", nargs=3, metavar=("NAME", "SOURCE", "TARGET"))
    add_options(parser)
    options = parser.parse_args()
    if options.run:
        name, source, target = options.run
        RUNS[name](Path(source), Path(target))
        return
    texts = dense_texts(100)
    if options.data:
        texts = [text for some in texts_of(options.data).values() for text in some] + texts
    rows = [row for size in options.sizes for row in measure(texts, size, options.rounds)]
    seconds = {row.size: row.processor for row in rows if row.what == OURS}
    if len(seconds) > 1:
        rows.append(Row("From the smallest size to the largest",
                        f"{OURS}: exponent of time over size", ratio=exponent(seconds),
                        of="1 is linear", target=LINEAR))  # fmt: skip
    data = " --data DATA" if options.data else ""
    sizes = " ".join(map(str, options.sizes))
    command = f"python benchmarks/web_pages.py{data} --sizes {sizes}"
    publish("web_pages", rows, options, command=command, packages=("trafilatura", "lxml"))


if __name__ == "__main__":
    main()
