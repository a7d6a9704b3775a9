"""The command line that is asked for, and no more: typer takes a millisecond to build a command."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from typing import Any

import typer


def app_for(app: typer.Typer, args: Sequence[str]) -> typer.Typer:
    """The app with the one command that `args` name in full; of the others, name and first line.

    Shell completion may ask for any of them, so it gets the whole app.
    """
    if any(name.endswith("_COMPLETE") for name in os.environ):
        return app
    named = next((arg for arg in args if not arg.startswith("-")), None)
    light = copy.copy(app)
    light.registered_commands = [
        command if command.name == named else _shown(command) for command in app.registered_commands
    ]
    light.registered_groups = [
        group if group.name == named else _closed(group) for group in app.registered_groups
    ]
    return light


def _shown(command: Any) -> Any:
    shown = copy.copy(command)
    shown.callback = _named(command.callback.__doc__)
    return shown


def _closed(group: Any) -> Any:
    closed = copy.copy(group)
    closed.typer_instance = copy.copy(group.typer_instance)
    closed.typer_instance.registered_commands = []
    return closed


def _named(doc: str | None) -> Callable[[], None]:
    def nothing() -> None: ...

    nothing.__doc__ = doc
    return nothing
