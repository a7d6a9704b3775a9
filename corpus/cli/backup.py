"""corpus doccano backup, restore: months of work as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.cli.options import Json
from corpus.cli.terminal import count, print_result, say


def backup_cli(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A new file; else one in the folder of backups."),
    ] = None,
    json: Json = False,
) -> int:
    """Write all that the local Doccano holds into one file; it may go on running.

    Projects, texts, annotations, users and their passwords, the credentials: readable by you
    alone. Imports that wait for the worker are not in it; `corpus push` sends them again.

    \b
    Example:
      corpus doccano backup
      corpus doccano backup -o before-round-2.zip
    """
    from corpus.doccano.backup import back_up
    from corpus.doccano.settings import doccano_home

    done = back_up(doccano_home(), output, tell=say)
    text = (
        f"{done.path}: {_counted(done)}, of Doccano {done.doccano}\n"
        f"SHA-256 of the database: {done.sha256}\n"
        f"bring it back with: corpus doccano restore {done.path}"
    )
    print_result(done._asdict(), text, as_json=json)
    return 0


def restore_cli(
    backup: Annotated[Path, typer.Argument(metavar="FILE", help="What `doccano backup` wrote.")],
    stop: Annotated[bool, typer.Option("--stop", help="Stop Doccano first, if it runs.")] = False,
    json: Json = False,
) -> int:
    """Put a backup in the place of what the local Doccano holds.

    The backup is checked first. What stood there before is kept in a folder beside it.

    \b
    Example:
      corpus doccano down
      corpus doccano restore before-round-2.zip
      corpus doccano up
    """
    from corpus.doccano.restore import restore
    from corpus.doccano.settings import doccano_home

    done = restore(doccano_home(), backup, stop=stop, tell=say)
    lines = [f"restored: {_counted(done)}, of Doccano {done.doccano}"]
    if done.replaced:
        lines.append(f"what stood there before: {done.replaced}")
    print_result(done._asdict(), "\n".join([*lines, "type: corpus doccano up"]), as_json=json)
    return 0


def _counted(held: Any) -> str:
    names = ("projects", "examples", "spans")
    return ", ".join(count(getattr(held, name), name[:-1]) for name in names)
