"""From an annotator's links layer to the links of the gold layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from corpus.decisions import ANNOTATOR
from corpus.gold.relinking import relink_documents
from corpus.manifest import Stage
from corpus.model import (
    NIL,
    Change,
    Document,
    Layer,
    Link,
    Mention,
)

_KEY = "key:"


def link_single(
    documents: Iterable[Document], stage: Stage, *, annotator: str = ""
) -> Iterator[Document]:
    """The documents, their gold mentions with the links of the one confirmed links layer.

    Ids, spans and labels of gold stay as they are, and so does a link that it has. A mention
    that gets its links is a repair; one that a person must settle (BAD SPAN, UNSURE, not judged,
    another link already) is listed in the rejects and counted in the notes. A document that
    nobody has confirmed goes on as it is; one with several confirmed layers is a reject.
    """
    notes: Counter[str] = Counter(waiting=0, linked=0, nil=0, to_settle=0)
    return relink_documents(
        documents,
        stage,
        notes,
        layers_of=lambda document: _confirmed_layers(document, annotator),
        link=lambda document, layers, gold: _Linking(document, stage, notes, layers[0]).run(gold),
        refuse=_several,
    )


def _confirmed_layers(document: Document, annotator: str) -> list[Layer]:
    return [
        layer
        for layer in document.layers
        if layer.task == "links"
        and layer.state == "confirmed"
        and layer.name.startswith(ANNOTATOR)
        and annotator in ("", layer.name.removeprefix(ANNOTATOR))
    ]


def _several(confirmed: Sequence[Layer]) -> str:
    if len(confirmed) < 2:
        return ""
    names = [layer.name for layer in confirmed]
    if len(set(names)) > 1:
        joined = ", ".join(names)
        return f"{len(names)} confirmed links layers ({joined}); choose a --rule, or an --annotator"
    rounds = ", ".join(str(layer.round) for layer in confirmed)
    return f"{len(names)} confirmed rounds of {names[0]} ({rounds}); with a --rule the last counts"


class _Linking:
    """One document's gold under the decisions of one links layer."""

    def __init__(self, document: Document, stage: Stage, notes: Counter[str], layer: Layer) -> None:
        self.document = document
        self.stage = stage
        self.notes = notes
        self.layer = layer

    def run(self, gold: Layer) -> Layer:
        """The gold layer with links."""
        judged = {mention.id: mention for mention in self.layer.mentions}
        mentions = tuple(
            self._link(mention, judged.pop(mention.id, None)) for mention in gold.mentions
        )
        for mention in judged.values():
            if mention.source:
                self._settle(mention, "not in gold", "gold has no mention of this id any more")
        return replace(gold, mentions=mentions)

    def _link(self, mention: Mention, judged: Mention | None) -> Mention:
        if judged is None or not judged.source:
            if not mention.links:
                self._settle(mention, "not judged", "nobody has judged it")
            return mention
        if _place(judged) != _place(mention):
            self._settle(
                mention, "not in gold", "gold has it at another place or with another label"
            )
            return mention
        if not judged.links:
            key = judged.source.removeprefix(_KEY)
            self._settle(mention, key, f"{self.layer.name} says {key}")
            return mention
        if mention.links:
            if _said(mention.links) != _said(judged.links):
                already = " ".join(link.target for link in mention.links)
                self._settle(
                    judged, "other link", f"gold links it to {already}, which is never overwritten"
                )
            return mention
        self.notes["nil" if judged.links[0].target == NIL else "linked"] += 1
        self.stage.record(
            Change(
                kind="repaired",
                document=self.document.id,
                reason=f"linked by {self.layer.name}#{self.layer.round}, {judged.source}",
                layer="gold",
                mention=mention.id,
                after={"links": msgspec.to_builtins(judged.links)},
            )
        )
        return replace(mention, links=judged.links)

    def _settle(self, mention: Mention, what: str, reason: str) -> None:
        """List what only a person can settle; the mention is kept, and so is the judgement."""
        self.notes["to_settle"] += 1
        self.notes[f"to settle, {what}"] += 1
        self.stage.record(
            Change(
                kind="rejected",
                document=self.document.id,
                reason=reason,
                layer=self.layer.name,
                mention=mention.id,
                before=msgspec.to_builtins(mention),
            )
        )


def _place(mention: Mention) -> tuple[int, int, str]:
    return (mention.start, mention.end, mention.label)


def _said(links: Iterable[Link]) -> list[tuple[str, str]]:
    """What the links say, whatever state of the knowledge base they were chosen from."""
    return [(link.target, link.role) for link in links]
