"""What `corpus agreement --json` found: figures with intervals, a matrix of pairs a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from corpus.report.charts import table

_FIGURES = {
    "f1": "F1",
    "overlap_f1": "overlapping F1",
    "cohen_kappa": "Cohen's κ",
    "fleiss_kappa": "Fleiss' κ",
    "alpha": "Krippendorff's α",
    "alpha_u": "α for unitizing",
    "gamma": "γ",
}
_STEPS = ((0.8, "c2"), (0.6, "c1"), (float("-inf"), "c4"))
_LOWEST = 20

Figure = Mapping[str, float | None]
Measures = Mapping[str, Mapping[str, Figure]]


def agreement_tables(agreement: Mapping[str, Any]) -> str:
    """The tables and matrices as HTML; what was not measured is left out."""
    documents = agreement.get("documents", {})
    parts = [
        "<h3>Agreement</h3>",
        f"<p>{documents.get('compared', 0):,} of {documents.get('given', 0):,} documents were "
        "confirmed by two annotators or more, and compared. In brackets: the interval of "
        f"{agreement.get('confidence', 95):g} %.</p>",
        _measures("Overall", agreement.get("overall", {})),
        *_matrices(agreement.get("pairs", [])),
        _measures("By label", agreement.get("labels", {})),
        _documents(agreement.get("per_document", [])),
    ]
    return "".join(parts)


def _measures(title: str, measures: Measures) -> str:
    found = {name: row for name, row in measures.items() if any(map(_value, row.values()))}
    head = [name for name in _FIGURES if any(_value(row.get(name)) for row in found.values())]
    rows = [[name, *(_cell(row.get(figure)) for figure in head)] for name, row in found.items()]
    return table(["", *(_FIGURES[each] for each in head)], rows, caption=title) if rows else ""


def _matrices(pairs: Sequence[Mapping[str, Any]]) -> list[str]:
    """F1 of each two annotators: who agrees with whom, a matrix a question."""
    people = sorted({name for pair in pairs for name in pair["annotators"]})
    questions = dict.fromkeys(key for pair in pairs for key in pair if key != "annotators")
    found = []
    for question in questions:
        values: dict[tuple[str, str], Figure] = {}
        for pair in pairs:
            figure = pair.get(question, {}).get("f1")
            if _value(figure):
                one, other = pair["annotators"]
                values[one, other] = values[other, one] = figure
        if values:
            found.append(_matrix(f"F1 of each two annotators: {question}", people, values))
    return found


def _matrix(title: str, people: list[str], values: Mapping[tuple[str, str], Figure]) -> str:
    heads = "".join(f'<th scope="col"><bdi>{escape(name)}</bdi></th>' for name in people)
    body = ""
    for row in people:
        cells = "".join(_shaded(values.get((row, column))) for column in people)
        body += f'<tr><th scope="row"><bdi>{escape(row)}</bdi></th>{cells}</tr>'
    return (
        f'<div class="scroll"><table class="matrix"><caption>{escape(title)}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _shaded(figure: Figure | None) -> str:
    value = figure.get("value") if figure else None
    if value is None:
        return "<td>–</td>"
    colour = next(colour for least, colour in _STEPS if value >= least)
    return f'<td class="shade {colour}">{escape(_cell(figure))}</td>'


def _documents(documents: Sequence[Mapping[str, Any]]) -> str:
    lowest = sorted(documents, key=lambda each: (each["f1"], each["id"]))[:_LOWEST]
    rows = [
        [each["id"], f"{each['f1']:.3f}", each["differing"], ", ".join(each["annotators"])]
        for each in lowest
    ]
    head = ["document", "F1", "mentions that differ", "annotators"]
    title = f"Documents with the lowest agreement, {_LOWEST} at most"
    return table(head, rows, caption=title) if rows else ""


def _value(figure: Figure | None) -> bool:
    return bool(figure) and figure is not None and figure.get("value") is not None


def _cell(figure: Figure | None) -> str:
    if figure is None or figure.get("value") is None:
        return ""
    low, high = figure.get("low"), figure.get("high")
    interval = f" ({low:.2f}–{high:.2f})" if low is not None and high is not None else ""
    return f"{figure['value']:.3f}{interval}"
