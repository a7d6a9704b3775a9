"""Documents in the order in which to annotate them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from corpus.files import atomic_output
from corpus.formats.layers import choose_layer
from corpus.manifest import Stage
from corpus.model import Document, Layer, count_mentions, layer_of
from corpus.ranking.scored import Scored
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


def score_documents(
    documents: Iterable[Document],
    *,
    layer: str,
    known: Mapping[str, int],
    weights: Mapping[str, float],
) -> Iterator[Scored]:
    """Each document with its score, in their order."""
    for document in documents:
        signals = signals_of(_suggested(document, layer), known)
        yield Scored(
            choose_layer(document, "gold") is not None,
            score_of(signals, weights),
            document.id,
            signals,
            count_mentions(document),
            encode_line(document),
        )


def write_ranked(rows: Iterable[Scored], output: Path, stage: Stage) -> None:
    """Write the documents as they come, unchanged, and a Ranked for each beside them."""
    annotated = bare = 0
    with atomic_output(output) as sink, atomic_output(ranks_path(output)) as beside:
        for rank, row in enumerate(rows, 1):
            sink.write(row.line)
            beside.write(encode_line(_ranked(rank, row)))
            _count(row, stage)
            annotated += row.annotated
            bare += not row.signals.mentions
    stage.wrote([output, ranks_path(output)])
    stage.manifest.notes["already annotated, at the end"] = annotated
    stage.manifest.notes["without mentions"] = bare


def _suggested(document: Document, name: str) -> Layer | None:
    """The layer with candidates: that of links where there is one, else that of spans."""
    return layer_of(document, name, "links") or choose_layer(document, name)


def score_of(signals: Signals, weights: Mapping[str, float]) -> float:
    """The weighted mean of the signals."""
    values: dict[str, float] = {name: getattr(signals, name) for name in SIGNALS}
    whole = sum(weights.values())
    return round(sum(values[name] * weight for name, weight in weights.items()) / whole, 6)


def _ranked(rank: int, row: Scored) -> Ranked:
    return Ranked(
        row.document,
        rank,
        row.score,
        row.signals.uncertainty,
        row.signals.rarity,
        row.signals.ambiguity,
        row.signals.closeness,
        row.signals.mentions,
        row.annotated,
    )


def _count(row: Scored, stage: Stage) -> None:
    for counts, number in ((stage.documents, 1), (stage.mentions, row.all_mentions)):
        counts.received += number
        counts.kept += number
        counts.written += number
