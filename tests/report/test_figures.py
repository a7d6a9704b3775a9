"""The figures, the leaks between splits, and what is drawn of them."""

import re

from corpus.manifest import Manifest
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


def figure(value):
    return {"value": value, "low": 0.5, "high": 0.9}


def test_agreement_has_figures_matrices_and_the_lowest_documents():
    none = {"value": None}
    html = agreement_tables(
        {
            "documents": {"given": 9, "compared": 4},
            "confidence": 95.0,
            "overall": {"type": {"f1": figure(0.7), "alpha": {"value": 0.25}}, "nil": {"f1": none}},
            "pairs": [
                {"annotators": ["ann", "bob"], "type": {"f1": figure(0.85)}, "nil": {"f1": none}},
                {"annotators": ["bob", "eve<"], "type": {"f1": {"value": 0.5}}},
            ],
            "labels": {},
            "per_document": [
                {"id": "b", "f1": 0.5, "differing": 3, "annotators": ["ann", "bob"]},
                {"id": "a", "f1": 0.25, "differing": 1, "annotators": ["bob", "ann"]},
            ],
        }
    )
    assert "4 of 9 documents were confirmed by two annotators or more" in html
    bare = [[re.sub("<[^>]*>", "", cell) for cell in row] for row in cells(html)]
    assert bare == [
        ["", "F1", "Krippendorff's α".replace("'", "&#x27;")],
        ["type", "0.700 (0.50–0.90)", "0.250"],
        ["", "ann", "bob", "eve&lt;"],
        ["ann", "–", "0.850 (0.50–0.90)", "–"],
        ["bob", "0.850 (0.50–0.90)", "–", "0.500"],
        ["eve&lt;", "–", "0.500", "–"],
        ["document", "F1", "mentions that differ", "annotators"],
        ["a", "0.250", "1", "bob, ann"],
        ["b", "0.500", "3", "ann, bob"],
    ]
    assert html.count('class="shade c2"') == html.count('class="shade c4"') == 2


def test_what_the_stage_counted_is_told():
    manifest = Manifest("split", notes={"newly_placed": 3, "zero": 0, "splits": {}})
    manifest.documents.written = 3
    shown = cells(overview(Figures(), manifest=manifest))
    assert ["written", "3", "0"] in shown and ["newly placed", "3"] in shown
    assert ["zero", "0"] not in shown
