"""What an audit finds: a doubt about one place of one document, with the reason and a score."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from corpus.model import Document, Mention

Kind = Literal[
    "boundary",
    "broken-span",
    "debug-data",
    "label-variant",
    "link-variant",
    "missed-mention",
    "rare-label",
    "unlinked-twin",
]


class Doubt(
    Struct, frozen=True, tag_field="type", tag="doubt/1", forbid_unknown_fields=True, kw_only=True
):
    """One line of the queue: what to look at again, and how sure it is that it is wrong.

    `score` is from 0 to 1: the share of like places in the corpus that are marked otherwise, or a
    fixed number where nothing is counted. `mention` is empty where none is there (missed); of a
    doubt about the whole corpus `document` is empty too.
    """

    kind: Kind
    score: float
    reason: str
    document: str = ""
    mention: str = ""
    start: int = 0
    end: int = 0
    surface: str = ""
    label: str = ""


def doubt_of(
    document: Document, mention: Mention, *, kind: Kind, score: float, reason: str
) -> Doubt:
    """A doubt about a mention."""
    return Doubt(
        kind=kind,
        score=round(score, 4),
        reason=reason,
        document=document.id,
        mention=mention.id,
        start=mention.start,
        end=mention.end,
        surface=surface_of(document.text, mention.start, mention.end),
        label=mention.label,
    )


def surface_of(text: str, start: int, end: int) -> str:
    """The words of a span, each run of blanks as one."""
    return " ".join(text[start:end].split())


def in_rank(doubts: list[Doubt]) -> list[Doubt]:
    """The surest first; equal ones in the order of documents and places."""
    return sorted(doubts, key=lambda d: (-d.score, d.document, d.start, d.end, d.kind, d.reason))
