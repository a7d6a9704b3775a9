"""The command line that is asked for, and no more: loading and building one takes milliseconds."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import typer

from corpus.cli.commands import COMMANDS, Command


def add_commands(app: typer.Typer, args: Sequence[str] | None = None) -> typer.Typer:
    """The app with all commands, or, of those that `args` do not name, no more than the summary.

    Shell completion may ask for any of them, so it gets them all.
    """
    completing = any(name.endswith("_COMPLETE") for name in os.environ)
    named = next((arg for arg in args or () if not arg.startswith("-")), None)
    for command in COMMANDS:
        is_whole = args is None or completing or command.name == named
        if command.group:
            app.add_typer(command.load() if is_whole else _closed(command), name=command.name)
        else:
            app.command(command.name)(command.load() if is_whole else _named(command.summary))
    return app


def _closed(command: Command) -> typer.Typer:
    return typer.Typer(help=command.summary, rich_markup_mode=None)


def _named(summary: str) -> Callable[[], None]:
    def nothing() -> None: ...

    nothing.__doc__ = summary
    return nothing
