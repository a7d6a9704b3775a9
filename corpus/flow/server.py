"""What the annotation server says now of a project's people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from corpus.doccano.client import Doccano
from corpus.doccano.settings import read_settings
from corpus.errors import CorpusError, UsageError


class ServerProject(Struct):
    """A project on the server: how many examples it has, and how many are confirmed now."""

    name: str
    examples: int
    confirmed: int


def ask_server(names: Sequence[str], folder: Path) -> tuple[str, list[ServerProject]]:
    """The server in words, and the projects of these names and their people's.

    A server that is not known or does not answer is no error here: the words say so.
    """
    try:
        settings = read_settings(folder)
    except UsageError as error:
        return error.message, []
    try:
        client = Doccano(settings, time_limit=30.0)
        wanted = tuple(start for name in names for start in (f"{name}.", f"{name}-links."))
        found = [
            _ask(client, project["name"], int(project["id"]))
            for project in sorted(client.list_projects(), key=lambda each: str(each["name"]))
            if project["name"] in names or project["name"].startswith(wanted)
        ]
    except CorpusError as error:
        return error.message, []
    return settings.url, found


def _ask(client: Doccano, name: str, project: int) -> ServerProject:
    return ServerProject(
        name, client.count_examples(project), client.count_examples(project, confirmed=True)
    )
