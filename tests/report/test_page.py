"""The page in Chromium: what it shows, that all keys work, that no article can run or ask."""

import json
import re
import socket
from itertools import pairwise

import pytest

from corpus.model import Layer, Link, Mention, make_document
from corpus.report.queue import Finding, Queue
from corpus.store import read_documents
from tests.report.annotated import (
    ATTACKS,
    SEEDS,
    TEXT,
    hostile,
    hostile_finding,
    plain,
    tangled,
    voted,
)

pytestmark = pytest.mark.browser


def show_all_layers(page):
    boxes = page.locator(".layers input")
    for number in range(boxes.count()):
        boxes.nth(number).check()


def rows(page):
    return page.locator(".row .row-title").all_inner_texts()


def found(page):
    return page.inner_text("#found")


def set_filter(page, name, value):
    if name in ("text", "entity"):
        page.fill(f"#filter-{name}", value)
    elif name == "disputed":
        page.set_checked("#filter-disputed", value)
    else:
        page.select_option(f"#filter-{name}", label=value)
    page.evaluate("clearTimeout(waiting); applyFilters()")


def measured(*names):
    """An agreement of these annotators, labels and documents: figures from low to high."""
    row = {"f1": {"value": 0.5, "low": 0.4, "high": 0.6}}
    pairs = [
        {"annotators": [one, other], "type": {"f1": {"value": at / len(names)}}}
        for at, (one, other) in enumerate(pairwise(names))
    ]
    documents = [{"id": name, "f1": 0.1, "differing": 1, "annotators": [name]} for name in names]
    labels = dict.fromkeys(names, row)
    return {"overall": labels, "pairs": pairs, "labels": labels, "per_document": documents}


def test_document_is_shown_with_gold_first_and_every_layer_a_click_away(open_report):
    opened = open_report([voted()])
    page = opened.page
    assert page.title() == "A report"
    assert page.inner_text("#document-title") == "The OSCE in Minsk"
    chips = page.locator(".chip")
    assert [chips.nth(n).get_attribute("aria-label") for n in range(chips.count())] == [
        "OSCE: ORG, OSCE, by gold; annotators disagree",
        "Minsk: GPE, Q2280, Q184 (metonymic), by gold; annotators disagree",
    ]
    show_all_layers(page)
    assert [chips.nth(n).get_attribute("aria-label") for n in range(chips.count())] == [
        "KYIV: GPE, NIL, by silver; LOC, by annotator:bob; annotators disagree",
        "OSCE: ORG, OSCE, by silver, gold; ORG, by annotator:ann; annotators disagree",
        "The OSCE: ORG, by annotator:ann; annotators disagree",
        "Minsk: GPE, by annotator:ann; GPE, Q2280, Q184 (metonymic), by gold; annotators disagree",
        "OSCE met in Minsk: EVENT, by annotator:ann; annotators disagree",
    ]
    lines = page.evaluate(
        """[...document.querySelectorAll("#text p")].map((line) => {
          const copy = line.cloneNode(true);
          for (const chip of copy.querySelectorAll(".chip")) chip.remove();
          return copy.textContent;
        })"""
    )
    assert "\n".join(lines) == TEXT
    assert opened.troubles == []
    assert page.locator(".comments li").all_inner_texts() == ["A\nannotator:ann\n is OSCE an ORG?"]


def test_card_shows_votes_candidates_and_the_entity(open_report):
    describe = {"Q81299": ("OSCE", "security organisation")}
    opened = open_report([voted()], describe=lambda id: describe.get(id, ("", "")))
    page = opened.page
    show_all_layers(page)
    page.locator("mark.mention", has_text="OSCE").last.hover()
    card = page.locator("#card")
    assert card.is_visible()
    text = re.sub(r"\s+", " ", card.inner_text())
    assert "≠ annotators disagree here" in text
    assert "ORG → OSCE Q81299 security organisation from kb" in text
    assert "1 OSCE Q81299 security organisation 0.98 0.97 2 Orchestra Q2 0.02 0.10" in text
    assert "annotator:bob touched no mention here" in text
    assert "ORG → OSCE Q81299 security organisation settled by rule:majority, from 2 votes" in text
    assert card.locator("a").first.get_attribute("href") == "https://www.wikidata.org/wiki/Q81299"
    page.mouse.move(5, 5)
    assert card.is_hidden()


