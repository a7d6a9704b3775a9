"""corpus doccano up, down, status: a Doccano of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.add_label import add_label_cli
from corpus.cli.autolabel import autolabel_cli
from corpus.cli.backup import backup_cli, restore_cli
from corpus.cli.options import Json
from corpus.cli.progress import print_progress
from corpus.cli.terminal import print_result, say

if TYPE_CHECKING:
    from corpus.doccano.server import ServerStatus

doccano_app = typer.Typer(no_args_is_help=True, help="Install, start and stop a local Doccano.")
doccano_app.command("add-label")(add_label_cli)
doccano_app.command("autolabel")(autolabel_cli)
doccano_app.command("backup")(backup_cli)
doccano_app.command("restore")(restore_cli)


@doccano_app.command("up")
def up_cli(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port on 127.0.0.1; the last one, first 8000."),
    ] = None,
    json: Json = False,
) -> int:
    """Install Doccano if it is not there, start it, and prove that an import goes through.

    The first time takes a few minutes. It runs until `corpus doccano down`, and only programs on
    this machine reach it.

    \b
    Example:
      corpus doccano up
      corpus doccano up --port 8001
    """
    from corpus.doccano.server import server_status, start_server
    from corpus.doccano.settings import doccano_home

    home = doccano_home()
    before = server_status(home)
    status = start_server(home, port=port, tell=say)
    what = "was running already" if status == before else "runs"
    text = (
        f"Doccano {what} at {status.url}\n"
        f"name and password: {status.credentials}\n"
        f"stop it with: corpus doccano down"
    )
    print_result(_as_json(status), text, as_json=json)
    return 0


@doccano_app.command("down")
def down_cli(json: Json = False) -> int:
    """Stop the local Doccano; everything in it is kept.

    \b
    Example:
      corpus doccano down
    """
    from corpus.doccano.server import stop_server
    from corpus.doccano.settings import doccano_home

    stopped = stop_server(doccano_home(), tell=say)
    text = "Doccano is stopped" if stopped else "Doccano was not running"
    print_result({"stopped": stopped}, text, as_json=json)
    return 0


@doccano_app.command("status")
def status_cli(
    project: Annotated[
        str, typer.Option("--project", "-p", help="Say how far the annotators of this one are.")
    ] = "",
    json: Json = False,
) -> int:
    """Say what runs; exit 0 if a push would work now, else 1.

    With --project: how much each annotator has confirmed, touched and not touched in each pass, on
    whatever server push and pull talk to.

    \b
    Example:
      corpus doccano status
      corpus doccano status --project news
      corpus doccano status --json
    """
    if project:
        return print_progress(project, as_json=json)
    from corpus.doccano.server import server_status
    from corpus.doccano.settings import doccano_home

    status = server_status(doccano_home())
    print_result(_as_json(status), _describe(status), as_json=json)
    return 0 if status.healthy else 1


def _as_json(status: ServerStatus) -> dict[str, Any]:
    import dataclasses

    return {"healthy": status.healthy, **dataclasses.asdict(status)}


def _describe(status: ServerStatus) -> str:
    if not status.installed:
        return f"not installed in {status.home}; type: corpus doccano up"
    web = f"pid {status.web_pid}" if status.web_pid else "not running"
    if status.web_pid and not status.answers:
        web += ", gives no answer"
    lines = [
        f"address     {status.url}",
        f"web server  {web}",
        f"worker      {f'pid {status.worker_pid}' if status.worker_pid else 'not running'}",
        f"queue       {_shown(status.queue)} waiting",
        f"projects    {_shown(status.projects)}",
        f"folder      {status.home}",
    ]
    if status.healthy:
        return "\n".join(lines)
    if not status.web_pid and not status.worker_pid:
        return "\n".join([*lines, "stopped; type: corpus doccano up"])
    return "\n".join([*lines, "not healthy; type: corpus doccano up"])


def _shown(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"
