"""Why a mention is gold, or is not: everything that the files tell of one place of one document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from corpus.decisions import Decision, Dispute, Vote
from corpus.errors import DataError, UsageError
from corpus.files import find_shards
from corpus.gold.provenance import Step, step_of, walk_back
from corpus.manifest import Manifest, beside_path
from corpus.model import Document, Layer, Link, Mention
from corpus.offsets import Span
from corpus.store import decode_line, read_lines

T = TypeVar("T", Vote, Dispute)
_AROUND = 60  # code points of the text on either side


class LayerSays(Struct, frozen=True, omit_defaults=True):
    """What one layer has at the place."""

    layer: str
    task: str
    round: int
    state: str = ""
    blind: bool = False
    mentions: tuple[Mention, ...] = ()


class MentionStory(Struct, frozen=True, omit_defaults=True):
    """One gold mention with the votes and decisions that it names."""

    mention: Mention
    text: str
    links: tuple[Link, ...] = ()
    votes: tuple[Vote, ...] = ()
    rules: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    missing: tuple[str, ...] = ()


class Story(Struct, frozen=True, omit_defaults=True):
    """The place with its document, gold, layers, votes and disputes, and the steps back."""

    file: str
    document: str
    sha256: str
    start: int
    end: int
    before: str
    text: str
    after: str
    article: dict[str, str]
    gold: tuple[MentionStory, ...]
    layers: tuple[LayerSays, ...]
    other_votes: tuple[Vote, ...]
    disputes: tuple[Dispute, ...]
    steps: tuple[Step, ...]


def parse_place(place: str) -> tuple[str, int, int]:
    """Document id, start and end of `DOC:START-END`. Raises UsageError for anything else."""
    document, _, span = place.rpartition(":")
    start, _, end = span.partition("-")
    if not document or not (start.isdecimal() and end.isdecimal()) or int(start) >= int(end):
        raise UsageError(f"{place}: not a place", "write it like: afp-1:10-14")
    return document, int(start), int(end)


def tell_story(file: Path, id: str, start: int, end: int) -> Story:
    """The story of this place, as far as files are there to tell it.

    Raises DataError if the file has no such document, or the document no such place.
    """
    document = _find_document(file, id)
    if end > len(document.text):
        raise DataError(
            f"{file}: document {id!r} ends at {len(document.text)}, before {end}",
            "give a place within it",
        )
    chain = list(walk_back(file))
    gold = _gold_at(document, (start, end))
    records = _Records(id, (start, end), gold, chain)
    article_hash = str(document.meta.get("source_sha256", ""))
    used = {vote for one in gold for vote in one.votes}
    return Story(
        file=str(file),
        document=id,
        sha256=document.sha256,
        start=start,
        end=end,
        before=document.text[max(0, start - _AROUND) : start],
        text=document.text[start:end],
        after=document.text[end : end + _AROUND],
        article=_article_of(document),
        gold=tuple(records.story_of(one, document) for one in gold),
        layers=tuple(_layers_at(document, (start, end))),
        other_votes=tuple(v for v in records.votes.values() if v.id not in used),
        disputes=tuple(records.disputes),
        steps=tuple(step_of(path, manifest, article_hash) for path, manifest in chain),
    )


class _Id(Struct):
    id: str


def _find_document(file: Path, id: str) -> Document:
    decoder = msgspec.json.Decoder(_Id)
    for shard in find_shards(file):
        for number, line in read_lines(shard):
            try:
                found = decoder.decode(line).id == id
            except msgspec.MsgspecError:
                found = True  # the decoder below says what is wrong
            if found:
                document = decode_line(line, Document, f"{shard}:{number}")
                if document.id == id:
                    return document
    raise DataError(f"{file}: no document {id!r}", "check the id, or give another file with --in")


def _gold_at(document: Document, span: Span) -> list[Mention]:
    """The gold mentions at exactly this place; where there is none, those that overlap it."""
    mentions = [m for layer in document.layers if layer.name == "gold" for m in layer.mentions]
    exact = [m for m in mentions if (m.start, m.end) == span]
    return exact or [m for m in mentions if _overlap(m, span)]


def _overlap(one: Mention | Dispute, span: Span) -> bool:
    return one.start < span[1] and span[0] < one.end


def _article_of(document: Document) -> dict[str, str]:
    keys = ("title", "date", "source", "file", "source_sha256", "format", "encoding")
    told = {key: str(document.meta[key]) for key in keys if document.meta.get(key)}
    return told | ({"lang": document.lang} if document.lang else {})


def _layers_at(document: Document, span: Span) -> Iterator[LayerSays]:
    for layer in document.layers:
        if layer.name != "gold":
            yield _layer_says(layer, span)


def _layer_says(layer: Layer, span: Span) -> LayerSays:
    return LayerSays(
        layer=layer.name,
        task=layer.task,
        round=layer.round,
        state=layer.state or "",
        blind=layer.blind,
        mentions=tuple(
            msgspec.structs.replace(mention, candidates=())
            for mention in layer.mentions
            if _overlap(mention, span)
        ),
    )


class _Records:
    """Votes, decisions and disputes about the place, from the files beside each adjudication."""

    def __init__(
        self, id: str, span: Span, gold: list[Mention], chain: list[tuple[Path, Manifest]]
    ) -> None:
        self.votes: dict[str, Vote] = {}
        self.decisions: dict[str, Decision] = {}
        self.disputes: list[Dispute] = []
        named = {vote for one in gold for vote in one.votes}
        mentions = {one.id for one in gold}
        for path, manifest in chain:
            if manifest.command != "adjudicate":
                continue
            for vote in _records_of(beside_path(path, "votes"), Vote, id):
                if vote.id in named or _is_at(vote, span, mentions):
                    self.votes[vote.id] = vote
            for dispute in _records_of(beside_path(path, "disputes"), Dispute, id):
                if dispute.decided is not None:
                    self.decisions[dispute.decided.id] = dispute.decided
                if dispute.decided is None and _overlap(dispute, span):
                    self.disputes.append(dispute)

    def story_of(self, mention: Mention, document: Document) -> MentionStory:
        """The mention with its votes and decisions; `missing` are ids that no file explains."""
        votes = tuple(self.votes[id] for id in mention.votes if id in self.votes)
        rules = tuple(one for one in mention.decisions if one.startswith("rule:"))
        named = [one for one in mention.decisions if one not in rules]
        found = tuple(self.decisions[id] for id in named if id in self.decisions)
        known = {*self.votes, *self.decisions}
        return MentionStory(
            mention=msgspec.structs.replace(mention, candidates=()),
            text=document.text[mention.start : mention.end],
            links=mention.links,
            votes=votes,
            rules=rules,
            decisions=found,
            missing=tuple(id for id in (*mention.votes, *named) if id not in known),
        )


def _records_of(path: Path, type: type[T], id: str) -> Iterator[T]:
    """The document's records; lines that do not name it are not decoded."""
    name = msgspec.json.encode(id)
    if path.is_file():
        for number, line in read_lines(path):
            if name in line:
                record = decode_line(line, type, f"{path}:{number}")
                if record.document == id:
                    yield record


def _is_at(vote: Vote, span: Span, mentions: set[str]) -> bool:
    if vote.task == "links":
        return vote.mention in mentions
    return any(mark.start < span[1] and span[0] < mark.end for mark in vote.answer.marks) or (
        vote.mention.partition(":")[0] == f"{span[0]}-{span[1]}"
    )
