"""From the decisions of one document to the annotator's links layer. Pure.

Every mention of the spans layer is in it, with the same id, span and label; `source` says by
which key it was judged (`key:1`, `key:NIL`, `key:BAD SPAN` …), and is empty where it was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from corpus.doccano.link_decisions import Decision, KnowledgeBase, read_decision
from corpus.doccano.link_examples import SPLIT
from corpus.doccano.link_rows import Place, Stored
from corpus.doccano.mapping import text_mark
from corpus.model import Change, Document, Layer, Mention, State

SOURCE = "key:"
WAITS = f"{SOURCE}{SPLIT}"
"""The source of a mention whose decision is to be sent again, one place at a time."""


class LinkReading(NamedTuple):
    """How decisions become a layer: its name and round, the spans layer, the KB to ask."""

    name: str
    round: int
    spans: str
    now: KnowledgeBase | None


class PulledLinks(NamedTuple):
    """The layer or none, what was refused, and how many decisions wait to be sent one by one.

    `repaired` lists mentions of the layer whose links are not the ids that the person wrote.
    """

    layer: Layer | None
    refused: list[Change]
    split: int
    repaired: Sequence[Change] = ()


def read_layer(
    document: Document, spans: Layer | None, decisions: Sequence[Stored], reading: LinkReading
) -> PulledLinks:
    """The annotator's links layer of this document.

    None if the document is not the one that was pushed. A decision for one place counts before
    the one that was split for it.
    """
    refused = _Refused(document, reading)
    sound = []
    for stored in decisions:
        reason = _unsound(document, spans, stored, reading.spans)
        if reason:
            refused.all_places(stored, reason)
        else:
            sound.append(stored)
    if spans is None or not sound:
        return PulledLinks(None, refused.changes, 0)
    comments: list[str] = []
    decided = [
        (stored, _decide(document, stored, reading, refused, comments))
        for stored in sorted(sound, key=_is_split, reverse=True)
    ]
    judged = _by_mention(spans.mentions, decided, refused)
    mentions = [_judge(mention, judged.get(mention.id)) for mention in spans.mentions]
    layer = Layer(
        name=reading.name,
        task="links",
        round=reading.round,
        state=_state(spans.mentions, judged, sound),
        comments=tuple(comments),
        mentions=tuple(mentions),
        blind=not any(stored.preselected for stored in sound),
    )
    split = {stored.key for stored, _ in judged.values() if _is_split(stored)}
    return PulledLinks(layer, refused.changes, len(split), list(_repairs(document, layer, judged)))


def _by_mention(
    mentions: Sequence[Mention],
    decided: Sequence[tuple[Stored, Decision | None]],
    refused: _Refused,
) -> dict[str, tuple[Stored, Decision | None]]:
    """Mention id -> the decision that stands for it: the first, but for one that was split."""
    by_place: dict[tuple[int, int, str], list[Mention]] = {}
    for mention in mentions:
        by_place.setdefault((mention.start, mention.end, mention.label), []).append(mention)
    judged: dict[str, tuple[Stored, Decision | None]] = {}
    for stored, decision in decided:
        for place in stored.places:
            found = by_place.get((*place, stored.label), [])
            if not found:
                refused.place(stored, place, "no such mention is there any more")
            for mention in found:
                earlier = judged.get(mention.id)
                if earlier is None or _is_split(earlier[0]):
                    judged[mention.id] = (stored, decision)
                elif stored.confirmed:
                    reason = f"example {earlier[0].example} decides it already"
                    refused.place(stored, place, reason)
    return judged


class _Refused:
    """What could not be taken, as it comes."""

    def __init__(self, document: Document, reading: LinkReading) -> None:
        self.changes: list[Change] = []
        self._document = document
        self._layer = reading.name

    def place(self, stored: Stored, place: Place, reason: str) -> None:
        """One mention of a decision."""
        start, end = place
        before = {
            "start": start,
            "end": end,
            "label": stored.label,
            "keys": list(stored.chosen),
            "comments": list(stored.comments),
            "candidates": list(stored.candidates),
        }
        self.changes.append(
            Change(
                kind="rejected",
                document=self._document.id,
                reason=reason,
                where=f"example {stored.example}",
                layer=self._layer,
                mention=f"{start}-{end}:{stored.label}",
                before=before,
            )
        )

    def all_places(self, stored: Stored, reason: str) -> None:
        """Every mention of a decision."""
        for place in stored.places:
            self.place(stored, place, reason)


def _repairs(
    document: Document, layer: Layer, judged: dict[str, tuple[Stored, Decision | None]]
) -> Iterator[Change]:
    """The mentions that got another id than the comment has, for it is called otherwise now."""
    for mention in layer.mentions:
        stored, decision = judged.get(mention.id, (None, None))
        if stored is not None and decision is not None and decision.repairs:
            yield Change(
                kind="repaired",
                document=document.id,
                reason="; ".join(decision.repairs),
                where=f"example {stored.example}",
                layer=layer.name,
                mention=mention.id,
                before={"keys": list(stored.chosen), "comments": list(stored.comments)},
                after={"links": msgspec.to_builtins(mention.links)},
            )


def _unsound(document: Document, spans: Layer | None, stored: Stored, layer: str) -> str:
    if stored.document_mark != text_mark(document.sha256):
        return "its document's text is another than the one that was pushed"
    if stored.changed:
        return "what the annotator sees was changed on the server after the push"
    if spans is None:
        return f"the document has no layer {layer!r}"
    return ""


def _is_split(stored: Stored) -> bool:
    return stored.known.split


def _decide(
    document: Document,
    stored: Stored,
    reading: LinkReading,
    refused: _Refused,
    comments: list[str],
) -> Decision | None:
    """What the annotator decided; None where nothing was, or nothing that can be taken."""
    start, end = stored.places[0]
    where = f"{start}-{end} {document.text[start:end]}"
    if not stored.confirmed:
        comments += [f"{where}: comment: {comment}" for comment in stored.comments]
        return None
    shown = KnowledgeBase(stored.kb, stored.kb_hash)
    decision = read_decision(
        stored.chosen, stored.comments, stored.candidates, shown=shown, now=reading.now
    )
    comments += [f"{where}: {note}" for note in decision.notes]
    if decision.key == SPLIT and not _is_split(stored):
        decision = decision._replace(reason="SPLIT was chosen for a single place")
    if decision.reason:
        refused.all_places(stored, decision.reason)
        return None
    return decision


def _judge(mention: Mention, judged: tuple[Stored, Decision | None] | None) -> Mention:
    decision = judged[1] if judged else None
    return msgspec.structs.replace(
        mention,
        links=decision.links if decision else (),
        candidates=(),
        source=f"{SOURCE}{decision.key}" if decision else "",
    )


def _state(
    mentions: Sequence[Mention],
    judged: dict[str, tuple[Stored, Decision | None]],
    decisions: Sequence[Stored],
) -> State:
    """Confirmed: all that was asked is confirmed, each mention was asked, none waits for a split.

    A confirmed decision that could not be taken leaves its mentions unjudged all the same.
    """
    asked = [judged.get(mention.id) for mention in mentions]
    if all(one is not None and one[0].confirmed and not _is_split(one[0]) for one in asked):
        return "confirmed"
    touched = any(
        one.confirmed or one.chosen != one.preselected or one.comments for one in decisions
    )
    return "touched" if touched else "untouched"
