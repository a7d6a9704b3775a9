"""What happened to the mentions of one layer on their way into a format, each at most once."""

from __future__ import annotations

from typing import Any

import msgspec

from corpus.model import Change, Document, Layer, Mention


class MentionChanges:
    """At most one Change a mention: a reject, or all its repairs in one."""

    def __init__(self, document: Document, layer: Layer) -> None:
        self.document = document.id
        self.layer = layer.name
        self.mentions = layer.mentions
        self._found: dict[str, Change] = {}

    def add(self, kind: str, mention: Mention, reason: str, after: Mention | None = None) -> None:
        """Note a reject, or a repair that gave `after`; a reject wins over repairs."""
        where = f"{mention.start}-{mention.end}"
        earlier = self._found.get(mention.id)
        before = _facts(mention) if earlier is None else earlier.before
        if kind == "repaired" and earlier is not None:
            reason = f"{earlier.reason}; {reason}"
        self._found[mention.id] = Change(
            "rejected" if kind == "rejected" else "repaired",
            self.document,
            reason,
            where,
            self.layer,
            mention.id,
            before=before,
            after=_facts(after) if after else {},
        )

    def listed(self) -> list[Change]:
        """The Changes, in the order in which they began."""
        return list(self._found.values())


def _facts(mention: Mention) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "start": mention.start,
        "end": mention.end,
        "label": mention.label,
    }
    if mention.links:
        facts["links"] = msgspec.to_builtins(mention.links)
    return facts