def test_keys_alone_reach_everything(open_report):
    page = open_report([voted(), plain(1), plain(2)]).page
    focused = "document.activeElement.id || document.activeElement.className"
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focused))
    assert seen[:9] == [
        "tab-documents", "filter-text", "filter-label", "filter-entity", "filter-layer",
        "filter-disputed", "clear", "list", "",
    ]  # fmt: skip
    page.focus("#list")
    assert page.get_attribute("#list", "aria-activedescendant") == "row-0"
    page.keyboard.press("End")
    assert page.get_attribute("#list", "aria-activedescendant") == "row-2"
    assert page.inner_text("#document-title") == "d2"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("PageUp")
    assert page.inner_text("#document-title") == "The OSCE in Minsk"
    assert page.get_attribute("#row-0", "aria-setsize") == "3"
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "document"
    page.locator(".chip").first.focus()
    assert page.is_visible("#card")
    assert page.get_attribute(".chip >> nth=0", "aria-describedby") == "card"
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "card"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "A"
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")
    assert page.evaluate("document.activeElement.className") == "chip disputed"
    page.focus("#tab-documents")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#view-figures") and page.is_hidden("#view-documents")


def test_filters_find_by_text_label_entity_layer_and_disagreement(open_report):
    split = {"d1": "train", "d2": "test"}
    documents = [voted(), *map(plain, range(1, 9))]
    page = open_report(documents, split=lambda d: split.get(d.id, "train")).page
    assert found(page) == "9 of 9 documents"
    for name, value, titles in (
        ("text", "DOCUMENT 3 ", ["d3"]),
        ("text", "osce.TXT", ["The OSCE in Minsk"]),
        ("label", "GPE", ["The OSCE in Minsk", "d1", "d3", "d5", "d7"]),
        ("entity", "Q3", ["d2"]),
        ("entity", "osce q81299", ["The OSCE in Minsk"]),
        ("entity", "NIL", ["The OSCE in Minsk"]),
        ("layer", "annotator:bob", ["The OSCE in Minsk"]),
        ("split", "test", ["d2"]),
        ("disputed", True, ["The OSCE in Minsk"]),
    ):
        set_filter(page, name, value)
        assert (rows(page), found(page)) == (titles, f"{len(titles)} of 9 documents"), name
        page.click("#clear")
    set_filter(page, "label", "LOC")
    set_filter(page, "entity", "Q3")
    assert rows(page) == ["d2"]
    set_filter(page, "layer", "silver")
    assert (rows(page), found(page)) == ([], "0 of 9 documents")
    assert page.inner_text("#document") == "No document."


def test_label_and_layer_must_be_of_the_same_mention(open_report):
    page = open_report([voted()]).page
    set_filter(page, "label", "LOC")
    set_filter(page, "layer", "silver")
    assert rows(page) == []


def test_only_what_is_listed_is_said_to_be(open_report):
    page = open_report(map(plain, range(30)), limit=20).page
    assert found(page) == "20 of 20 documents; 10 more are not in this file"


