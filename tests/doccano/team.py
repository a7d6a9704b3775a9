"""Several annotators of one project on the live server, each at a session of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.doccano.assigned_parts import AssignPlan, AssignResult
from corpus.doccano.assigned_push import push_assigned
from corpus.doccano.assignment import Deal
from corpus.doccano.client import Doccano
from corpus.doccano.pull import OUTPUT, PullPlan, pull_documents
from corpus.doccano.push import PushPlan
from corpus.doccano.settings import ServerSettings
from corpus.model import Document
from corpus.store import read_documents

KYIV = (3, 7, "GPE")
IDS = [f"d{number:02}" for number in range(24)]


@dataclass
class Team:
    """A project, its annotators and their documents."""

    client: Doccano
    name: str
    folder: Path
    passwords: dict[str, str]

    @property
    def documents(self) -> Path:
        return self.folder / "silver.jsonl"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.passwords)

    def push(
        self,
        *names: str,
        dry_run: bool = False,
        users: Path | None = None,
        options: dict[str, Any] | None = None,
        **deal: Any,
    ) -> AssignResult:
        self.recorded: list[Any] = []
        plan = AssignPlan(
            push=PushPlan(documents=self.documents, project=self.name, **(options or {})),
            deal=Deal(names or self.names, **deal),
            passwords=users,
            dry_run=dry_run,
        )
        return push_assigned(plan, self.client, self.recorded.append, watch=lambda items, _: items)

    def session(self, name: str) -> Doccano:
        """The annotator, logged in."""
        return Doccano(ServerSettings(self.client.url, name, self.passwords[name]), time_limit=60)

    def pull(self, **options: Any) -> dict[str, Document]:
        folder = self.folder / "pulled"
        pull_documents(PullPlan(folder, self.name, self.documents, **options), self.client)
        return {document.id: document for document in read_documents(folder / OUTPUT)}

    def seen_by(self, name: str) -> dict[str, list[str]]:
        """The projects of this team that the annotator is let into, with their documents."""
        theirs = self.session(name)
        return {
            project["name"].removeprefix(f"{self.name}."): [
                example["meta"]["corpus_id"] for example in theirs.list_examples(project["id"])
            ]
            for project in theirs.list_projects()
            if project["name"].startswith(self.name)
        }

    def confirm(self, name: str, round: int = 1) -> None:
        """The annotator confirms every document of the pass."""
        theirs = self.session(name)
        project = self.project(f"{name}.{round}")
        for example in list(theirs.list_examples(project)):
            theirs.confirm_example(project, example["id"])

    def project(self, share: str) -> int:
        wanted = f"{self.name}.{share}"
        [project] = [p for p in self.client.list_projects() if p["name"] == wanted]
        return int(project["id"])

    def projects(self) -> list[str]:
        return [p["name"] for p in self.client.list_projects() if p["name"].startswith(self.name)]
