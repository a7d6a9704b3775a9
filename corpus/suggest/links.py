"""Documents with mentions -> the same with candidates for each: the `silver` layer of task links.

Its mentions are those of the spans layer, with the same ids, spans and labels. Each has up to
nine candidates and one link: the best one from the threshold on, else NIL. Nothing is judged by
it, and the spans layers stay as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import msgspec
from msgspec import Struct

from corpus.kb.candidates import MOST, Ranked, joined, rank
from corpus.kb.knowledge_base import KB
from corpus.manifest import Stage
from corpus.model import (
    NIL,
    Candidate,
    Change,
    Document,
    Layer,
    Link,
    Mention,
    count_mentions,
    layer_of,
    with_layer,
)
from corpus.store import encode_line
from corpus.suggest.aliases import Match, Reading, find_aliases
from corpus.suggest.introductions import given_names, introduced
from corpus.suggest.silver import (
    SILVER,
    Line,
    Outcome,
    account_layer,
    collect,
    decode_documents,
    open_kb,
    run_lines,
)


class LinkOptions(Struct, frozen=True):
    """What the person chose: the knowledge base, the layer with the mentions, the threshold.

    `without` are document rules that are off.
    """

    kb: str
    layer: str = "gold"
    threshold: float = 0.6
    replace: bool = False
    without: tuple[str, ...] = ()


class Ceiling(Struct, frozen=True):
    """What the candidates could give at best, where the layer's links say what is right."""

    known: int = 0
    first: int = 0
    among: int = 0
    nil: int = 0
    confirmed: int = 0

    def __str__(self) -> str:
        """One line for a person."""
        linked = self.known - self.nil
        return (
            f"of {self.known:,} known links, one Enter would confirm "
            f"{_share(self.confirmed, self.known)}; "
            f"of {linked:,} to an entity, recall@1 is {_share(self.first, linked)}, "
            f"recall@{MOST} {_share(self.among, linked)}"
        )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "not known"


def ceiling_of(notes: dict[str, object]) -> Ceiling | None:
    """The ceiling that a stage's notes tell; None where no link was known."""
    found = {name: notes.get(note, 0) for name, note in _CEILING.items()}
    return msgspec.convert(found, Ceiling) if found["known"] else None


_CEILING = {
    "known": "known links",
    "first": "known links, first candidate",
    "among": "known links, among the candidates",
    "nil": "known links, NIL",
    "confirmed": "known links, confirmed by one Enter",
}


def suggest_link_lines(
    lines: Iterable[Line],
    stage: Stage,
    options: LinkOptions,
    *,
    workers: int = 1,
    scheduler: str = "",
) -> Iterator[bytes]:
    """The lines of Document JSONL, each with a silver links layer; (where, line) come in.

    The bytes are the same for any number of workers. A document without the spans layer goes on
    as it is and is counted; one that has a silver links layer is a reject unless
    `options.replace`. Raises StoreError for a line that is no sound document.
    """
    work = partial(_suggest_chunk, options=options)
    yield from collect(run_lines(work, lines, workers, scheduler), stage)


def _suggest_chunk(lines: list[Line], *, options: LinkOptions) -> Outcome:
    outcome = Outcome()
    kb = open_kb(options.kb, options.without)
    for document in decode_documents(lines):
        outcome.documents.received += 1
        mentions = count_mentions(document)
        outcome.mentions.received += mentions
        if layer_of(document, SILVER, "links") is not None and not options.replace:
            reason = "it has a silver links layer already; --replace makes a new one"
            outcome.documents.rejected += 1
            outcome.mentions.rejected += mentions
            outcome.changes.append(Change(kind="rejected", document=document.id, reason=reason))
            continue
        outcome.lines.append(encode_line(_suggest(document, kb, options, outcome)))
    return outcome


def _suggest(document: Document, kb: KB, options: LinkOptions, outcome: Outcome) -> Document:
    spans = layer_of(document, options.layer)
    if spans is None:
        outcome.notes[f"documents without a layer {options.layer}"] += 1
        outcome.documents.kept += 1
        outcome.documents.written += 1
        outcome.mentions.kept += count_mentions(document)
        outcome.mentions.written += count_mentions(document)
        return document
    layer = suggest_links(document, spans, kb, threshold=options.threshold)
    for known, mention in zip(spans.mentions, layer.mentions, strict=True):
        _tell(known, mention, outcome.notes)
    account_layer(document, layer, outcome)
    return with_layer(document, layer)


def suggest_links(document: Document, spans: Layer, kb: KB, *, threshold: float) -> Layer:
    """The silver links layer for these spans: the same mentions, each with candidates and a link.

    Candidates are ranked as those of the silver spans layer are, whatever the mention's label.
    """
    text = document.text
    reading = Reading(kb, text)
    given = [Match(m.start, m.end, tuple(kb.lookup(text[m.start : m.end]))) for m in spans.mentions]
    reading.names = given
    matches = [*given, *find_aliases(reading)]
    names, hints = introduced(kb, text, matches), given_names(kb, text, matches)
    ranked: dict[str, Sequence[Ranked]] = {}
    mentions = []
    for mention, match in zip(spans.mentions, given, strict=True):
        surface = text[mention.start : mention.end]
        if surface not in ranked:
            key = kb.folding.key_of(surface)
            meant = names.get(key, {})
            postings = joined(joined(match.postings, meant), hints.get(key, {}))
            ranked[surface] = rank(kb, postings, surface, reading.context, named=meant, most=MOST)
        mentions.append(_with_candidates(mention, ranked[surface], kb, threshold))
    return Layer(name=SILVER, task="links", mentions=tuple(mentions))


def _with_candidates(
    mention: Mention, ranked: Sequence[Ranked], kb: KB, threshold: float
) -> Mention:
    sure = bool(ranked) and ranked[0].score >= threshold
    target = ranked[0].entity.id if sure else NIL
    return Mention(
        id=mention.id,
        start=mention.start,
        end=mention.end,
        label=mention.label,
        links=(Link(target=target, kb=kb.info.name, kb_hash=kb.info.hash),),
        candidates=tuple(
            Candidate(kb_id=one.entity.id, prior=one.prior, score=one.score, label=one.entity.label)
            for one in ranked
        ),
        source="kb",
    )


def _tell(known: Mention, mention: Mention, notes: Counter[str]) -> None:
    """Count what an annotator will meet, and what is right as far as it is known."""
    linked = mention.links[0].target != NIL
    notes["linked"] += linked
    notes["NIL"] += not linked
    notes["without candidates"] += not mention.candidates
    targets = [link.target for link in known.links if link.role == "literal"]
    if not targets:
        return
    right = targets[0]
    ids = [candidate.kb_id for candidate in mention.candidates]
    # The best candidate is preselected, whether or not the machine was sure of it.
    preselected = ids[0] if ids else NIL
    notes[_CEILING["known"]] += 1
    notes[_CEILING["nil"]] += right == NIL
    notes[_CEILING["first"]] += ids[:1] == [right]
    notes[_CEILING["among"]] += right in ids
    notes[_CEILING["confirmed"]] += right == preselected
