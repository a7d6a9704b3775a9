"""A workspace from article to linked gold, each file made by its own command or as it makes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from corpus.manifest import open_stage
from corpus.model import Document, Layer, Link, Mention, count_mentions, layer_of, with_layer
from corpus.store import read_documents, write_documents

ENTITIES = """\
{"id": "Q81299", "label": "OSCE", "type": "ORG"}
{"id": "Q1899", "label": "Kyiv", "type": "GPE"}
"""
TEXT = "KYIV, March 1. The OSCE met in Kyiv city.\n"


def make_workspace(folder: Path, run_cli: Callable) -> None:
    """`folder` (the working folder) has documents.jsonl, silver.jsonl and the pull annotations/."""
    (folder / "articles").mkdir()
    (folder / "articles" / "osce.txt").write_text(TEXT)
    (folder / "articles" / "other.txt").write_text("Nothing of note happened elsewhere.\n")
    (folder / "kb.jsonl").write_text(ENTITIES)
    for command in (
        "convert articles -o documents.jsonl",
        "kb build kb.jsonl -o news.kb",
        "suggest documents.jsonl --kb news.kb -o silver.jsonl",
    ):
        assert run_cli(command.split()).code == 0
    (folder / "annotations").mkdir()
    pull("silver.jsonl", "annotations/documents.jsonl", spans_of)


def pull(source: str, output: str, layers_of: Callable[[Document], list[Layer]]) -> None:
    """Stand in for the server: every document gets these layers, as a pull counts them."""
    stage = open_stage("pull", output, [source], settings={"project": "news"}, force=True)
    with stage:
        found = []
        for document in read_documents(source):
            stage.documents.received += 1
            stage.documents.kept += 1
            stage.documents.written += 1
            stage.mentions.received += count_mentions(document)
            stage.mentions.kept += count_mentions(document)
            for layer in layers_of(document):
                document = with_layer(document, layer)
                stage.add(layer.name, len(layer.mentions))
            stage.mentions.written += count_mentions(document)
            found.append(document)
        write_documents(found, output)


def place(document: Document, words: str, label: str) -> Mention:
    start = document.text.index(words)
    return Mention(f"{start}-{start + len(words)}:{label}", start, start + len(words), label)


def spans_of(document: Document) -> list[Layer]:
    """Ann and Bob agree on the OSCE, and see Kyiv each in their way."""
    if "OSCE" not in document.text:
        return [Layer(f"annotator:{name}", state="confirmed") for name in ("ann", "bob")]
    osce = place(document, "OSCE", "ORG")
    ann = (osce, place(document, "Kyiv city", "GPE"))
    bob = (osce, replace(place(document, "Kyiv", "GPE"), candidates=()))
    return [
        Layer("annotator:ann", state="confirmed", mentions=ann),
        Layer("annotator:bob", state="confirmed", mentions=bob),
    ]


def links_of(document: Document) -> list[Layer]:
    """Ann and Bob link the OSCE to the same entity."""
    gold = layer_of(document, "gold")
    [link] = {m.links[0] for m in layer_of(document, "silver").mentions if m.label == "ORG"} or {
        Link("none")
    }
    mentions = tuple(
        replace(m, links=(link,) if m.label == "ORG" else (), source="key:1", candidates=())
        for m in gold.mentions
        if m.label == "ORG"
    )
    mentions = tuple(replace(m, votes=(), decisions=()) for m in mentions)
    return [
        Layer(f"annotator:{name}", "links", state="confirmed", mentions=mentions)
        for name in ("ann", "bob")
    ]
