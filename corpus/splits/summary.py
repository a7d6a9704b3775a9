"""What stands in each split: sizes, labels, links, and what its test mentions are new to.

Of each mention three numbers are held (17 bytes): hashes of its surface and of its entity, and
its split.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.model import NIL, Document, Layer, Mention
from corpus.splits.plan import Plan

_NOT_JUDGED, _NIL = 0, 1

_Numbers = npt.NDArray[np.uint64]
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
        self._surfaces = array("Q")
        self._targets = array("Q")
        self._splits = array("B")
        self._documents = [0] * len(plan.names)
        self._labels: list[Counter[str]] = [Counter() for _ in plan.names]

    def add(self, document: Document, layer: Layer, split: int) -> None:
        """Count one document and its layer."""
        self._documents[split] += 1
        for mention in layer.mentions:
            self._labels[split][mention.label] += 1
            self._surfaces.append(_digest(surface_of(document, mention)))
            self._targets.append(_target_digest(target_of(mention)))
            self._splits.append(split)

    def tables(self, tokens: list[int]) -> dict[str, dict[str, Any]]:
        """For each split by name: documents, tokens, mentions, labels, links, what is unseen.

        Unseen is what no mention of train has (of a fold: of the other folds); ambiguous is a
        surface that is linked to two or more targets in the whole corpus, NIL being one.
        """
        surfaces, targets, splits = map(np.asarray, (self._surfaces, self._targets, self._splits))
        ambiguous = _ambiguous(surfaces, targets)
        found = {}
        for split, name in enumerate(self._plan.names):
            here = splits == split
            table = self._sizes(split, tokens[split]) | _links(targets[here])
            others = self._plan.others(split)
            if others:
                learned = np.isin(splits, others)
                table |= _unseen(surfaces, targets, here, learned)
            is_ambiguous = np.isin(surfaces[here], ambiguous)
            table["ambiguous_surfaces"] = len(np.unique(surfaces[here][is_ambiguous]))
            table["mentions_of_ambiguous_surfaces"] = int(is_ambiguous.sum())
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


def _links(targets: _Numbers) -> dict[str, Any]:
    nil = int((targets == _NIL).sum())
    links = int((targets > _NIL).sum())
    return {
        "links": links,
        "nil": nil,
        "not_judged": len(targets) - links - nil,
        "nil_rate": round(nil / (nil + links), 4) if nil + links else None,
        "entities": len(np.unique(targets[targets > _NIL])),
    }


def _unseen(surfaces: _Numbers, targets: _Numbers, here: _Mask, learned: _Mask) -> dict[str, Any]:
    linked = here & (targets > _NIL)
    new_entity = ~np.isin(targets[linked], targets[learned])
    new_surface = ~np.isin(surfaces[here], surfaces[learned])
    return {
        "unseen_entities": len(np.unique(targets[linked][new_entity])),
        "mentions_of_unseen_entities": int(new_entity.sum()),
        "unseen_surfaces": len(np.unique(surfaces[here][new_surface])),
        "mentions_of_unseen_surfaces": int(new_surface.sum()),
    }


def _ambiguous(surfaces: _Numbers, targets: _Numbers) -> _Numbers:
    judged = targets != _NOT_JUDGED
    pairs = np.unique(np.stack([surfaces[judged], targets[judged]], axis=1), axis=0)
    different, times = np.unique(pairs[:, 0], return_counts=True)
    ambiguous: _Numbers = different[times > 1]
    return ambiguous


def _digest(value: str) -> int:
    raw = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big") | 2  # neither 0 nor 1


def _target_digest(target: str | None) -> int:
    if target is None:
        return _NOT_JUDGED
    return _NIL if target == NIL else _digest(target)
