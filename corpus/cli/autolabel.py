"""corpus doccano autolabel: suggestions while somebody annotates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.options import Json
from corpus.cli.terminal import print_result


def autolabel_cli(
    project: Annotated[str, typer.Option(help="The exact name of the project.")],
    url: Annotated[
        str, typer.Option(help="Where Doccano's server reaches `corpus serve`.")
    ] = "http://127.0.0.1:8765",
    rename: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="LABEL=TYPE", help="The project calls this label so."),
    ] = None,
    tunnel: Annotated[
        bool, typer.Option("--tunnel", help="On Doccano's machine, --url is a tunnel to this one.")
    ] = False,
    off: Annotated[bool, typer.Option("--off", help="Take it out of the project again.")] = False,
    project_id: Annotated[
        int | None, typer.Option(help="Which project, if several have the name.")
    ] = None,
    json: Json = False,
) -> int:
    """Let a project's auto-labelling ask `corpus serve`, which must be running.

    Doccano's server, not the browser, asks it. All of it is tried first. Annotators then turn the
    switch on: the wand above the text, Auto Labeling. Suggestions are their own annotations.

    \b
    Example:
      corpus doccano autolabel --project news.ann.1
      corpus doccano autolabel --project news.ann.1 --map PER=PERSON
      corpus doccano autolabel --project news.ann.1 --off
    """
    from corpus.doccano.autolabel import AutolabelPlan, set_up_autolabel, switch_off_autolabel
    from corpus.doccano.client import Doccano
    from corpus.doccano.settings import corpus_home, read_settings

    renamed = _renamed(rename or [])
    client = Doccano(read_settings())
    if off:
        id, gone = switch_off_autolabel(project, client, project_id)
        text = f"project {project} ({id}) has no auto-labelling by corpus" + (" now" * bool(gone))
        print_result({"project_id": id, "removed": gone}, text, as_json=json)
        return 0
    plan = AutolabelPlan(
        project, url, _token(corpus_home() / "serve" / "token"), project_id, renamed, tunnel
    )
    done = set_up_autolabel(plan, client)
    lines = [
        f"project {project} ({done.project_id}): auto-labelling {done.done}, asks {url}",
        f"labels: {', '.join(done.labels)}",
        *done.notes,
        "annotators turn it on: the wand above the text, then the switch (docs/autolabel.md)",
    ]
    print_result(done._asdict(), "\n".join(lines), as_json=json)
    return 0


def _token(path: Path) -> str:
    from corpus.errors import UsageError

    if not path.is_file():
        raise UsageError(f"there is no token in {path}", "start `corpus serve` first")
    return path.read_text("utf-8").strip()


def _renamed(pairs: list[str]) -> dict[str, str]:
    from corpus.errors import UsageError

    renamed = dict(pair.partition("=")[::2] for pair in pairs)
    for label, type in renamed.items():
        if not label or not type:
            raise UsageError(f"--map {label or type}: not LABEL=TYPE", "write it like PER=PERSON")
    return renamed
