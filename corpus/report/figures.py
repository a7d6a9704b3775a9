"""What a corpus counts: documents, mentions by label, links, states; by layer and by split."""

from __future__ import annotations

from collections import Counter, defaultdict

from corpus.model import NIL, Document, Layer, Mention
from corpus.report.disagreement import disagreements

JUDGED = ("linked", NIL, "not judged")


class Figures:
    """Counts of the documents that were added."""

    def __init__(self) -> None:
        self.documents = 0
        self.characters = 0
        self.disagreements = 0
        self.disputed_documents = 0
        self.languages: Counter[str] = Counter()
        self.labels: dict[str, Counter[str]] = defaultdict(Counter)
        self.links: dict[str, Counter[str]] = defaultdict(Counter)
        self.states: dict[str, Counter[str]] = defaultdict(Counter)
        self.splits: Counter[str] = Counter()
        self.split_labels: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, document: Document, *, split: str = "") -> None:
        """Count one document; a split's mentions are of its gold, else of the first layer."""
        self.documents += 1
        self.characters += len(document.text)
        self.languages[document.lang or "unknown"] += 1
        disputed = len(disagreements(document))
        self.disagreements += disputed
        self.disputed_documents += bool(disputed)
        for layer in document.layers:
            name = layer_title(layer.name, layer.task, layer.round)
            self.links[name].update(map(judged, layer.mentions))
            if layer.state is not None:
                self.states[name][layer.state] += 1
            if layer.task == "spans":
                self.labels[name].update(mention.label for mention in layer.mentions)
        if split:
            self.splits[split] += 1
            self.split_labels[split].update(m.label for m in best_layer(document).mentions)


def layer_title(name: str, task: str, round: int) -> str:
    """A layer in words: `gold`, `annotator:ann (links)`, `annotator:ann (round 2)`."""
    more = [task] if task != "spans" else []
    more += [f"round {round}"] if round > 1 else []
    return f"{name} ({', '.join(more)})" if more else name


def judged(mention: Mention) -> str:
    """Whether a mention is linked, NIL or not judged."""
    if not mention.links:
        return JUDGED[2]
    return JUDGED[1] if all(link.target == NIL for link in mention.links) else JUDGED[0]


def best_layer(document: Document) -> Layer:
    """The gold spans, else the first layer of spans, else a layer without mentions."""
    spans = [layer for layer in document.layers if layer.task == "spans"]
    spans.sort(key=lambda layer: layer.name != "gold")
    return spans[0] if spans else Layer("gold")
