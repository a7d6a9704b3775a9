"""The curves on one HTML page that asks nothing of any network and runs no script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files

from corpus.curve.chart import curve_chart, label_chart
from corpus.curve.figures import Estimate, TaskCurve, sentence_of
from corpus.curve.plan import CONFIDENCE, CurvePlan, Task
from corpus.curve.training import ALL
from corpus.report.charts import table

_DRAWN = 12  # labels, the most frequent; the table has all
_NAMES = {"ner": "Mentions: ner", "links": "Links: entity_linker"}


def curve_page(
    title: str, curves: Mapping[Task, TaskCurve], plan: CurvePlan, *, train: int, dev: int
) -> str:
    """The whole page."""
    style = (files("corpus.curve") / "page.css").read_text("utf-8")
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    about = (
        f"Trained on up to {train:,} documents, scored on {dev:,} others; means of "
        f"{plan.seeds} seed{'s' * (plan.seeds > 1)}, {plan.steps:,} steps each. Intervals cover "
        f"{CONFIDENCE:g} %."
    )
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src '
            f"'sha256-{hashed}'; base-uri 'none'; form-action 'none'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>",
            f'<h1 dir="auto">{escape(title)}</h1>\n<p class="about">{about}</p>',
            *(part for task, each in curves.items() for part in _section(task, each, plan)),
            "</body>\n</html>\n",
        )
    )


def _section(task: Task, curve: TaskCurve, plan: CurvePlan) -> Iterator[str]:
    yield f"<h2>{_NAMES[task]}</h2>"
    yield f'<p class="says">{escape(sentence_of(task, curve, plan))}</p>'
    whole = [point.figures[curve.measure][ALL] for point in curve.points]
    caption = f"F by {curve.measure}, with intervals"
    drawing = curve_chart(f"{_NAMES[task]}, {caption}", curve.points, whole)
    yield f"<figure><figcaption>{caption}</figcaption>{drawing}</figure>"
    yield _table(curve)
    labels = sorted((each for each in curve.gold if each), key=lambda each: -curve.gold[each])
    if labels:
        yield '<div class="labels">'
        for label in labels[:_DRAWN]:
            some = [point.figures[curve.measure][label] for point in curve.points]
            name = f"{label} ({curve.gold[label]:,} in dev)"
            drawing = label_chart(f"F of {label}", curve.points, some)
            yield (f'<figure><figcaption dir="auto">{escape(name)}</figcaption>{drawing}</figure>')
        yield "</div>"
        yield _label_table(curve, labels)


def _table(curve: TaskCurve) -> str:
    head = ["share", "documents", "mentions", "F", "interval", "precision", "recall"]
    rows = []
    for point in curve.points:
        found = point.figures[curve.measure][ALL]
        cells = [f"{100 * point.share:g}%", f"{point.documents:,}", f"{point.mentions:,.1f}"]
        cells += [_figure(found["fscore"]), _interval(found["fscore"])]
        rows.append([*cells, _figure(found["precision"]), _figure(found["recall"])])
    return table(head, rows)


def _label_table(curve: TaskCurve, labels: list[str]) -> str:
    head = ["label", "in dev", *(f"{point.documents:,} documents" for point in curve.points)]
    rows = []
    for label in labels:
        found = [point.figures[curve.measure][label]["fscore"] for point in curve.points]
        cells = [f"{_figure(each)} ({_interval(each)})" for each in found]
        rows.append([label, f"{curve.gold[label]:,}", *cells])
    return table(head, rows, caption="F by label")


def _figure(estimate: Estimate) -> str:
    return f"{estimate.value:.3f}"


def _interval(estimate: Estimate) -> str:
    return f"{estimate.low:.3f}–{estimate.high:.3f}"
