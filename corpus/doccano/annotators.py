"""Who annotates which project: `news.ann.1` is Ann's first pass of news.

A project that was made for an annotator says so in its description too, so that one that was
renamed by hand, or whose annotator has a dot in the name, is still known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from corpus.doccano.client import Doccano
from corpus.doccano.projects import Project, find_project
from corpus.errors import DoccanoProjectError, UsageError

ANNOTATOR = "annotator:"
_NAMED = re.compile(r".+\.(?P<name>[^.]+)\.(?P<round>[0-9]{1,6})", re.DOTALL)
_MARKED = re.compile(
    r"Pushed by corpus: pass (?P<round>[0-9]{1,6}) of (?P<name>\S+) in (?P<project>.+); "
    r"seed (?P<seed>-?[0-9]+)",
    re.DOTALL,
)


class Share(NamedTuple):
    """One annotator's pass and the project that holds it; `asked` is the name it was found by."""

    project: Project
    annotator: str
    round: int
    asked: str

    @property
    def id(self) -> int:
        """The project's id."""
        return int(self.project["id"])

    @property
    def renamed(self) -> str:
        """A note if its project has not the name any more that it was pushed with."""
        name = share_name(self.asked, self.annotator, self.round)
        if self.project["name"] in (name, self.asked):
            return ""
        return f"project {self.id} is named {self.project['name']!r} now; it was pushed as {name!r}"


def share_name(project: str, annotator: str, round: int) -> str:
    """The name of the project of one annotator's pass."""
    return f"{project}.{annotator}.{round}"


def share_mark(project: str, annotator: str, round: int, seed: int) -> str:
    """The description of the project of one annotator's pass."""
    return f"Pushed by corpus: pass {round} of {annotator} in {project}; seed {seed}"


def read_seed(project: Project) -> int | None:
    """The seed by which the project's documents were chosen, if its description still says so."""
    marked = _MARKED.fullmatch(str(project.get("description") or "").strip())
    return int(marked["seed"]) if marked else None


def name_annotator(project: str, annotator: str, user: str) -> tuple[str, int]:
    """Whose a shared project is, and which round: asked for, else as its name says, else ours."""
    named = _NAMED.fullmatch(project)
    name = annotator or (named["name"] if named else user)
    return name, int(named["round"]) if named else 1


def place_of(project: Project, asked: str) -> tuple[str, int] | None:
    """Whose pass of the project `asked` this one is; None if it is none of it."""
    marked = _MARKED.fullmatch(str(project.get("description") or "").strip())
    if marked and marked["project"] == asked:
        return marked["name"], int(marked["round"])
    named = _NAMED.fullmatch(project["name"])
    if named and project["name"].startswith(f"{asked}.{named['name']}."):
        return named["name"], int(named["round"])
    return None


def find_shares(projects: Iterable[Project], asked: str) -> list[Share]:
    """Every annotator's pass of the project `asked`, by annotator and pass.

    Of several projects for one pass it is the one of the right name; the others are copies.
    Raises DoccanoProjectError where that is not one.
    """
    found: dict[tuple[str, int], list[Project]] = {}
    for project in projects:
        place = place_of(project, asked)
        if place is not None:
            found.setdefault(place, []).append(project)
    return [Share(_choose(asked, *at, found[at]), *at, asked) for at in sorted(found)]


def _choose(asked: str, annotator: str, round: int, projects: list[Project]) -> Project:
    name = share_name(asked, annotator, round)
    right = [project for project in projects if project["name"] == name] or projects
    if len(right) > 1:
        ids = ", ".join(str(project["id"]) for project in right)
        raise DoccanoProjectError(
            f"{len(right)} projects are {name!r} by name or description, with the ids {ids}",
            "rename or delete all but one of them in Doccano, or pull one with --project-id",
        )
    return right[0]


def choose_shares(
    client: Doccano, asked: str, annotator: str = "", project_id: int | None = None
) -> list[Share]:
    """What a pull of `asked` reads: the project of that name, and every annotator's pass of it.

    With `project_id` it is that project alone; with `annotator` that person's passes, or else
    the project itself, read as theirs. Raises DoccanoProjectError where there is nothing, or
    where two projects would hold one layer.
    """
    itself = find_project(client, asked, project_id)
    passes = [] if project_id is not None else find_shares(client.list_projects(), asked)
    if annotator and passes:
        names = sorted({share.annotator for share in passes})
        passes = [share for share in passes if share.annotator == annotator]
        if not passes and itself is None:
            raise UsageError(
                f"--annotator {annotator}: has no project {share_name(asked, annotator, 1)!r}",
                f"{asked!r} is annotated by: {', '.join(names)}",
            )
    shares = list(passes)
    if itself is not None and not (annotator and passes):
        name, round = name_annotator(asked, annotator, client.username)
        shares.insert(0, Share(itself, name, round, asked))
    if not shares:
        raise DoccanoProjectError(
            f"no project is named {asked!r}, or {client.username!r} is no member of it",
            "check --project; `corpus push` makes one",
        )
    return shares
