"""The figures of a corpus as HTML: charts, tables, the balance and the leaks of its splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpus.manifest import Manifest
from corpus.report.agreement import agreement_tables
from corpus.report.charts import COLOURS, bar_chart, share_chart, table
from corpus.report.figures import JUDGED, Figures
from corpus.report.leaks import Leak

_STATES = ("confirmed", "touched", "untouched")


def overview(
    figures: Figures,
    leaks: Sequence[Leak] = (),
    *,
    agreement: Mapping[str, Any] | None = None,
    manifest: Manifest | None = None,
) -> str:
    """The figures as HTML, what there is nothing of left out."""
    layers = {name: f"c{at % COLOURS}" for at, name in enumerate(figures.links)}
    parts = [
        _facts(figures),
        _stage(manifest) if manifest is not None else "",
        bar_chart(
            "Mentions by label",
            {name: labels for name, labels in figures.labels.items() if labels},
            unit="Mentions",
            colours=layers,
        ),
        share_chart(
            "Mentions with a link, judged absent (NIL), or not judged",
            figures.links,
            unit="Links",
            colours=dict(zip(JUDGED, ("c0", "c1", "c7"), strict=True)),
        ),
        share_chart(
            "Documents that annotators have confirmed, touched, or not touched",
            figures.states,
            unit="States",
            colours=dict(zip(_STATES, ("c0", "c1", "c7"), strict=True)),
        ),
        _splits(figures, leaks),
        agreement_tables(agreement) if agreement else "",
    ]
    return "".join(parts)


def _facts(figures: Figures) -> str:
    languages = ", ".join(f"{name} {number:,}" for name, number in figures.languages.most_common(8))
    rows: list[list[object]] = [
        ["documents", figures.documents],
        ["characters", figures.characters],
        ["languages", languages],
        ["layers", ", ".join(figures.links) or "none"],
    ]
    if len([name for name in figures.states if name.startswith("annotator:")]) > 1:
        rows.append(["documents on which annotators disagree", figures.disputed_documents])
        rows.append(["places on which they disagree", figures.disagreements])
    return f"<h3>The corpus</h3>{table(['', 'figure'], rows)}"


def _stage(manifest: Manifest) -> str:
    rows: list[list[object]] = [
        [what, *(getattr(manifest.documents, what), getattr(manifest.mentions, what))]
        for what in manifest.documents.__struct_fields__
    ]
    title = f"What corpus {manifest.command} counted"
    counts = table(["", "documents", "mentions"], rows, caption=title)
    notes = [
        [name.replace("_", " "), note]
        for name, note in manifest.notes.items()
        if type(note) is int and note
    ]
    return counts + (table(["", "number"], notes, caption="What it noted") if notes else "")


def _splits(figures: Figures, leaks: Sequence[Leak]) -> str:
    if not figures.splits:
        return ""
    shares = {
        split: {label: count / (labels.total() or 1) for label, count in labels.items()}
        for split, labels in figures.split_labels.items()
    }
    colours = {split: f"c{at % COLOURS}" for at, split in enumerate(figures.splits)}
    balance = [
        [split, number, figures.split_labels[split].total()]
        for split, number in figures.splits.items()
    ]
    return (
        "<h3>Splits</h3>"
        + table(["split", "documents", "mentions"], balance)
        + bar_chart("Share of each label, by split", shares, unit="Shares", colours=colours)
        + _leaks(leaks)
    )


def _leaks(leaks: Sequence[Leak]) -> str:
    head = [
        "later split, against",
        "documents with an equal text",
        "documents with a shared paragraph",
        "mentions whose name was seen",
        "links whose entity was seen",
    ]
    rows = [
        [
            f"{leak.later}, against {leak.earlier}",
            f"{leak.equal_texts:,} of {leak.documents:,}",
            f"{leak.shared_paragraphs:,} of {leak.documents:,}",
            _part(leak.seen_surfaces, leak.mentions),
            _part(leak.seen_entities, leak.linked),
        ]
        for leak in leaks
    ]
    caption = "Leaks: what a split shares with an earlier one (paragraphs of 80 characters or more)"
    return table(head, rows, caption=caption) if rows else ""


def _part(some: int, all_: int) -> str:
    return f"{some:,} of {all_:,} ({some / all_:.0%})" if all_ else "none"
