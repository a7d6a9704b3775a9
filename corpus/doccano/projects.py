"""Which project is meant, whether it is one that corpus can push to, and making it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from corpus.doccano.certainty import make_sure
from corpus.doccano.client import Doccano
from corpus.errors import DoccanoProjectError, UsageError

Project = dict[str, Any]

_LONGEST_NAME = 100
_TYPE = "SequenceLabeling"
DESCRIPTION = "Pushed by corpus"

# What a project must be for a push to keep its word. In one that is not shared, suggestions are
# seen by nobody but their importer; without overlap, nested mentions are dropped in silence.
_NEEDED = {
    "collaborative_annotation": (True, "is not shared, so annotators would not see suggestions"),
    "allow_overlapping": (True, "does not allow overlapping spans, so some would be dropped"),
    "grapheme_mode": (False, "counts graphemes, which push does not"),
    "use_relation": (False, "has relations, which corpus does not know"),
}


def find_project(client: Doccano, name: str, project_id: int | None = None) -> Project | None:
    """The project of exactly this name that this person is a member of, or None.

    Raises DoccanoProjectError if several have it and none is chosen by its id.
    """
    check_name(name)
    named = _named(client, name)
    ids = ", ".join(str(project["id"]) for project in named)
    if project_id is not None:
        for project in named:
            if project["id"] == project_id:
                return project
        raise DoccanoProjectError(
            f"project {project_id} is not named {name!r}, or {client.username!r} is no member",
            f"the ids of that name are: {ids}" if ids else "leave --project-id out",
        )
    named = _without_twins(client, named)
    if len(named) > 1:
        raise DoccanoProjectError(
            f"{len(named)} projects are named {name!r}, with the ids {ids}",
            "choose one with --project-id",
        )
    return named[0] if named else None


def check_name(name: str) -> None:
    """Raises UsageError for a name that Doccano cannot keep as it is."""
    if not 1 <= len(name) <= _LONGEST_NAME or name != name.strip():
        raise UsageError(
            f"project name {name[:60]!r}: a name has 1 to {_LONGEST_NAME} characters and no outer "
            "blanks",
            "give another --project",
        )


def check_type(project: Project, kind: str = _TYPE) -> None:
    """Raises DoccanoProjectError if this is no project of that kind, by default for spans."""
    if project["project_type"] != kind:
        raise DoccanoProjectError(
            f"project {project['name']!r} ({project['id']}) is of type {project['project_type']}, "
            f"not {kind}",
            "give another --project; nothing was changed",
        )


def check_settings(project: Project) -> None:
    """Raises DoccanoProjectError if a push could not keep every span in this project."""
    check_type(project)
    for setting, (needed, reason) in _NEEDED.items():
        if project.get(setting) is not needed:
            raise DoccanoProjectError(
                f"project {project['name']!r} ({project['id']}) {reason} ({setting} is "
                f"{project.get(setting)})",
                "change that in the project's settings, or give another --project; "
                "nothing was changed",
            )


def create_project(
    client: Doccano, name: str, guideline: str, description: str = DESCRIPTION
) -> Project:
    """The one project of this name: ours, or one that somebody made a moment earlier."""
    fields = {
        "description": description,
        "project_type": _TYPE,
        "resourcetype": "SequenceLabelingProject",
        "single_class_classification": False,
        "allow_overlapping": True,
        "grapheme_mode": False,
        "use_relation": False,
    }
    return create_named(client, name, guideline, fields, check_settings)


def create_named(
    client: Doccano,
    name: str,
    guideline: str,
    fields: dict[str, Any],
    check: Callable[[Project], None],
) -> Project:
    """The one project of this name, of these fields; one that somebody else made is checked."""
    fields = {
        "name": name,
        "description": DESCRIPTION,
        "guideline": guideline,
        "random_order": False,  # the order of the input is kept
        "collaborative_annotation": True,
        "allow_member_to_create_label_type": False,
        "tags": [],
        **fields,
    }
    make_sure(lambda: client.create_project(fields), lambda: bool(_named(client, name)))
    # Names are not unique: of two pushes at once, or a request that arrived twice, the lowest
    # id is the project, and what is empty beside it goes.
    first, *twins = _named(client, name)
    for twin in twins:
        with contextlib.suppress(DoccanoProjectError):  # its own push was faster
            if twin["description"] == fields["description"] and _is_bare(client, twin):
                client.delete_project(twin["id"])
    check(first)
    return first


def _named(client: Doccano, name: str) -> list[Project]:
    return [project for project in client.list_projects() if project["name"] == name]


def _is_bare(client: Doccano, project: Project) -> bool:
    """Whether nobody has put anything into the project."""
    return not client.count_examples(project["id"])


def _without_twins(client: Doccano, named: list[Project]) -> list[Project]:
    """The projects of one name without those that a push left empty when it was interrupted."""
    if len(named) < 2 or not all(str(one["description"]).startswith(DESCRIPTION) for one in named):
        return named
    full = [project for project in named if not _is_bare(client, project)]
    return full or named[:1]


def fill_guideline(client: Doccano, project: Project, guideline: str) -> str:
    """A note on what became of the guideline: filled where there was none, never overwritten."""
    there = str(project.get("guideline") or "").strip()
    if not guideline.strip() or there == guideline.strip():  # Doccano cuts outer blanks
        return ""
    if there:
        return "the project has another guideline already, which was not overwritten"
    client.update_project(
        project["id"], {"guideline": guideline, "resourcetype": "SequenceLabelingProject"}
    )
    return "the guideline was filled in"
