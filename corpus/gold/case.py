"""A document before the rule: what is judged, by whom, and where the outcome is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from corpus.decisions import Vote
from corpus.gold.decided import DecisionBook
from corpus.gold.rules import Rule
from corpus.manifest import Stage
from corpus.model import Document, Layer


class Case(NamedTuple):
    """One document, the layers that vote on it, the rule and the decisions that settle it."""

    document: Document
    layers: Sequence[Layer]
    stage: Stage
    rule: Rule
    book: DecisionBook
    notes: Counter[str]

    def write_votes(self, votes: Sequence[Vote], settled: str) -> None:
        """The votes stand beside the output, with what settled them; nothing if nothing did."""
        for vote in votes:
            self.stage.write_beside("votes", replace(vote, settled=settled))
