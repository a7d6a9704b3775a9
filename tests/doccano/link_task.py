"""A link project on the live server, pushed to and pulled from, and a person at its keys."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.doccano.client import Doccano
from corpus.doccano.link_push import LinkPushPlan, LinkPushResult, push_links
from corpus.doccano.projects import find_project
from corpus.doccano.pull import OUTPUT, PullPlan, pull_documents
from corpus.doccano.verdicts import Finding
from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.manifest import Stage, rejects_path, repairs_path
from corpus.model import Document, Layer, Mention, layer_of, make_document, with_ids, with_layer
from corpus.store import read_documents, write_documents
from corpus.suggest.links import suggest_links

ENTITIES = [
    {"id": "Q649", "label": "Moscow", "type": "city", "description": "capital of Russia"},
    {"id": "Q1899", "label": "Kyiv", "type": "city", "description": "capital of Ukraine"},
    {"id": "Q159", "label": "Russia", "type": "country", "description": "from Europe to Asia"},
    {"id": "Q81299", "label": "OSCE", "type": "organisation", "description": "for security"},
    {"id": "local:osce-pa", "label": "OSCE PA", "type": "organisation", "aliases": ["OSCE"]},
]
NAMES = {"Moscow": "GPE", "Kyiv": "GPE", "Russia": "GPE", "OSCE": "ORG", "Nowhere": "GPE"}


def make_gold(id: str, text: str, names: dict[str, str] = NAMES) -> Document:
    """A document whose gold layer has every place where one of the names stands."""
    mentions = [
        Mention("", at, at + len(name), label)
        for name, label in names.items()
        for at in range(len(text))
        if text.startswith(name, at)
    ]
    return make_document(id, text, layers=(Layer("gold", mentions=with_ids(mentions)),))


@dataclass
class Pushed:
    result: LinkPushResult
    findings: list[Finding]

    def reasons(self) -> list[tuple[str, str, str]]:
        return [(one.document, one.verdict, one.reason) for one in self.findings]


@dataclass
class Pulled:
    stage: Stage | None
    documents: dict[str, Document]
    rejects: list[dict[str, Any]]
    repairs: list[dict[str, Any]]

    def layer(self, id: str, name: str = "annotator:ann") -> Layer:
        layer = layer_of(self.documents[id], name, "links")
        assert layer is not None
        return layer

    def said(self, id: str) -> dict[str, tuple[str, list[str]]]:
        """Mention id -> the key it was judged by and the targets of its links."""
        return {
            m.id: (m.source.removeprefix("key:"), [link.target for link in m.links])
            for m in self.layer(id).mentions
        }

    def reasons(self) -> list[tuple[str, str]]:
        return [(one["mention"], one["reason"]) for one in self.rejects]


@dataclass
class LinkTask:
    """One link project."""

    client: Doccano
    name: str
    folder: Path
    kb: Path = field(init=False)

    def __post_init__(self) -> None:
        self.kb = self.build(*ENTITIES)

    @property
    def documents(self) -> Path:
        return self.folder / "linked.jsonl"

    @property
    def id(self) -> int:
        project = find_project(self.client, self.name)
        assert project is not None
        return int(project["id"])

    def build(self, *entities: dict[str, Any], name: str = "test") -> Path:
        source = self.folder / f"{name}.jsonl"
        source.write_text("".join(json.dumps(entity) + "\n" for entity in entities))
        build_kb([source], self.folder / f"{name}.kb")
        return self.folder / f"{name}.kb"

    def suggest(self, documents: Iterable[Document]) -> None:
        """`documents` stand in the input, with candidates from the knowledge base."""
        kb = KB(self.kb)
        linked = []
        for document in documents:
            gold = layer_of(document, "gold")
            assert gold is not None
            linked.append(with_layer(document, suggest_links(document, gold, kb, threshold=0.6)))
        write_documents(linked, self.documents)

    def push(self, documents: Iterable[Document] | None = None, **options: Any) -> Pushed:
        if documents is not None:
            self.suggest(documents)
        findings: list[Finding] = []
        plan = LinkPushPlan(documents=self.documents, project=self.name, kb=self.kb, **options)
        return Pushed(push_links(plan, self.client, findings.append), findings)

    def pull(self, *, kb: Path | None = None, **options: Any) -> Pulled:
        output = self.folder / "links" / OUTPUT
        options = {"documents": self.documents, "layer": "gold", **options}
        plan = PullPlan(output.parent, self.name, task="links", kb=kb or self.kb, **options)
        stage = pull_documents(plan, self.client)
        rejects, repairs = (
            [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            if path.exists()
            else []
            for path in (rejects_path(output), repairs_path(output))
        )
        documents = {document.id: document for document in read_documents(output)}
        return Pulled(stage, documents, rejects, repairs)

    def examples(self) -> list[dict[str, Any]]:
        """The examples in the order of the page."""
        return list(self.client.list_examples(self.id))

    def keys(self) -> list[list[str]]:
        """The chosen labels of each example, in the order of the page."""
        names = {t["id"]: t["text"] for t in self.client.list_category_types(self.id)}
        return [
            [names[one["label"]] for one in self.client.list_categories(self.id, example["id"])]
            for example in self.examples()
        ]

    def decide(
        self, number: int, *keys: str, comments: Iterable[str] = (), confirm: bool = True
    ) -> None:
        """Example `number` (from 0) gets these keys and comments; no key leaves it as it is."""
        types = {t["text"]: t["id"] for t in self.client.list_category_types(self.id)}
        example = self.examples()[number]["id"]
        for key in keys:
            self.client.create_category(self.id, example, types[key])
        for comment in comments:
            self.client.create_comment(self.id, example, comment)
        if confirm:
            self.client.confirm_example(self.id, example)

    def clear(self, number: int) -> None:
        """Example `number` has no key any more."""
        example = self.examples()[number]["id"]
        for one in self.client.list_categories(self.id, example):
            path = f"projects/{self.id}/examples/{example}/categories/{one['id']}"
            self.client._request("DELETE", path)
