"""Documents in the order in which to annotate them; the lines wait in a temporary file."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from corpus.files import atomic_output
from corpus.formats.layers import choose_layer
from corpus.manifest import Stage
from corpus.model import Document, Layer, count_mentions, layer_of
from corpus.ranking.signals import SIGNALS, Signals, signals_of
from corpus.store import encode_line


class Ranked(Struct, frozen=True, tag_field="type", tag="ranked/1", forbid_unknown_fields=True):
    """One line beside the ranked documents: a document's place, its score and what makes it."""

    document: str
    rank: int
    score: float
    uncertainty: float
    rarity: float
    ambiguity: float
    closeness: float
    mentions: int
    annotated: bool


def ranks_path(output: Path) -> Path:
    """Where the scores of ranked documents stand."""
    return Path(f"{output}.ranks.jsonl")


def write_ranked(
    documents: Iterable[Document],
    output: Path,
    stage: Stage,
    *,
    layer: str,
    known: Mapping[str, int],
    weights: Mapping[str, float],
) -> None:
    """Write the documents unchanged, those worth most first, and a Ranked for each beside them.

    Those without mentions come after them, those with gold last.
    """
    rows: list[tuple[bool, float, str, Signals]] = []
    ends = array("Q", [0])
    with tempfile.TemporaryFile(prefix="corpus-rank-") as waiting:
        for document in documents:
            _count(document, stage)
            signals = signals_of(_suggested(document, layer), known)
            annotated = choose_layer(document, "gold") is not None
            score = score_of(signals, weights)
            rows.append((annotated, -score, document.id, signals))
            ends.append(ends[-1] + waiting.write(encode_line(document)))
        order = sorted(range(len(rows)), key=lambda at: rows[at][:3])
        with atomic_output(output) as sink, atomic_output(ranks_path(output)) as beside:
            for rank, at in enumerate(order, 1):
                waiting.seek(ends[at])
                sink.write(waiting.read(ends[at + 1] - ends[at]))
                beside.write(encode_line(_ranked(rank, *rows[at])))
    stage.wrote([output, ranks_path(output)])
    stage.manifest.notes["already annotated, at the end"] = sum(row[0] for row in rows)
    stage.manifest.notes["without mentions"] = sum(not row[3].mentions for row in rows)


def _suggested(document: Document, name: str) -> Layer | None:
    """The layer with candidates: that of links where there is one, else that of spans."""
    return layer_of(document, name, "links") or choose_layer(document, name)


def score_of(signals: Signals, weights: Mapping[str, float]) -> float:
    """The weighted mean of the signals."""
    values: dict[str, float] = {name: getattr(signals, name) for name in SIGNALS}
    whole = sum(weights.values())
    return round(sum(values[name] * weight for name, weight in weights.items()) / whole, 6)


def _ranked(rank: int, annotated: bool, negative: float, document: str, signals: Signals) -> Ranked:
    return Ranked(
        document,
        rank,
        -negative,
        signals.uncertainty,
        signals.rarity,
        signals.ambiguity,
        signals.closeness,
        signals.mentions,
        annotated,
    )


def _count(document: Document, stage: Stage) -> None:
    for counts, number in ((stage.documents, 1), (stage.mentions, count_mentions(document))):
        counts.received += number
        counts.kept += number
        counts.written += number
