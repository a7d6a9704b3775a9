"""Base documents and the layers from the server become one stream, everything counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from corpus.doccano.annotators import ANNOTATOR
from corpus.doccano.earlier_layers import EarlierLayers, layer_key
from corpus.doccano.sources import LayerKey, Refused, Source
from corpus.manifest import Stage
from corpus.model import Change, Document, Layer, Mention, count_mentions, with_layer
from corpus.store import read_documents

Watch = Callable[[Iterable[Any], str], Iterable[Any]]

_STATES = ("confirmed", "touched", "untouched")


class Merge:
    """One pull under way: its sources, the layers of earlier ones, and what is counted.

    `gone` are the layers whose project the server has no more.
    """

    def __init__(
        self,
        stage: Stage,
        sources: Sequence[Source],
        earlier: EarlierLayers,
        *,
        gone: Collection[LayerKey] = (),
    ) -> None:
        self.stage = stage
        self.sources = sources
        self.earlier = earlier
        self.gone = gone
        self.notes: Counter[str] = Counter(dict.fromkeys(_STATES, 0))
        self.states: dict[str, Counter[str]] = {
            _pass_name(source.key): Counter(dict.fromkeys(_STATES, 0)) for source in sources
        }

    def documents(self, given: Path | None, watch: Watch) -> Iterator[Document]:
        """Every document, in the order of the given ones, else as it was, else as pushed."""
        for source in self.sources:
            for refused in source.load():
                self._refuse(refused)
        for document in watch(read_documents(given) if given else self.earlier.documents(), "pull"):
            self.earlier.check_once(document.id)
            self._receive(document)
            yield self._write(self._add_layers(document))
        for document in self._rest(given is not None):
            self.stage.documents.added += 1
            yield self._write(self._add_layers(document))
        self.earlier.check_all_kept()
        self.stage.manifest.notes |= {
            **self.notes,
            "layers_rejected": self.notes["layers_rejected"],
            "earlier_layers_kept_in_history": self.earlier.kept,
            "by_annotator": {name: dict(states) for name, states in self.states.items()},
        }

    def _receive(self, document: Document) -> None:
        counted = count_mentions(document)
        self.stage.documents.received += 1
        self.stage.documents.kept += 1
        self.stage.mentions.received += counted
        self.stage.mentions.kept += counted

    def _write(self, document: Document) -> Document:
        self.stage.documents.written += 1
        self.stage.mentions.written += count_mentions(document)
        return document

    def _add_layers(self, document: Document) -> Document:
        layers = self.earlier.layers(document)
        for key in [key for key in layers if key in self.gone]:
            self.earlier.lose(document, layers.pop(key), "its project is gone from the server")
        found = False
        for source in self.sources:
            pulled = source.pull(document)
            found = found or pulled is not None
            if pulled is not None:
                self.notes.update(pulled.notes)
                for change in pulled.refused:
                    self._refuse(Refused(change, 0))
                self._refuse(Refused(None, pulled.mentions))
                self._repair(pulled.repaired, document, source.key)
            if pulled is not None and pulled.layer is not None:
                self._take(document, pulled.layer, layers, source)
            elif source.key in layers and not (pulled and pulled.refused):
                self.earlier.lose(document, layers.pop(source.key), "gone from the server")
        self.notes["not_in_the_project"] += not found
        for layer in layers.values():
            document = add_layer(document, layer, self.stage)
        return document

    def _take(
        self, document: Document, layer: Layer, layers: dict[LayerKey, Layer], source: Source
    ) -> None:
        if source.key in layers:
            self.earlier.replace(document, layers[source.key], layer)
        layers[source.key] = layer
        self.notes[str(layer.state)] += 1
        self.states[_pass_name(source.key)][str(layer.state)] += 1
        self.notes["blind"] += layer.blind

    def _repair(self, changes: Iterable[Change], document: Document, key: LayerKey) -> None:
        """List answers that were repaired; a mention that the given document has counts once."""
        given = next((one for one in document.layers if layer_key(one) == key), None)
        before = {mention.id: mention for mention in given.mentions} if given else {}
        for change in changes:
            self.stage.record(change)
            if change.mention not in before:
                self.stage.mentions.received += 1
                self.stage.mentions.repaired += 1
                self.stage.add(key[0], -1)
            elif msgspec.to_builtins(before[change.mention].links) == change.after["links"]:
                self.stage.mentions.kept -= 1
                self.stage.mentions.repaired += 1

    def _refuse(self, refused: Refused) -> None:
        """Count what the server holds and the documents cannot take: received and rejected."""
        change = refused.change
        if change is not None:
            self.stage.record(change)
            if not change.layer:
                self.stage.documents.received += 1
                self.stage.documents.rejected += 1
            elif not change.mention:
                self.notes["layers_rejected"] += 1
        self.stage.mentions.received += refused.mentions
        self.stage.mentions.rejected += refused.mentions

    def _rest(self, given: bool) -> Iterator[Document]:
        """What only the server has: rebuilt from a row, or refused beside given documents."""
        for source in self.sources:
            for id in source.rest():
                document, reason = None, "it is not among the given documents"
                if not given:
                    document, reason = self._rebuild(id)
                if document is None:
                    self._discard(id, reason)
                else:
                    yield document

    def _rebuild(self, id: str) -> tuple[Document | None, str]:
        reason = ""
        for source in self.sources:
            document, why = source.rebuild(id)
            if document is not None:
                return document, ""
            reason = reason or why
        return None, reason

    def _discard(self, id: str, reason: str) -> None:
        found = [place for source in self.sources if (place := source.discard(id)) is not None]
        if found:  # another source may have had it too
            where = ", ".join(place for place, _ in found)
            change = Change(kind="rejected", document=id, reason=reason, where=where)
            self._refuse(Refused(change, sum(mentions for _, mentions in found)))


def _pass_name(key: LayerKey) -> str:
    name, _, round = key
    return f"{name.removeprefix(ANNOTATOR)}.{round}"


def add_layer(document: Document, layer: Layer, stage: Stage) -> Document:
    """The document with this layer, its mentions counted as added by its author.

    In place of an equal layer of the document itself: what both have was kept, what only the
    old one had is a reject, and a mention that is judged otherwise now is a repair.
    """
    old = next((one for one in document.layers if layer_key(one) == layer_key(layer)), None)
    before = Counter(_content(mention) for mention in old.mentions) if old else Counter()
    judged = {mention.id: mention for mention in old.mentions} if old else {}
    kept = 0
    for mention in layer.mentions:
        if before[_content(mention)]:
            before[_content(mention)] -= 1
            kept += 1
            earlier = judged.get(mention.id, mention)
            if earlier.links != mention.links:
                _repair_links(document, layer, earlier, mention, stage)
    stage.add(layer.name, len(layer.mentions) - kept)
    for start, end, label in (+before).elements():
        stage.mentions.kept -= 1
        stage.mentions.rejected += 1
        stage.record(
            Change(
                kind="rejected",
                document=document.id,
                reason="the layer on the server does not have it any more",
                layer=layer.name,
                mention=f"{start}-{end}:{label}",
                before={"start": start, "end": end, "label": label},
            )
        )
    return with_layer(document, layer)


def _repair_links(
    document: Document, layer: Layer, earlier: Mention, now: Mention, stage: Stage
) -> None:
    stage.mentions.kept -= 1
    stage.mentions.repaired += 1
    stage.record(
        Change(
            kind="repaired",
            document=document.id,
            reason="the decision on the server is another now",
            layer=layer.name,
            mention=now.id,
            before={"links": msgspec.to_builtins(earlier.links)},
            after={"links": msgspec.to_builtins(now.links)},
        )
    )


def _content(mention: Mention) -> tuple[int, int, str]:
    return (mention.start, mention.end, mention.label)