def test_nothing_in_an_article_ever_runs_or_is_asked_for(open_report):
    title = " ".join(ATTACKS)
    opened = open_report(
        map(hostile, ATTACKS),
        title=title,
        describe=lambda kb_id: (kb_id, kb_id),
        split=lambda _: "train",
        agreement=measured(*ATTACKS),
        queue=Queue(map(hostile_finding, ATTACKS), lambda *_: [(a, a) for a in ATTACKS]),
    )
    page = opened.page
    page.click("#tab-figures")
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.click("#tab-documents")
    for number, attack in enumerate(ATTACKS):
        page.evaluate(f"documentList.choose({number})")
        page.evaluate("hiddenLayers.clear(); renderText(documents[current])")
        page.locator("details summary").first.click()
        page.locator("mark.mention").first.hover()
        page.locator(".chip").last.focus()
        page.keyboard.press("Enter")
        assert page.locator("#card a").count() == page.locator("#card a[href^=https]").count()
        page.keyboard.press("Escape")
        assert page.evaluate(f"documents[{number}].t") == hostile(attack).text
        assert page.evaluate(f"documents[{number}].i") == attack
    page.click("#tab-audit")
    for attack in ATTACKS:
        page.fill("#audit-text", attack)
        page.evaluate("clearTimeout(waiting); applyAuditFilters()")
        page.focus("#audit-list")
        assert page.locator("#finding a").count() == page.locator("#finding a[href^=https]").count()
        page.keyboard.press("Enter")
        assert page.text_content(".doubt bdi >> nth=0").lower() == " ".join(attack.lower().split())
        page.get_by_role("button", name="Back to the audit").click()
    page.click("#tab-documents")
    for attack in ATTACKS:
        set_filter(page, "text", attack)
        set_filter(page, "entity", attack)
    page.wait_for_timeout(200)
    assert page.evaluate("typeof pwned") == "undefined"
    assert opened.requests == [page.url]
    assert opened.troubles == []
    assert page.inner_text("h1").split() == title.split()
    tags = page.evaluate("[...document.querySelectorAll('*')].map((each) => each.localName)")
    assert not {"img", "iframe", "link", "base", "object", "embed"} & set(tags)
    assert tags.count("script") == tags.count("style") == 1
    assert tags.count("form") == 2
    links = page.evaluate("[...document.links].map((each) => each.protocol)")
    assert set(links) <= {"https:"}


def test_the_policy_alone_stops_what_is_put_into_the_page(open_report):
    opened = open_report([plain(1)])
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        parts = (
            f"<img src='{address}' onerror='pwned=1'>",
            f"<link rel=stylesheet href='{address}'>",
            f"<style>p {{ background: url({address}) }}</style>",
            f"<object data='{address}'></object><svg onload='pwned=1'></svg>",
        )
        for part in parts:
            opened.page.evaluate(
                "(html) => document.body.insertAdjacentHTML('beforeend', html)", part
            )
        opened.page.evaluate(
            "() => document.body.append(Object.assign(document.createElement('script'),"
            " {text: 'pwned=1'}))"
        )
        opened.page.evaluate("(url) => fetch(url).catch(() => 0)", address)
        opened.page.wait_for_timeout(300)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert opened.page.evaluate("typeof pwned") == "undefined"


def test_marks_cover_exactly_their_spans_however_they_nest_and_cross(open_report):
    documents = [tangled(seed) for seed in range(200)]
    page = open_report(documents).page
    drawn = page.evaluate(
        """() => documents.map((record) => {
      const places = placesOf(record, () => true);
      const covered = Object.fromEntries(places.map((place) => [place.key, ["", 0]]));
      let text = "";
      let from = 0;
      for (const line of record.t.split("\\n")) {
        const open = [];
        for (const piece of piecesOf(places, from, from + line.length)) {
          if (piece.open) open.push(piece.open);
          else if (piece.close) {
            if (open.pop() !== piece.close) throw new Error("not nested");
            if (piece.ends) covered[piece.close.key][1] += 1;
          } else {
            const part = record.t.slice(piece.start, piece.end);
            text += part;
            for (const place of open) covered[place.key][0] += part;
          }
        }
        if (open.length) throw new Error("left open");
        text += "\\n";
        from += line.length + 1;
      }
      return [text.slice(0, -1), places.map((place) => covered[place.key])];
    })"""
    )
    for document, (text, covered) in zip(documents, drawn, strict=True):
        assert text == document.text
        mentions = {(m.start, m.end): m for m in document.layers[0].mentions}.values()
        wanted = sorted(document.text[m.start : m.end].replace("\n", "") for m in mentions)
        assert sorted(surface for surface, _ in covered) == wanted
        # One chip a place, unless the place begins or ends with a line break.
        for m in mentions:
            if not document.text[m.start : m.end].endswith("\n"):
                assert [1] * len(covered) >= [chips for _, chips in covered]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(open_report, scheme):
    documents = [voted(), *read_documents(SEEDS / "gold.jsonl")]
    agreement = measured("ann", "bob", "eve")
    queue = Queue([Finding("label-variant", 0.8, "GPE in 4 of 5", "osce.txt", 0, 4, "KYIV", "LOC")])
    options = {"agreement": agreement, "queue": queue}
    page = open_report(documents, scheme=scheme, split=lambda _: "train", **options).page
    show_all_layers(page)
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.fill("#filter-text", "osce")
    page.locator(".chip").nth(1).focus()
    contrasts = page.evaluate(CONTRASTS)
    page.click("#tab-figures")
    contrasts += page.evaluate(CONTRASTS)
    page.click("#tab-audit")
    contrasts += page.evaluate(CONTRASTS)
    page.get_by_role("button", name="Show in the document").click()
    contrasts += page.evaluate(CONTRASTS)
    assert len(contrasts) > 150
    assert [each for each in contrasts if each["ratio"] < each["least"]] == []


CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
      if (colour[3] !== 0) throw new Error("half transparent");
    }
    return [255, 255, 255];
  };
  const measured = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility() || element.closest("script, datalist, title")) continue;
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const shape = element.localName === "rect";
    if (!own && !shape && !["input", "select"].includes(element.localName)) continue;
    const style = getComputedStyle(element);
    const ink = element.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(parse(ink)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const name = `${element.localName}.${element.getAttribute("class") || ""}`;
    measured.push({ name, ratio, least: shape ? 3 : 4.5 });
  }
  return measured;
}"""


def test_right_to_left_text_runs_from_the_right(open_report):
    page = open_report(read_documents(SEEDS / "gold.jsonl")).page
    set_filter(page, "text", "لافروف")
    arabic = page.locator("#text p").first
    assert arabic.evaluate("(each) => getComputedStyle(each).direction") == "rtl"
    title = page.locator("#document-title")
    assert title.evaluate("(each) => getComputedStyle(each).direction") == "rtl"
    box, line = title.bounding_box(), arabic.locator("mark").first.bounding_box()
    assert line["x"] + line["width"] > box["x"] + box["width"] / 2


def test_thousands_of_documents_draw_no_more_rows_than_fit(open_report):
    few = open_report(map(plain, range(50))).page
    many = open_report(map(plain, range(5_000))).page
    count = "document.querySelectorAll('body *').length"
    assert many.locator(".row").count() <= few.locator(".row").count() < 30
    assert many.evaluate(count) <= few.evaluate(count) + 10
    assert found(many) == "5,000 of 5,000 documents"
    many.focus("#list")
    many.keyboard.press("End")
    assert many.inner_text("#document-title") == "d4999"
    assert many.get_attribute("#row-4999", "aria-posinset") == "5000"
    set_filter(many, "text", "document 4321 ")
    assert rows(many) == ["d4321"]


def test_page_says_so_where_scripts_are_off(browser, tmp_path):
    from corpus.report.html import write_page

    path = tmp_path / "r.html"
    with path.open("wb") as sink:
        write_page([("", plain(1))], sink, title="T")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert "The documents are shown by a script inside this file" in page.inner_text("noscript")
    context.close()


def test_an_empty_report_and_a_document_without_layers_open(open_report):
    assert found(open_report([]).page) == "0 of 0 documents"
    bare = make_document("bare", "")
    opened = open_report([bare, make_document("x", "x", layers=(Layer("gold"),))])
    assert opened.page.inner_text("#document-title") == "bare"
    assert opened.troubles == []


def test_data_survives_as_it_is(open_report):
    text = "\u2028\u2029\x01 </script> \ufeff <!-- \U0001f600\r\n é"
    link = Link("a<b>&amp;")
    mention = Mention("1", 2, 3, "<L>", (link,))
    document = make_document("<id>", text, layers=(Layer("gold", mentions=(mention,)),))
    page = open_report([document]).page
    assert page.evaluate("documents[0].t") == text
    assert json.loads(page.evaluate("JSON.stringify(tables.entities)")) == [
        ["a<b>&amp;", "", "", ""]
    ]
