"""Links put onto the gold layer of each document, and accounted for, whoever chose them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from corpus.manifest import Stage
from corpus.model import Change, Document, Layer, count_mentions, layer_of

NO_GOLD = "it has confirmed links and no gold layer that they are for"


def relink_documents(
    documents: Iterable[Document],
    stage: Stage,
    notes: Counter[str],
    *,
    layers_of: Callable[[Document], Sequence[Layer]],
    link: Callable[[Document, Sequence[Layer], Layer], Layer],
    refuse: Callable[[Sequence[Layer]], str] = lambda _: "",
) -> Iterator[Document]:
    """The documents, the gold layer of each as `link` makes it of the links layers of `layers_of`.

    A mention of gold that changed is a repair. A document without such layers goes on as it is
    and is counted as waiting; one without gold, or that `refuse` has a reason for, is a reject.
    """
    for document in documents:
        mentions = count_mentions(document)
        stage.documents.received += 1
        stage.mentions.received += mentions
        layers = layers_of(document)
        gold = layer_of(document, "gold")
        reason = NO_GOLD if layers and gold is None else refuse(layers)
        if reason:
            stage.documents.rejected += 1
            stage.mentions.rejected += mentions
            stage.record(Change(kind="rejected", document=document.id, reason=reason))
            continue
        repaired = 0
        if layers and gold is not None:
            linked = link(document, layers, gold)
            repaired = sum(a != b for a, b in zip(gold.mentions, linked.mentions, strict=True))
            changed = tuple(linked if layer is gold else layer for layer in document.layers)
            document = replace(document, layers=changed)
        notes["waiting"] += not layers
        stage.documents.kept += 1
        stage.documents.written += 1
        stage.mentions.kept += mentions - repaired
        stage.mentions.repaired += repaired
        stage.mentions.written += mentions
        yield document
    stage.manifest.notes.update(notes)
