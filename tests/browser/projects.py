"""Projects for the browser's tests, made and read by `corpus` itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.doccano.client import Doccano
from corpus.doccano.pull import PullPlan, pull_documents
from corpus.doccano.push import PushPlan, push_documents
from corpus.model import Document, Layer, Mention, layer_of, make_document
from corpus.store import read_documents, write_documents
from tests.browser.marked_texts import LABELS, Marked

Spans = dict[str, tuple[int, int]]


def marked_documents(texts: Sequence[Marked], *, suggested: bool) -> list[Document]:
    """A document a text; with `suggested` its marks are mentions of the layer silver."""
    return [
        make_document(
            marked.name,
            marked.text,
            layers=(Layer("silver", mentions=_mentions(marked) if suggested else ()),),
        )
        for marked in texts
    ]


def _mentions(marked: Marked) -> tuple[Mention, ...]:
    return tuple(
        Mention(f"m{at}", start, end, label)
        for at, (label, (start, end)) in enumerate(spans_of(marked).items())
    )


def spans_of(marked: Marked) -> Spans:
    """Label -> code point span: a label of its own for each mark."""
    return dict(zip(LABELS, marked.spans, strict=False))


def push(client: Doccano, project: str, documents: Sequence[Document], folder: Path) -> int:
    """The id of the project, which holds the documents as they are and a label type a mark."""
    path = folder / "pushed.jsonl"
    write_documents(documents, path)
    findings: list[object] = []
    result = push_documents(PushPlan(path, project, labels=LABELS), client, findings.append)
    assert result.clean, findings
    assert result.project_id is not None
    return result.project_id


def pull(client: Doccano, project: str, folder: Path) -> dict[str, Spans]:
    """Document id -> the spans by label of the annotator's layer; none of them refused."""
    plan = PullPlan(folder / "pulled", project, folder / "pushed.jsonl", annotator="mouse")
    stage = pull_documents(plan, client)
    assert stage is not None
    assert (stage.documents.rejected, stage.mentions.rejected) == (0, 0)
    return {
        document.id: _spans(layer_of(document, "annotator:mouse"))
        for document in read_documents(plan.folder / "documents.jsonl")
    }


def _spans(layer: Layer | None) -> Spans:
    mentions = layer.mentions if layer else ()
    return {mention.label: (mention.start, mention.end) for mention in mentions}


def colours_of(client: Doccano, project: int) -> dict[str, str]:
    """Colour -> label."""
    return {one["background_color"]: one["text"] for one in client.list_span_types(project)}
