"""From matches and entities to mentions with candidates and, where it is clear, a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct

from corpus.kb.candidates import MOST, Ranked, rank, terms_of
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.model import NIL, Candidate, Link, Mention, longest_mentions
from corpus.suggest.aliases import Match
from corpus.suggest.labels import label_of
from corpus.suggest.pipeline import Found


class Options(Struct, frozen=True):
    """What the person chose. `labels` empty: all; `nil`: judge absent what no candidate clears."""

    kb: str = ""
    model: str = ""
    threshold: float = 0.6
    labels: tuple[str, ...] = ()
    nil: bool = False
    replace: bool = False


@dataclass
class Context:
    """The words around the mentions of one text, counted only if somebody asks."""

    kb: KB
    text: str

    @cached_property
    def terms(self) -> frozenset[str]:
        """The text's words that may speak for a candidate."""
        return terms_of(self.kb, self.text)


def make_mentions(
    kb: KB | None,
    text: str,
    matches: Iterable[Match],
    entities: Sequence[Found],
    options: Options,
    notes: Counter[str],
) -> list[Mention]:
    """The text's mentions, none overlapping another.

    A match and an entity of one span become one mention. Of two that overlap the longer stays,
    the match if they are equally long; what gives way is counted in `notes`.
    """
    by_span = {(found.start, found.end): found for found in entities}
    context = Context(kb, text) if kb is not None else None
    mentions = []
    for match in matches:
        found = by_span.pop((match.start, match.end), None)
        if context is not None:
            mentions.append(_of_match(context, match, found, options))
    for found in by_span.values():
        mentions.append(_of_entity(context, text, found, options))
    chosen = list(longest_mentions(sorted(mentions, key=lambda m: m.source.startswith("model"))))
    if len(chosen) < len(mentions):
        notes["left out, overlapped by a longer one"] += len(mentions) - len(chosen)
    if options.labels:
        wanted = [mention for mention in chosen if mention.label in options.labels]
        for mention in chosen:
            if mention.label not in options.labels:
                notes[f"left out, {mention.label} not in --labels"] += 1
        return wanted
    return chosen


def _of_match(context: Context, match: Match, found: Found | None, options: Options) -> Mention:
    ranked = _ranked(context, match.postings, context.text[match.start : match.end])
    best = label_of(ranked[0].entity.type)
    return Mention(
        id="",
        start=match.start,
        end=match.end,
        label=found.label if found is not None and best == "MISC" else best,
        links=_links(context.kb, ranked, options),
        candidates=_candidates(ranked),
        source=f"kb+model:{options.model}" if found is not None else "kb",
    )


def _of_entity(context: Context | None, text: str, found: Found, options: Options) -> Mention:
    """An entity that is no match: the knowledge base may know it under a guarded alias."""
    ranked: list[Ranked] = []
    if context is not None:
        surface = text[found.start : found.end]
        ranked = _ranked(context, context.kb.lookup(surface), surface)
        ranked = [one for one in ranked if label_of(one.entity.type) == found.label]
    return Mention(
        id="",
        start=found.start,
        end=found.end,
        label=found.label,
        links=_links(context.kb, ranked, options) if context is not None else (),
        candidates=_candidates(ranked),
        source=f"model:{options.model}",
    )


def _ranked(context: Context, postings: Sequence[Posting], surface: str) -> list[Ranked]:
    # One candidate needs no context to be the best.
    terms = context.terms if len(postings) > 1 else ()
    return rank(context.kb, postings, surface, terms)[:MOST]


def _candidates(ranked: Sequence[Ranked]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(kb_id=one.entity.id, prior=one.prior, score=one.score, label=one.entity.label)
        for one in ranked
    )


def _links(kb: KB, ranked: Sequence[Ranked], options: Options) -> tuple[Link, ...]:
    if ranked and ranked[0].score >= options.threshold:
        return (Link(target=ranked[0].entity.id, kb=kb.info.name, kb_hash=kb.info.hash),)
    if options.nil:
        return (Link(target=NIL, kb=kb.info.name, kb_hash=kb.info.hash),)
    return ()
