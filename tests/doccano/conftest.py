"""A session of our own with the live Doccano, and push and pull as plain calls."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from corpus.doccano.accounts import create_users
from corpus.doccano.client import Doccano
from corpus.doccano.exports import read_rows, unpack_export
from corpus.doccano.mapping import ExportRow
from corpus.doccano.pull import OUTPUT, PullPlan, pull_documents
from corpus.doccano.push import PushPlan, PushResult, push_documents
from corpus.doccano.settings import ServerSettings
from corpus.doccano.verdicts import Finding
from corpus.manifest import Stage, rejects_path
from corpus.model import Document, Layer, Mention, layer_of, make_document, with_ids
from corpus.store import read_documents, write_documents
from tests.doccano.link_task import LinkTask
from tests.doccano.team import IDS, KYIV, Team


@pytest.fixture
def settings(doccano_server) -> ServerSettings:
    server = doccano_server
    return ServerSettings(server.url, server.username, server.password)


@pytest.fixture
def client(settings) -> Doccano:
    return Doccano(settings, time_limit=60)


@dataclass
class Pushed:
    result: PushResult
    findings: list[Finding]

    def verdicts(self) -> list[tuple[str, str]]:
        return [(finding.document, finding.verdict) for finding in self.findings]


@dataclass
class Pulled:
    stage: Stage | None
    documents: dict[str, Document]
    rejects: list[dict[str, Any]]

    def layer(self, id: str, name: str = "annotator:ann") -> Layer:
        layer = layer_of(self.documents[id], name)
        assert layer is not None
        return layer

    def spans(self, id: str, name: str = "annotator:ann") -> list[tuple[int, int, str]]:
        return [(m.start, m.end, m.label) for m in self.layer(id, name).mentions]


@dataclass
class Project:
    """One project on the live server, pushed to and pulled from."""

    client: Doccano
    name: str
    folder: Path
    documents: Path = field(init=False)

    def __post_init__(self) -> None:
        self.documents = self.folder / "silver.jsonl"

    @property
    def id(self) -> int:
        [project] = [p for p in self.client.list_projects() if p["name"] == self.name]
        return int(project["id"])

    def push(self, documents: Iterable[Document] | None = None, **options: Any) -> Pushed:
        if documents is not None:
            write_documents(documents, self.documents)
        findings: list[Finding] = []
        plan = PushPlan(documents=self.documents, project=self.name, **options)
        return Pushed(push_documents(plan, self.client, findings.append), findings)

    def pull(self, *, given: bool = True, folder: str = "pulled", **options: Any) -> Pulled:
        output = self.folder / folder / OUTPUT
        plan = PullPlan(
            folder=output.parent,
            project=self.name,
            documents=self.documents if given else None,
            **options,
        )
        stage = pull_documents(plan, self.client)
        rejects = rejects_path(output)
        lines = rejects.read_text("utf-8").splitlines() if rejects.exists() else []
        return Pulled(
            stage,
            {document.id: document for document in read_documents(output)},
            [json.loads(line) for line in lines],
        )

    def examples(self) -> dict[str, dict[str, Any]]:
        """The examples by document id; those that corpus did not push by their text."""
        return {
            example["meta"].get("corpus_id", example["text"]): example
            for example in self.client.list_examples(self.id)
        }

    def export(self, *, confirmed: bool = False) -> list[ExportRow]:
        archive = self.folder / "export.zip"
        self.client.export_project(self.id, archive, confirmed=confirmed)
        files = unpack_export(archive, self.folder)
        return [row for file in files for _, row in read_rows(file)]

    def import_rows(self, *rows: dict[str, Any]) -> list[str]:
        lines = [json.dumps(row).encode() + b"\n" for row in rows]
        return self.client.import_rows(self.id, lines, "rows.jsonl")

    def add_span(self, id: str, start: int, end: int, label: str) -> None:
        types = {t["text"]: t["id"] for t in self.client.list_span_types(self.id)}
        example = self.examples()[id]["id"]
        self.client.create_span(self.id, example, start, end, types[label])

    def delete_spans(self, id: str) -> None:
        example = self.examples()[id]["id"]
        for span in self.client.list_spans(self.id, example):
            self.client.delete_span(self.id, example, span["id"])

    def comment(self, id: str, text: str) -> None:
        self.client.create_comment(self.id, self.examples()[id]["id"], text)

    def confirm(self, id: str) -> None:
        self.client.confirm_example(self.id, self.examples()[id]["id"])

    def change(self, **fields: Any) -> None:
        self.client.update_project(self.id, {**fields, "resourcetype": "SequenceLabelingProject"})


@pytest.fixture
def project(client, request, tmp_path) -> Project:
    """A project that is not there yet, of Ann's first pass, its name that of the test."""
    name = f"{request.node.name[:60]}-{os.urandom(3).hex()}.ann.1"
    return Project(client, name, tmp_path)


@pytest.fixture
def make_silver() -> Callable[..., Document]:
    """`make_silver("a", "In Kyiv", (3, 7, "GPE"))` has a silver layer of these spans."""

    def make(id: str, text: str, *spans: tuple[int, int, str], **meta: str) -> Document:
        mentions = with_ids(Mention(id="", start=s, end=e, label=label) for s, e, label in spans)
        return make_document(id, text, meta=meta, layers=(Layer("silver", mentions=mentions),))

    return make


@pytest.fixture
def links(client, request, tmp_path) -> LinkTask:
    """A link project that is not there yet, of Ann's first pass, its name that of the test."""
    name = f"{request.node.name[:60]}-{os.urandom(3).hex()}.ann.1"
    return LinkTask(client, name, tmp_path)


@pytest.fixture(scope="session")
def people(doccano_server, tmp_path_factory) -> dict[str, str]:
    """Three users of the server with their passwords."""
    server = doccano_server
    client = Doccano(ServerSettings(server.url, server.username, server.password))
    path = tmp_path_factory.mktemp("people") / "passwords"
    mark = secrets.token_hex(3)
    create_users(client, [f"ann{mark}", f"bob.b{mark}", f"Eve{mark}"], path)
    return dict(line.split("\t") for line in path.read_text("utf-8").splitlines())


@pytest.fixture
def team(client, people, request, tmp_path, make_silver) -> Team:
    name = f"{request.node.name[:50]}-{os.urandom(3).hex()}"
    team = Team(client, name, tmp_path, people)
    write_documents([make_silver(id, "In Kyiv", KYIV) for id in IDS], team.documents)
    return team
