"""The figures of agreement as tables for people, and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from corpus.gold.agreement import Agreements, DocumentAgreement
    from corpus.gold.agreement_figures import Figure, Key

    Figures = Mapping[Key, Figure]

_ASPECTS = ("boundary", "type", "link", "nil")
_OVERALL = {
    "f1": "F1",
    "overlap_f1": "overlapping F1",
    "fleiss_kappa": "Fleiss' kappa",
    "alpha": "alpha",
    "alpha_u": "alpha_u",
}
_PAIR = {
    ("boundary", "f1"): "boundary F1",
    ("type", "f1"): "type F1",
    ("type", "cohen_kappa"): "type kappa",
    ("type", "alpha_u"): "alpha_u",
    ("link", "cohen_kappa"): "link kappa",
    ("nil", "cohen_kappa"): "NIL kappa",
}
_LABEL = {"f1": "F1", "overlap_f1": "overlapping F1", "alpha": "alpha", "alpha_u": "alpha_u"}
_WIDE = 200  # columns of a table that nobody's terminal limits


def agreement_json(
    source: str,
    settings: Mapping[str, Any],
    found: Agreements,
    figures: Figures,
    gammas: Mapping[str, float] | None,
) -> str:
    """Every figure, nested by its key, and every document."""
    between = found.between
    result: dict[str, Any] = {
        "source": source,
        **settings,
        "documents": {"given": between.given, "compared": len(between.ids)},
        "annotators": dict(sorted(between.confirmed.items())),
        "overall": {},
        "pairs": _pairs_json(figures, "pair"),
        "labels": {},
        "passes": _pairs_json(figures, "passes"),
        "anchoring": {},
    }
    for (section, *names), figure in figures.items():
        if section in ("overall", "label", "anchoring"):
            place = result["labels" if section == "label" else section]
            for name in names[:-1]:
                place = place.setdefault(name or "all", {})
            place[names[-1]] = _shown(figure)
    result["per_document"] = [_document_json(one, gammas) for one in _worst_first(between)]
    if gammas is not None:
        result["gamma"] = {"mean": _mean(gammas), "documents": len(gammas)}
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode()


def _shown(figure: Figure) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": figure.value}
    if figure.low is not None:
        shown |= {"low": figure.low, "high": figure.high}
    return shown


def _pairs_json(figures: Figures, section: str) -> list[dict[str, Any]]:
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    for key, figure in figures.items():
        if key[0] == section:
            _, one, other, aspect, measure = key
            pair = pairs.setdefault((one, other), {"annotators": [one, other]})
            pair.setdefault(aspect, {})[measure] = _shown(figure)
    return list(pairs.values())


def _document_json(one: DocumentAgreement, gammas: Mapping[str, float] | None) -> dict[str, Any]:
    shares = {name: getattr(one, name) for name in ("f1", "links")}
    rounded = {name: None if of is None else round(of, 6) for name, of in shares.items()}
    told = {**one._asdict(), **rounded}
    if gammas and one.id in gammas:
        told["gamma"] = gammas[one.id]
    return told


def print_agreement(
    found: Agreements, figures: Figures, gammas: Mapping[str, float] | None, *, lowest: int
) -> None:
    """The tables that are not empty, on standard output."""
    between = found.between
    _line(
        f"{between.given:,} documents, {len(between.ids):,} confirmed by two annotators or more; "
        + ", ".join(f"{name} confirmed {n:,}" for name, n in sorted(between.confirmed.items()))
    )
    _table(
        "overall",
        list(_OVERALL.values()),
        (
            (aspect, [figures.get(("overall", aspect, measure)) for measure in _OVERALL])
            for aspect in _ASPECTS
        ),
    )
    if gammas is not None:
        _line(f"gamma: {_number(_mean(gammas))}, the mean of {len(gammas)} documents\n")
    for section, title in (("pair", "pairs"), ("passes", "passes of one person")):
        pairs = dict.fromkeys((key[1], key[2]) for key in figures if key[0] == section)
        _table(
            title,
            list(_PAIR.values()),
            (
                (" – ".join(pair), [_of_pair(figures, section, pair, which) for which in _PAIR])
                for pair in pairs
            ),
        )
    labels = dict.fromkeys(key[1] for key in figures if key[0] == "label")
    _table(
        "labels",
        list(_LABEL.values()),
        (
            (label, [figures.get(("label", label, measure)) for measure in _LABEL])
            for label in labels
        ),
    )
    _print_anchoring(figures)
    _print_documents(_worst_first(between)[:lowest])


def _of_pair(
    figures: Figures, section: str, pair: Sequence[str], which: Sequence[str]
) -> Figure | None:
    return figures.get((section, *pair, *which))


def _print_anchoring(figures: Figures) -> None:
    names = dict.fromkeys(key[1] for key in figures if key[0] == "anchoring")
    columns = [(aspect, which) for aspect in ("boundary", "type") for which in _ANCHORED]
    rows = [
        (name or "everybody", [figures["anchoring", name, a, w] for a, w in columns])
        for name in names
    ]
    if any(figure.value is not None for _, cells in rows for figure in cells):
        _table("F1 with the suggestions", [f"{a} {_ANCHORED[w]}" for a, w in columns], rows)


_ANCHORED = {"shown": "shown", "blind": "blind", "difference": "anchoring"}


def _print_documents(documents: Sequence[DocumentAgreement]) -> None:
    documents = [one for one in documents if one.differing or one.links_differing]
    if documents:
        _line("documents with the lowest agreement")
    for one in documents:
        names = ", ".join(one.annotators)
        differ = [
            f"{number:,} {what}"
            for number, what in ((one.differing, "mentions"), (one.links_differing, "links"))
            if number
        ]
        _line(f"  {one.lowest:.3f}  {' and '.join(differ)} differ  {one.id}  ({names})")


def _worst_first(between: Any) -> list[DocumentAgreement]:
    documents: list[DocumentAgreement] = between.documents
    return sorted(
        documents, key=lambda one: (one.lowest, -one.differing - one.links_differing, one.id)
    )


def _mean(gammas: Mapping[str, float]) -> float | None:
    return round(sum(gammas.values()) / len(gammas), 6) if gammas else None


def _table(
    title: str, head: Sequence[str], rows: Iterable[tuple[str, Sequence[Figure | None]]]
) -> None:
    """A table without the rows and columns in which nothing is defined."""
    told = [(name, [_cell(figure) for figure in cells]) for name, cells in rows]
    told = [(name, cells) for name, cells in told if any(cells)]
    if not told:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    used = [at for at in range(len(head)) if any(cells[at] for _, cells in told)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title)
    for at in used:
        table.add_column(head[at], justify="right", no_wrap=True)
    for name, cells in told:
        table.add_row(Text(_printable(name)), *(cells[at] or "-" for at in used))
    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, width=None if terminal else _WIDE, highlight=False)
    console.print(table)
    console.print()


def _cell(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return ""
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.2f}–{figure.high:.2f})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _line(text: str) -> None:
    print(_printable(text) if "\n" not in text else text)


def _printable(text: str) -> str:
    # An id or a name may hold anything: no control character reaches the terminal.
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
