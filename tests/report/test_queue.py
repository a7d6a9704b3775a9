"""The audit on the page: found by kind, label and document; to the place, to Doccano, and back."""

import pytest

from corpus.errors import DataError
from corpus.model import Layer, Mention, make_document
from corpus.report.queue import Finding, Queue
from tests.report.annotated import TEXT, plain, voted

CITY = TEXT.index("Minsk")
NAME = TEXT.index("Åsa")
ARABIC = TEXT.index("الروسي")
FINDINGS = (
    Finding(
        "label-variant", 0.9, "labelled GPE here", "osce.txt", CITY, CITY + 5, "Minsk", "GPE", "2"
    ),
    Finding("missed-mention", 0.8, "not marked", "osce.txt", NAME, NAME + 3, "Åsa", "PER"),
    Finding("boundary", 0.7, "article inside here", "d1", 21, 25, "Kyiv", "GPE"),
    Finding("missed-mention", 0.6, "in Arabic", "osce.txt", ARABIC, ARABIC + 6, "الروسي", "PER"),
    Finding("rare-label", 0.5, "of another file", "elsewhere", 1, 2, "x", "GPE"),
    Finding("debug-data", 0.5, "low number of examples"),
)


def ways(document, span):
    hidden = ("eve", "javascript:alert(1)")
    return [("news.ann.1", f"https://example.org/{document.id}?{span[0]}"), hidden]


def opened_audit(open_report, findings=FINDINGS, **options):
    documents = [plain(1), voted(), plain(2)]
    opened = open_report(documents, queue=Queue(findings, ways), **options)
    opened.page.click("#tab-audit")
    return opened


def shown_rows(page):
    return page.locator("#audit-rows .row-title").all_inner_texts()


def narrow(page, name, value):
    if name == "text":
        page.fill("#audit-text", value)
    else:
        page.select_option(f"#audit-{name}", label=value)
    page.evaluate("clearTimeout(waiting); applyAuditFilters()")


pytestmark = pytest.mark.browser


def test_queue_is_listed_as_ranked_and_filtered_by_kind_label_and_document(open_report):
    opened = opened_audit(open_report)
    page = opened.page
    everything = ["Minsk", "Åsa", "Kyiv", "الروسي", "x", "the whole corpus"]
    assert shown_rows(page) == everything
    facts = page.inner_text("#audit-rows .row-facts >> nth=0")
    assert facts == "0.90 label-variant · labelled GPE here"
    for name, value, words in (
        ("kind", "missed-mention", ["Åsa", "الروسي"]),
        ("label", "GPE", ["Minsk", "Kyiv", "x"]),
        ("text", "THE OSCE IN", ["Minsk", "Åsa", "الروسي"]),
        ("text", "d1", ["Kyiv"]),
        ("text", "kyiv", ["Kyiv"]),
        ("text", "nothing of it", []),
    ):
        narrow(page, name, value)
        assert shown_rows(page) == words
        assert page.inner_text("#audit-found") == f"{len(words)} of 6 findings"
        page.click("#audit-clear")
    assert shown_rows(page) == everything
    assert opened.troubles == []


