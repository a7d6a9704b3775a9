"""From matches and entities to mentions with candidates and, where it is clear, a link."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from corpus.kb.candidates import MOST, Ranked, rank, sole
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.kb.standing import Standing, best, what_counts
from corpus.model import NIL, Candidate, Link, Mention, sort_mentions
from corpus.store import encode_line
from corpus.suggest.aliases import Match, Reading, find_aliases
from corpus.suggest.introductions import introduced, with_introduced
from corpus.suggest.labels import label_of
from corpus.suggest.pipeline import Found
from corpus.suggest.plain_words import without_plain_words

_KEPT = 10_000  # choices, a kilobyte or two each
_STANDINGS = 3_000  # names, a few kilobytes each
_SOURCE = "kb"
_BARE = b'{"id":"","start":0,"end":0'


class Options(Struct, frozen=True):
    """What the person chose. `labels` empty: all; `nil`: judge absent what no candidate clears.

    `without` are document rules that are off.
    """

    kb: str = ""
    model: str = ""
    threshold: float = 0.6
    labels: tuple[str, ...] = ()
    nil: bool = False
    replace: bool = False
    without: tuple[str, ...] = ()


class _Choice(NamedTuple):
    """What a mention says of its entity."""

    label: str
    links: tuple[Link, ...]
    candidates: tuple[Candidate, ...]
    written: bytes
    """A mention of it without a pipeline's word, as JSON from its label on."""


class Linker:
    """Chooses entities for mentions; remembers its choices, each with all that bears upon it."""

    def __init__(self, kb: KB, options: Options) -> None:
        self.kb = kb
        self.options = options
        self._sole: dict[Posting, _Choice] = {}
        self._standings: dict[str, tuple[object, Standing]] = {}
        self._chosen: dict[object, _Choice] = {}

    def read(self, text: str, lang: str = "") -> Reading:
        """The text as the knowledge base reads it, with its names: aliases and introduced ones."""
        reading = Reading(self.kb, text)
        matches = without_plain_words(self.kb, text, list(find_aliases(reading)), lang)
        reading.introduced = introduced(self.kb, text, matches)
        if reading.introduced:
            matches = with_introduced(reading, matches)
        reading.names = matches
        return reading

    def choose(self, reading: Reading, match: Match, memory: dict[str, _Choice]) -> _Choice:
        """The choice for a match; `memory` is that of one text, in which a name has one."""
        postings = match.postings
        if len(postings) == 1 and not match.named:
            choice = self._sole.get(postings[0])
            if choice is None:
                if len(self._sole) >= _KEPT:
                    self._sole.clear()
                choice = self._sole[postings[0]] = self._choice([sole(self.kb, postings[0])])
            return choice
        surface = reading.text[match.start : match.end]
        choice = memory.get(surface)
        if choice is None:
            choice = memory[surface] = self._choose(surface, match, reading)
        return choice

    def _choose(self, surface: str, match: Match, reading: Reading) -> _Choice:
        postings, named = match.postings, match.named
        if len(postings) == 1:
            return self._choice([sole(self.kb, postings[0], named)])
        standing = self._standing(surface, match)
        counting = what_counts(standing, reading.context)
        choice = self._chosen.get((standing, counting))
        if choice is None:
            if len(self._chosen) >= _KEPT:
                self._chosen.clear()
            ranked = [
                Ranked(standing.cards[at].entity, standing.priors[at], score)
                for at, score in best(standing, counting, MOST)
            ]
            choice = self._chosen[standing, counting] = self._choice(ranked)
        return choice

    def _standing(self, surface: str, match: Match) -> Standing:
        known = self._standings.get(surface)
        meant = match.postings, match.named
        if known is not None and known[0] == meant:
            return known[1]
        if len(self._standings) >= _STANDINGS:
            self._standings.clear()
            self._chosen.clear()  # they would keep the standings
        standing = Standing(self.kb, match.postings, surface, match.named)
        self._standings[surface] = meant, standing
        return standing

    def choose_for(self, reading: Reading, found: Found) -> _Choice:
        """The choice for a pipeline's entity, among entities of its label.

        It is no match, so the knowledge base knows it under a guarded alias or not at all.
        """
        surface = reading.text[found.start : found.end]
        ranked = rank(self.kb, self.kb.lookup(surface), surface, reading.context)
        same = [one for one in ranked if label_of(one.entity.type) == found.label]
        return self._choice(same)._replace(label=found.label)

    def _choice(self, ranked: Sequence[Ranked]) -> _Choice:
        label = label_of(ranked[0].entity.type) if ranked else ""
        links, candidates = _links(self.kb, ranked, self.options), _candidates(ranked[:MOST])
        mention = Mention("", 0, 0, label, links, candidates, source=_SOURCE)
        return _Choice(label, links, candidates, encode_line(mention)[len(_BARE) :].rstrip())


