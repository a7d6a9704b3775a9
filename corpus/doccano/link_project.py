"""The project of a link task: single class, shared, with its fixed keys and what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from corpus.doccano.client import Doccano
from corpus.doccano.labels import TEXT_COLOUR
from corpus.doccano.link_examples import CANDIDATE_KEYS, SHORTCUTS
from corpus.doccano.projects import DESCRIPTION, Project, check_type, create_named
from corpus.errors import DoccanoProjectError

KIND = "DocumentClassification"
"""What Doccano calls a project for text classification, and an import into one."""

_CANDIDATE_COLOUR, _OTHER_COLOUR = "#1565c0", "#37474f"  # white on either reads at 5 : 1 and more

_NEEDED = {
    "collaborative_annotation": "is not shared, so annotators would not see what is preselected",
    "single_class_classification": "is not for a single class, so two keys could be chosen",
}

GUIDELINE = """\
One name stands in ⟦brackets⟧: which entry of the knowledge base does it mean here?

- **1 … 9** choose the candidate of that number. The best one is chosen already.
- **Enter** confirms (a second Enter takes it back), **→** goes on. Mostly these two are all.
- The key of the chosen label *removes* it: to keep what is chosen, press Enter only.
- **n** NIL: the knowledge base has no entry for it.
- **o** OTHER: it has one that is not listed. Write its id as a comment: `kb:Q81299`
- **b** BAD SPAN: the brackets do not mark a name, or not all of it.
- **u** UNSURE: somebody else should look.
- **s** SPLIT: the places listed below mean different things. They come back one by one.
- A second meaning ("Moscow denied": the city, and Russia) goes into a comment: `meto:Q159`
- Click into the comment's field before you type: anywhere else letters are keys.
"""


def check_link_project(project: Project) -> None:
    """Raises DoccanoProjectError if this is no shared project for classification."""
    check_type(project, KIND)
    _check_settings(project, ["collaborative_annotation"])


def check_link_settings(project: Project) -> None:
    """Raises DoccanoProjectError if this is no project for links to decide."""
    check_type(project, KIND)
    _check_settings(project, _NEEDED)


def _check_settings(project: Project, settings: Iterable[str]) -> None:
    for setting in settings:
        reason = _NEEDED[setting]
        if project.get(setting) is not True:
            raise DoccanoProjectError(
                f"project {project['name']!r} ({project['id']}) {reason} ({setting} is "
                f"{project.get(setting)})",
                "change that in the project's settings, or give another --project; "
                "nothing was changed",
            )


def create_link_project(client: Doccano, name: str, description: str = DESCRIPTION) -> Project:
    """The one link project of this name: ours, or one that somebody made a moment earlier."""
    fields = {
        "description": description,
        "project_type": KIND,
        "resourcetype": "TextClassificationProject",
        "single_class_classification": True,
    }
    return create_named(client, name, GUIDELINE, fields, check_link_settings)


def plan_category_types(client: Doccano, project: Project | None) -> list[dict[str, Any]]:
    """The label types to create, in the order of the page.

    Raises DoccanoProjectError if the project has others than those of the link task.
    """
    there = client.list_category_types(project["id"]) if project else []
    names = {str(one["text"]) for one in there}
    strange = sorted(names - set(SHORTCUTS))
    if strange and project:
        raise DoccanoProjectError(
            f"project {project['name']!r} ({project['id']}) has label types that are not of the "
            f"link task: {', '.join(strange)}",
            "give another --project; nothing was changed",
        )
    return [
        {
            "text": name,
            "prefix_key": None,
            "suffix_key": key,
            "background_color": _CANDIDATE_COLOUR if name in CANDIDATE_KEYS else _OTHER_COLOUR,
            "text_color": TEXT_COLOUR,
        }
        for name, key in SHORTCUTS.items()
        if name not in names
    ]


def note_changed_keys(client: Doccano, project: Project) -> str:
    """Which label types have another key than the guideline says, in words; nothing if none."""
    changed = [
        f"{one['text']} is {one['suffix_key'] or 'none'}"
        for one in client.list_category_types(project["id"])
        if SHORTCUTS.get(str(one["text"])) != one["suffix_key"] or one["prefix_key"]
    ]
    return f"keys were changed in the project: {', '.join(changed)}" if changed else ""
