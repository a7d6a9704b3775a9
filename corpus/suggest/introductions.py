"""Names that a document itself introduces: surnames after full names, acronyms in brackets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence

from corpus.kb.candidates import MOST, joined
from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import is_border
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.kb.people import given_name_of, is_person, surnames_of
from corpus.kb.rules import fires, flags_of
from corpus.suggest.aliases import Introduced, Match, Reading, places
from corpus.suggest.labels import label_of

_IN_BRACKETS = re.compile(r"[ \u00a0\n]?[(（]([^\W\d_][\w.&/-]{1,9})[)）;,]")
_BEFORE_BRACKETS = re.compile(r"(?<![\w.])([^\W\d_][\w.&/-]{1,9})[ \u00a0\n]?[(（](?:[Tt]he )?$")
_LONGEST_BEFORE = 16
_GAPS = re.compile(r"[\s·・]")


def introduced(kb: KB, text: str, matches: Sequence[Match]) -> Introduced:
    """What the document introduces by its names, wherever it stands; title and rest alike.

    Left out is a name that the knowledge base knows for the same entities and no other.
    """
    found: dict[str, dict[int, int]] = {}
    surnames, acronyms = "surnames" in kb.rules, "acronyms" in kb.rules
    brackets = {at for sign in "(（" for at in places(text, sign)} if acronyms else set()
    # Where a name ends before brackets, and where it begins after them.
    ends = {at - gap for at in brackets for gap in (0, 1)}
    starts = {at + size for at in brackets for size in range(1, _LONGEST_BEFORE + 1)}
    seen: set[str] = set()
    for match in matches:
        surface = text[match.start : match.end]
        if surnames and surface not in seen:
            seen.add(surface)
            if _GAPS.search(surface):
                _introduce_surnames(kb, surface, match, found)
        if match.end in ends or match.start in starts:
            for acronym in _acronyms_at(text, match):
                meant = [p for p in match.postings if _abbreviates(kb, acronym, surface, p)]
                _introduce(kb, acronym, meant, found)
    return {key: entities for key, entities in found.items() if kb.known(key) != entities.keys()}


def _introduce_surnames(
    kb: KB, surface: str, match: Match, found: dict[str, dict[int, int]]
) -> None:
    persons = [p for p in match.postings if is_person(kb.entity(p.entity).type)]
    if persons:
        for surname in surnames_of(surface):
            _introduce(kb, surname, persons, found)


def given_names(kb: KB, text: str, matches: Sequence[Match]) -> Introduced:
    """Given names of the persons that the document names in full: what they may stand for."""
    found: dict[str, dict[int, int]] = {}
    if "given_names" in kb.rules:
        for match in matches:
            surface = text[match.start : match.end]
            persons = [p for p in match.postings if is_person(kb.entity(p.entity).type)]
            name = given_name_of(surface) if persons else ""
            if name:
                _introduce(kb, name, persons, found)
    return found


def _introduce(
    kb: KB, name: str, postings: Sequence[Posting], found: dict[str, dict[int, int]]
) -> None:
    key = kb.folding.key_of(name)
    flags = flags_of(name, key, COMMON_WORDS, kb.folding.rules)
    for posting in postings[:MOST]:
        found.setdefault(key, {})[posting.entity] = flags


def _acronyms_at(text: str, match: Match) -> Iterator[str]:
    """The acronym that brackets after the name hold, and that before brackets around it."""
    if text[match.end : match.end + 2].lstrip(" \u00a0\n")[:1] in ("(", "（"):
        after = _IN_BRACKETS.match(text, match.end)
        if after and _is_acronym(after[1]):
            yield after[1].rstrip(".")
    before = text[max(0, match.start - _LONGEST_BEFORE) : match.start]
    if "(" in before or "（" in before:
        found = _BEFORE_BRACKETS.search(before)
        if found and _is_acronym(found[1]):
            yield found[1]


def _is_acronym(word: str) -> bool:
    return sum(map(str.isupper, word)) >= 2


def _abbreviates(kb: KB, acronym: str, name: str, posting: Posting) -> bool:
    """Whether the acronym's letters stand in the name, in order, the first as an initial.

    Moscow (AFP) is a dateline. In another script the name must be that of an organisation.
    """
    letters = [char for char in kb.folding.key_of(acronym).lower() if char.isalpha()]
    key = kb.folding.key_of(name).lower()
    if any(map(str.isascii, letters)) != any(char.isascii() and char.isalpha() for char in key):
        return label_of(kb.entity(posting.entity).type) == "ORG"
    if len(_GAPS.split(name)) < 2:
        return False
    starts = [at for at, char in enumerate(key) if char == letters[0] and is_border(key, at)]
    return any(_stand_in_order(letters, key[at:]) for at in starts)


def _stand_in_order(letters: Sequence[str], key: str) -> bool:
    rest = iter(key)
    return all(letter in rest for letter in letters)


def with_introduced(reading: Reading, matches: Sequence[Match]) -> list[Match]:
    """The matches, and the reading's introduced names as further ones; in order, none overlapping.

    One that is a match already keeps what else it may mean. One inside a longer match is none;
    one around shorter matches takes their place.
    """
    by_span = {(match.start, match.end): match for match in matches}
    starts = [match.start for match in matches]
    ends = [match.end for match in matches]
    for key, entities in reading.introduced.items():
        for start, end in _spans(reading, key, entities):
            known = by_span.get((start, end))
            first, last = bisect_right(ends, start), bisect_left(starts, end)
            inside = matches[first:last]
            if known is None and any(m.start < start or m.end > end for m in inside):
                continue
            for match in inside:
                by_span.pop((match.start, match.end), None)
            own = known.postings if known is not None else ()
            by_span[start, end] = Match(start, end, joined(own, entities), frozenset(entities))
    return list(_apart(sorted(by_span.values())))


def _spans(reading: Reading, key: str, entities: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Where the text has that name in a spelling of case that its introduction allows."""
    text, folded = reading.text, reading.folded
    flags = next(iter(entities.values()))
    for at in places(folded.key, key):
        if is_border(folded.key, at) and is_border(folded.key, at + len(key)):
            start, end = folded.span(at, at + len(key), text)
            if flags in fires(text[start:end]):
                yield start, end


def _apart(matches: Sequence[Match]) -> Iterator[Match]:
    """The matches from left to right that do not overlap one before; of two, the longer."""
    kept: Match | None = None
    for match in matches:
        if kept is None or match.start >= kept.end:
            if kept is not None:
                yield kept
            kept = match
        elif match.end - match.start > kept.end - kept.start:
            kept = match
    if kept is not None:
        yield kept