def test_finding_leads_to_its_place_and_back_by_keys_alone(open_report):
    page = opened_audit(open_report).page
    page.click("#tab-documents")
    page.fill("#filter-text", "speaks of Kyiv")  # a filter that hides the document
    page.evaluate("clearTimeout(waiting); applyFilters()")
    page.click("#tab-audit")
    for name in ("audit-kind", "audit-label", "audit-text", "audit-clear", "audit-list"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == name
    assert page.get_attribute("#audit-list", "aria-activedescendant") == "finding-0"
    page.keyboard.press("Enter")
    assert page.is_visible("#view-documents")
    assert page.inner_text("#document-title") == "The OSCE in Minsk"
    name = "document.activeElement.getAttribute('aria-label')"
    said = "Minsk: GPE, Q2280, Q184 (metonymic), by gold; annotators disagree"
    assert page.evaluate(name) == f"{said}; doubted: labelled GPE here"
    assert page.inner_text("#document mark.doubted").startswith("Minsk")
    bar = page.get_by_role("region", name="Audit")
    assert bar.locator("p").inner_text() == (
        "1 of 6 findings: label-variant 0.90, Minsk: labelled GPE here"
    )
    bar.get_by_role("button", name="Next").press("Enter")
    assert page.evaluate(name) == "Åsa: not marked; doubted: not marked"
    assert page.locator("#document mark.doubted.unmarked").inner_text().startswith("Åsa")
    bar.get_by_role("button", name="Back to the audit").press("Enter")
    assert page.is_visible("#view-audit")
    assert page.evaluate("document.activeElement.id") == "audit-list"
    assert page.get_attribute("#audit-list", "aria-activedescendant") == "finding-1"
    page.click("#tab-documents")
    assert page.locator("#document :is(.doubt, mark.doubted)").count() == 0
    page.click("#tab-audit")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#view-figures")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#view-documents")


def test_doubt_is_gone_with_the_choice_of_another_document(open_report):
    page = opened_audit(open_report).page
    page.get_by_role("button", name="Show in the document").click()
    assert page.locator(".doubt").count() == 1
    page.focus("#list")
    page.keyboard.press("Home")
    assert page.inner_text("#document-title") == "d1"
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#document-title") == "The OSCE in Minsk"
    assert page.locator("#document :is(.doubt, mark.doubted)").count() == 0


def test_layer_that_is_doubted_is_shown(open_report):
    silver = Finding("broken-span", 0.9, "odd", "osce.txt", 0, 4, "KYIV", "LOC", "1")
    page = opened_audit(open_report, [silver]).page
    page.get_by_role("button", name="Show in the document").click()
    layers = page.locator(".layers label", has=page.locator("input:checked")).all_inner_texts()
    assert [text.split("\n")[1] for text in layers] == ["annotator:bob", "gold"]
    assert page.inner_text("#document mark.doubted").startswith("KYIV")


def test_place_that_gold_lacks_stays_unmarked_and_no_card_covers_it(open_report):
    missed = Finding("missed-mention", 0.9, "not marked", "osce.txt", 0, 4, "KYIV", "LOC")
    page = opened_audit(open_report, [missed]).page
    button = page.get_by_role("button", name="Show in the document")
    page.evaluate("document.getElementById('text').style.marginTop = '2rem'")
    button.click()
    assert page.inner_text("#document mark.doubted").split() == ["KYIV", "≠", "not", "marked"]
    assert page.inner_text("#card .surface") == "KYIV"


def test_ways_into_doccano_are_web_addresses_alone(open_report):
    page = opened_audit(open_report).page
    links = page.locator("#finding a")
    assert links.all_inner_texts() == ["Open in Doccano: news.ann.1"]
    assert links.get_attribute("href") == f"https://example.org/osce.txt?{CITY}"
    assert links.get_attribute("rel") == "noopener noreferrer"
    assert "Open in Doccano: eve" in page.inner_text("#finding .doings")
    page.get_by_role("button", name="Show in the document").click()
    assert page.locator(".doubt a").get_attribute("href") == f"https://example.org/osce.txt?{CITY}"


def test_passage_runs_from_the_right_where_its_text_does(open_report):
    text = "التقى وزير الخارجية الروسي في جنيف"
    at = text.index("جنيف")
    document = make_document("ar", text, lang="ar", layers=(Layer("gold"),))
    queue = Queue([Finding("missed-mention", 0.9, "not marked", "ar", at, at + 4, "جنيف", "GPE")])
    page = open_report([document], queue=queue).page
    page.click("#tab-audit")
    passage = page.locator(".passage")
    assert passage.evaluate("(each) => getComputedStyle(each).direction") == "rtl"
    assert passage.get_attribute("lang") == "ar"
    assert passage.inner_text() == text
    box, mark = passage.bounding_box(), passage.locator("mark").bounding_box()
    page.get_by_role("button", name="Show in the document").click()
    assert page.inner_text("#document mark.doubted").startswith("جنيف")
    assert mark["x"] + mark["width"] < box["x"] + box["width"] - 50


def test_what_has_no_document_here_says_so(open_report):
    page = opened_audit(open_report).page
    narrow(page, "kind", "rare-label")
    assert "Its document is not in this file." in page.inner_text("#finding")
    page.focus("#audit-list")
    page.keyboard.press("Enter")
    assert page.is_visible("#view-audit")
    narrow(page, "kind", "debug-data")
    assert page.inner_text("#finding h2") == "The whole corpus"
    assert page.locator("#finding button, #finding a").count() == 0


def test_documents_that_are_not_listed_keep_their_way_into_doccano(open_report):
    page = opened_audit(open_report, limit=1).page
    assert "Its document is not in this file." in page.inner_text("#finding")
    assert page.locator("#finding a").count() == 1


def test_no_audit_no_tab_and_an_empty_one_says_so(open_report):
    page = open_report([voted()]).page
    assert page.is_hidden("#tab-audit")
    page.focus("#tab-documents")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#view-figures")
    page = opened_audit(open_report, []).page
    assert page.inner_text("#finding") == "The audit found nothing."
    assert page.inner_text("#audit-found") == "0 of 0 findings"


def test_thousands_of_findings_draw_no_more_rows_than_fit(open_report):
    documents = [plain(number) for number in range(2000)]
    findings = [
        Finding("boundary", 0.5, "odd", d.id, m.start, m.end, "Kyiv", m.label)
        for d in documents
        for m in d.layers[0].mentions
    ] * 10
    page = open_report(documents, queue=Queue(findings, ways)).page
    page.click("#tab-audit")
    assert page.locator("#audit-rows .row").count() < 30
    page.focus("#audit-list")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.inner_text("#document-title") == "d1999"
    assert page.inner_text("#document mark.doubted").startswith("Kyiv")


def test_findings_of_another_text_are_refused():
    queue = Queue([Finding("boundary", 0.5, "odd", "osce.txt", 0, 4, "Kyiv", "GPE")])
    with pytest.raises(DataError) as caught:
        queue.add(voted(), 0)
    assert str(caught.value) == (
        "document 'osce.txt': the audit found 'Kyiv' at 0-4, and there stands 'KYIV'; audit these "
        "documents again: corpus check PATH --audit -o FILE"
    )
    mention = Mention("", 0, 4, "GPE")
    other = make_document("a", "KYIV", layers=(Layer("gold", mentions=(mention,)),))
    queue.add(other, 1)
    assert queue.strange == 0
