"""The audit of a layer: every doubt, ranked, and the documents to look at again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from corpus.audit.debug_data import MOST, debug_data
from corpus.audit.doubts import Doubt, doubt_of, in_rank
from corpus.audit.habits import Habits, learn_habits
from corpus.audit.missed import Names
from corpus.audit.rules import doubts_about, doubts_about_labels
from corpus.formats.layers import choose_layer
from corpus.model import Document, Layer

Read = Callable[[str], Iterable[Document]]
"""The documents anew, each time it is called with the name of the reading."""

FINDINGS = "audit"
"""The metadata key of a document's findings, in a file for review."""

_SHOWN = 100  # characters of a title that an annotator sees


def audit(read: Read, *, layer: str, with_debug_data: bool = True) -> tuple[list[Doubt], Habits]:
    """Every doubt about the layer, the surest first, and the habits that they rest on.

    The documents are read three times, and once more for `spacy debug data`.
    """
    habits = learn_habits(read("learn"), layer)
    names = Names(habits)
    for document, chosen in _with_layer(read("count"), layer):
        names.count(document, chosen)
    rare = {label: (score, reason) for label, score, reason in doubts_about_labels(habits)}
    doubts: list[Doubt] = []
    languages: set[str] = set()
    for document, chosen in _with_layer(read("audit"), layer):
        languages.add(document.lang)
        doubts += doubts_about(document, chosen, habits)
        doubts += names.doubts(document, chosen)
        doubts += _rare_labels(document, chosen, rare)
    if with_debug_data and habits.mentions:
        lang = languages.pop() if len(languages) == 1 else "xx"
        some = islice((document for document, _ in _with_layer(read("debug data"), layer)), MOST)
        doubts += debug_data(some, layer=layer, lang=lang or "xx")
    return in_rank(doubts), habits


def _with_layer(documents: Iterable[Document], layer: str) -> Iterator[tuple[Document, Layer]]:
    for document in documents:
        chosen = choose_layer(document, layer)
        if chosen is not None:
            yield document, chosen


def _rare_labels(
    document: Document, layer: Layer, rare: dict[str, tuple[float, str]]
) -> Iterator[Doubt]:
    for mention in layer.mentions:
        if mention.label in rare:
            score, reason = rare[mention.label]
            yield doubt_of(document, mention, kind="rare-label", score=score, reason=reason)


def documents_for_review(documents: Iterable[Document], doubts: Sequence[Doubt]) -> list[Document]:
    """The documents with doubts, the one of the surest first, each with its findings beside it.

    The annotator reads the surest of them as the title (push shows it); all stand in the
    metadata as `audit`, the document's own title as `title_before`. The layers are unchanged.
    """
    findings: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        if doubt.document:
            findings.setdefault(doubt.document, []).append(doubt)
    place = {id: at for at, id in enumerate(findings)}
    chosen = [document for document in documents if document.id in findings]
    chosen.sort(key=lambda document: place[document.id])
    return [_with_findings(document, findings[document.id]) for document in chosen]


def _with_findings(document: Document, doubts: Sequence[Doubt]) -> Document:
    told = [f"{d.surface!r} {d.start}-{d.end}: {d.reason}" for d in doubts]
    title = told[0] if len(told) == 1 else f"{told[0]} (+{len(told) - 1})"
    if len(title) > _SHOWN:
        title = title[: _SHOWN - 1] + "…"
    meta = dict(document.meta)
    if "title" in meta:
        meta["title_before"] = meta["title"]
    return replace(document, meta=meta | {"title": title, FINDINGS: told})