def make_mentions(
    text: str,
    linker: Linker | None,
    entities: Sequence[Found],
    options: Options,
    notes: Counter[str],
    lang: str = "",
) -> list[Mention]:
    """The text's mentions, in the order of `sort_mentions`.

    Names of the knowledge base do not overlap. A name and an entity of one span become one
    mention; an entity that holds whole names stays beside them (Geneva in Lake Geneva); one
    that cuts a name, or lies inside it, is left out and counted in `notes`.
    """
    by_span = {(found.start, found.end): found for found in entities}
    mentions: list[Mention] = []
    if linker is not None:
        reading = linker.read(text, lang)
        memory: dict[str, _Choice] = {}
        for match in reading.names:
            found = by_span.pop((match.start, match.end), None) if by_span else None
            mentions.append(
                _of_match(match, linker.choose(reading, match, memory), found, options.model)
            )
    names = [(mention.start, mention.end) for mention in mentions]
    for found in by_span.values():
        if _cuts(found, names):
            notes["left out, of the model but cutting a name"] += 1
            continue
        choice = linker.choose_for(reading, found) if linker is not None else None
        mentions.append(_of_entity(found, choice, options.model))
    if by_span:
        mentions = list(sort_mentions(mentions))
    if not options.labels:
        return mentions
    for mention in mentions:
        if mention.label not in options.labels:
            notes[f"left out, {mention.label} not in --labels"] += 1
    return [mention for mention in mentions if mention.label in options.labels]


def write_mentions(text: str, linker: Linker, lang: str = "") -> tuple[list[bytes], int]:
    """The mentions of `make_mentions`, with no pipeline and all labels, as JSON; how many link."""
    reading = linker.read(text, lang)
    memory: dict[str, _Choice] = {}
    written = []
    linked = 0
    for match in reading.names:
        start, end = match.start, match.end
        choice = linker.choose(reading, match, memory)
        linked += bool(choice.links)
        place = f'{{"id":"{start}-{end}:{choice.label}","start":{start},"end":{end}'
        written.append(place.encode() + choice.written)
    return written, linked


def _cuts(found: Found, names: Sequence[tuple[int, int]]) -> bool:
    """Whether an entity overlaps a name without holding it whole; names are sorted, apart."""
    first = bisect_right(names, found.start, key=lambda name: name[1])
    last = bisect_left(names, found.end, key=lambda name: name[0])
    return first < last and not (found.start <= names[first][0] and names[last - 1][1] <= found.end)


def _of_match(match: Match, choice: _Choice, found: Found | None, model: str) -> Mention:
    label = choice.label
    if found is not None and label == "MISC":
        label = found.label
    return Mention(
        id=f"{match.start}-{match.end}:{label}",
        start=match.start,
        end=match.end,
        label=label,
        links=choice.links,
        candidates=choice.candidates,
        source=_SOURCE if found is None else f"kb+model:{model}",
    )


def _of_entity(found: Found, choice: _Choice | None, model: str) -> Mention:
    return Mention(
        id=f"{found.start}-{found.end}:{found.label}",
        start=found.start,
        end=found.end,
        label=found.label,
        links=choice.links if choice is not None else (),
        candidates=choice.candidates if choice is not None else (),
        source=f"model:{model}",
    )


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
