"""The figures, the leaks between splits, and what is drawn of them."""

import re

from corpus.model import Layer, Link, Mention, make_document, with_ids
from corpus.report.agreement import agreement_tables
from corpus.report.charts import bar_chart, share_chart
from corpus.report.figures import Figures, layer_title
from corpus.report.leaks import Leak, Leaks
from corpus.report.overview import overview
from tests.report.annotated import voted

LONG = "This paragraph is long enough to be no headline, and wire agencies sell it to everybody."


def cells(html):
    rows = re.findall("<tr>(.*?)</tr>", html)
    return [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def document(id, text, *mentions):
    layer = Layer("gold", mentions=with_ids(mentions))
    return make_document(id, text, layers=(layer,))


def test_figures_count_by_layer_and_by_split():
    figures = Figures()
    figures.add(voted(), split="train")
    figures.add(make_document("bare", "x"), split="dev")
    assert (figures.documents, figures.splits) == (2, {"train": 1, "dev": 1})
    assert (figures.disputed_documents, figures.disagreements) == (1, 5)
    assert figures.labels["annotator:ann"] == {"ORG": 2, "EVENT": 1, "GPE": 1}
    assert figures.links["silver"] == {"linked": 1, "NIL": 1}
    assert figures.links["annotator:bob"] == {"not judged": 1}
    assert figures.states == {"annotator:ann": {"confirmed": 1}, "annotator:bob": {"touched": 1}}
    assert figures.split_labels["train"] == {"GPE": 1, "ORG": 1}
    assert layer_title("annotator:ann", "links", 2) == "annotator:ann (links, round 2)"


def test_leaks_are_texts_paragraphs_names_and_entities_seen_before():
    kyiv = Mention("", 0, 4, "GPE", (Link("Q1899"),))
    leaks = Leaks()
    leaks.add(document("a", f"Kyiv\n{LONG}", kyiv), "train")
    leaks.add(document("b", f"Kyiv!\n{LONG} ", kyiv), "dev")
    leaks.add(document("c", f"Kyiv\n{LONG}\n", kyiv), "test")
    leaks.add(document("d", "Rome is short", Mention("", 0, 4, "GPE", (Link("NIL"),))), "test")
    assert leaks.table() == [
        Leak("train", "dev", 1, 0, 1, 1, 1, 1, 1),
        Leak("train", "test", 2, 1, 1, 2, 1, 1, 1),
        Leak("dev", "test", 2, 0, 1, 2, 1, 1, 1),
    ]
    figures = Figures()
    figures.add(document("a", "Kyiv", kyiv), split="train")
    html = overview(figures, leaks.table())
    shared = ["1 of 2", "1 of 2", "1 of 2 (50%)", "1 of 1 (100%)"]
    assert ["test, against train", *shared] in cells(html)


def test_charts_draw_and_tell_the_same_numbers():
    series = {"ann": {"GPE": 3, "ORG<": 1}, "bob": {"GPE": 6}}
    html = bar_chart("Mentions", series, unit="Mentions", colours={"ann": "c0", "bob": "c1"})
    assert cells(html) == [["", "ann", "bob"], ["GPE", "3", "6"], ["ORG&lt;", "1", "0"]]
    widths = [float(w) for w in re.findall(r'<rect class="c\d" x="150"[^>]*width="([\d.]+)"', html)]
    assert widths == [215.0, 430.0, 71.7, 1.0]
    assert "style=" not in html
    shares = share_chart("Links", {"gold": {"linked": 1, "NIL": 3}}, unit="Links",
                         colours={"linked": "c0", "NIL": "c1"})  # fmt: skip
    assert re.findall(r'x="[\d.]+" y="12" width="([\d.]+)"', shares) == ["107.5", "322.5"]
    assert bar_chart("None", {}, unit="", colours={}) == ""
    assert share_chart("None", {"gold": {}}, unit="", colours={"linked": "c0"}) == ""


def test_what_a_chart_has_no_room_for_stands_in_its_table():
    many = {"gold": {f"LABEL {n:02}": 100 - n for n in range(60)}}
    html = bar_chart("Mentions", many, unit="Mentions", colours={"gold": "c0"})
    assert html.count('<text class="name"') == 40
    assert "20 more in the table" in html
    assert len(cells(html)) == 61


def test_agreement_is_shown_whatever_its_shape():
    html = agreement_tables(
        {"kappa": 0.81234, "f1": {"ann": {"bob": 0.5}}, "pairs": [{"a": "x", "n": [1, 2]}], "e": {}}
    )
    assert ["kappa", "0.812"] in cells(html)
    assert cells(html)[2:] == [["", "bob"], ["ann", "0.500"], ["a", "n"], ["x", "1, 2"]]
