"""Which layer of a document, and which of its mentions, a flat format shows."""

from __future__ import annotations

from corpus.model import Document, Layer, Mention, longest_mentions


def choose_layer(document: Document, name: str | None = None) -> Layer | None:
    """The layer that `doc.ents` shows: the named one; else gold, the one annotator's, silver.

    Else the only layer there is; None where that leaves a choice. Of several rounds the last.
    """
    spans = [layer for layer in document.layers if layer.task == "spans"]
    names = dict.fromkeys(layer.name for layer in spans)
    annotators = [each for each in names if each.startswith("annotator:")]
    if name is None:
        if "gold" in names:
            name = "gold"
        elif len(annotators) == 1:
            name = annotators[0]
        elif "silver" in names:
            name = "silver"
        elif len(names) == 1:
            (name,) = names
    chosen = [layer for layer in spans if layer.name == name]
    return max(chosen, key=lambda layer: layer.round) if chosen else None


def shown_mentions(text: str, layer: Layer) -> tuple[Mention, ...]:
    """The layer's mentions that `doc.ents` can hold: the longest, and none with an outer blank.

    spaCy's entity recognizer refuses to learn an entity that begins or ends with a blank.
    """
    learnable = (
        mention
        for mention in layer.mentions
        if not text[mention.start].isspace() and not text[mention.end - 1].isspace()
    )
    return tuple(longest_mentions(learnable))
