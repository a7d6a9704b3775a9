"""corpus doccano add-label: a label type more in projects that people work in."""

from __future__ import annotations

from typing import Annotated

import typer

from corpus.cli.options import Json
from corpus.cli.push import ProjectId, ProjectName
from corpus.cli.terminal import print_result


def add_label_cli(
    labels: Annotated[list[str], typer.Argument(help="Names of the label types.")],
    project: ProjectName,
    project_id: ProjectId = None,
    json: Json = False,
) -> int:
    """Add label types to a project and to all its annotators' passes; nothing is re-opened.

    Each gets a colour and a free key. What was confirmed stays confirmed: whether the documents
    that are done must be looked at again for the new label is yours to decide.

    \b
    Example:
      corpus doccano add-label LAW TREATY --project news
    """
    import msgspec

    from corpus.doccano.adding_labels import add_label_types
    from corpus.doccano.client import Doccano
    from corpus.doccano.settings import read_settings

    added = add_label_types(Doccano(read_settings()), project, labels, project_id=project_id)
    lines = [
        f"{one.name} ({one.id}): {', '.join(one.added) + ' added' if one.added else 'had them all'}"
        for one in added
    ]
    print_result({"projects": msgspec.to_builtins(added)}, "\n".join(lines), as_json=json)
    return 0
