"""What stands in each split: sizes, labels, links, and what its test mentions are new to."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.model import Document, Layer, Mention
from corpus.splits.mention_table import (
    NOT_JUDGED,
    TO_NIL,
    MentionCounts,
    MentionTable,
    Numbers,
)
from corpus.splits.plan import Plan

_Mask = npt.NDArray[np.bool_]


def surface_of(document: Document, mention: Mention) -> str:
    """The mention's words, each run of blanks as one."""
    return " ".join(document.text[mention.start : mention.end].split())


def target_of(mention: Mention) -> str | None:
    """The entity that the mention is linked to literally, or NIL; None if not judged."""
    for link in mention.links:
        if link.role == "literal":
            return link.target
    return mention.links[0].target if mention.links else None


class Summary:
    """The mentions of all splits, as their documents are written."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._mentions = MentionCounts()
        self._documents = [0] * len(plan.names)
        self._labels: list[Counter[str]] = [Counter() for _ in plan.names]

    def add(self, document: Document, layer: Layer, split: int) -> None:
        """Count one document and its layer."""
        self._documents[split] += 1
        for mention in layer.mentions:
            self._labels[split][mention.label] += 1
            self._mentions.add(surface_of(document, mention), target_of(mention), split)

    def mentions(self) -> MentionTable:
        """All mentions so far, counted."""
        return self._mentions.table()

    def tables(self, tokens: list[int]) -> dict[str, dict[str, Any]]:
        """For each split by name: documents, tokens, mentions, labels, links, what is unseen.

        Unseen is what no mention of train has (of a fold: of the other folds); ambiguous is a
        surface that is linked to two or more targets in the whole corpus, NIL being one.
        """
        mentions = self.mentions()
        surfaces, counts = mentions.surfaces, mentions.counts
        ambiguous = np.isin(surfaces, _ambiguous(mentions))
        found = {}
        for split, name in enumerate(self._plan.names):
            here = mentions.splits == split
            table = self._sizes(split, tokens[split]) | _links(mentions, here)
            others = self._plan.others(split)
            if others:
                table |= _unseen(mentions, here, np.isin(mentions.splits, others))
            table["ambiguous_surfaces"] = _number(surfaces[here & ambiguous])
            table["mentions_of_ambiguous_surfaces"] = int(counts[here & ambiguous].sum())
            found[name] = table
        return found

    def _sizes(self, split: int, tokens: int) -> dict[str, Any]:
        labels = dict(sorted(self._labels[split].items()))
        total = sum(labels.values())
        return {
            "documents": self._documents[split],
            "tokens": tokens,
            "mentions": total,
            "labels": labels,
            "shares": {label: round(count / total, 4) for label, count in labels.items()},
        }


def _links(mentions: MentionTable, here: _Mask) -> dict[str, Any]:
    targets, counts = mentions.targets[here], mentions.counts[here]
    nil = int(counts[targets == TO_NIL].sum())
    links = int(counts[targets > TO_NIL].sum())
    return {
        "links": links,
        "nil": nil,
        "not_judged": int(counts[targets == NOT_JUDGED].sum()),
        "nil_rate": round(nil / (nil + links), 4) if nil + links else None,
        "entities": _number(targets[targets > TO_NIL]),
    }


def _unseen(mentions: MentionTable, here: _Mask, learned: _Mask) -> dict[str, Any]:
    surfaces, targets, _, counts = mentions
    new_entity = here & (targets > TO_NIL) & ~np.isin(targets, targets[learned])
    new_surface = here & ~np.isin(surfaces, surfaces[learned])
    return {
        "unseen_entities": _number(targets[new_entity]),
        "mentions_of_unseen_entities": int(counts[new_entity].sum()),
        "unseen_surfaces": _number(surfaces[new_surface]),
        "mentions_of_unseen_surfaces": int(counts[new_surface].sum()),
    }


def _ambiguous(mentions: MentionTable) -> Numbers:
    """The surfaces with two judged targets or more."""
    judged = mentions.targets != NOT_JUDGED
    surfaces, targets = mentions.surfaces[judged], mentions.targets[judged]
    same = surfaces[1:] == surfaces[:-1]
    ambiguous: Numbers = surfaces[1:][same & (targets[1:] != targets[:-1])]
    return ambiguous


def _number(values: Numbers) -> int:
    return len(np.unique(values))
