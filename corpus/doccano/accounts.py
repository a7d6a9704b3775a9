"""The people on a Doccano server: their accounts, and who is a member of which project."""

from __future__ import annotations

import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.doccano.client import Doccano
from corpus.errors import DoccanoAuthError, UsageError
from corpus.files import reason_of

ROLE = "annotator"
_NAME = re.compile(r"[\w.@+-]{1,150}")
_LETTER = re.compile(r"\w")


def check_names(names: Iterable[str]) -> list[str]:
    """The annotators' names as Doccano can have them, in the order given.

    Raises UsageError for what is no name, and for names that file systems or people mix up.
    """
    checked: list[str] = []
    for given in names:
        name = unicodedata.normalize("NFC", given.strip())
        if not _NAME.fullmatch(name) or not _LETTER.search(name):
            raise UsageError(
                f"annotator {given!r}: Doccano's names have 1 to 150 letters, digits and @ . + - _",
                "give names like ann,bob",
            )
        for other in checked:
            if name == other:
                raise UsageError(f"annotator {name!r} is named twice", "name each once")
            if _folded(name) == _folded(other):
                raise UsageError(
                    f"annotators {other!r} and {name!r} differ in case alone",
                    "give names that nobody mixes up",
                )
        checked.append(name)
    if not checked:
        raise UsageError("no annotator is named", "give names like ann,bob")
    return checked


def find_users(client: Doccano, names: Sequence[str]) -> dict[str, int]:
    """The ids of those of these users that the server has.

    Raises UsageError where it has one whose name differs in case alone.
    """
    users = {str(user["username"]): int(user["id"]) for user in _listed(client, "users")}
    folded = {_folded(name): name for name in users}
    for name in names:
        near = folded.get(_folded(name), name)
        if near != name and name not in users:
            raise UsageError(
                f"annotator {name!r}: the server has {near!r}, which differs in case alone",
                f"write it {near}",
            )
    return {name: users[name] for name in names if name in users}


def create_users(client: Doccano, names: Sequence[str], passwords: Path) -> dict[str, int]:
    """The ids of new users, whose random passwords stand in the file, one `name<TAB>password` each.

    The file is written before the users are made: one that a killed run left is gone on with.
    Raises UsageError for a file of that name that others can read, or that is something else.
    """
    known = _read_passwords(passwords)
    fresh = {name: secrets.token_urlsafe(12) for name in names if name not in known}
    _append_passwords(passwords, fresh)
    return {name: _create_user(client, name, (known | fresh)[name]) for name in names}


def _create_user(client: Doccano, name: str, password: str) -> int:
    fields = {"username": name, "password1": password, "password2": password}
    try:
        return int(client.ask("POST", "users/create", json=fields)["id"])
    except DoccanoAuthError as error:
        raise DoccanoAuthError(
            f"user {name!r} cannot be created: {client.username!r} is no administrator of "
            f"{client.url}",
            "have an administrator create the user",
        ) from error


def _read_passwords(path: Path) -> dict[str, str]:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o077:
            raise UsageError(
                f"{path}: others could read it, or it is no plain file",
                "give a new file for the passwords, or type: chmod 600",
            )
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {reason_of(error)}", "give a new file") from error
    pairs = [line.partition("\t") for line in lines]
    if not all(tab and name and password for name, tab, password in pairs):
        raise UsageError(f"{path}: is no file of passwords", "give a new file")
    return {name: password for name, _, password in pairs}


def _append_passwords(path: Path, passwords: Mapping[str, str]) -> None:
    lines = "".join(f"{name}\t{password}\n" for name, password in passwords.items())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
            sink.write(lines)
            sink.flush()
            os.fsync(sink.fileno())
    except OSError as error:
        raise UsageError(
            f"{path}: {reason_of(error)}", "give a file that can be written"
        ) from error


def add_member(client: Doccano, project: int, user: int) -> str:
    """The role that the user has in the project: the one there was, else that of an annotator."""
    for member in list_members(client, project):
        if member["user"] == user:
            return str(member["rolename"])
    [role] = [int(one["id"]) for one in _listed(client, "roles") if one["name"] == ROLE]
    client.ask("POST", f"projects/{project}/members", json={"user": user, "role": role})
    return ROLE


def list_members(client: Doccano, project: int) -> list[dict[str, Any]]:
    """The members of a project: `user` (an id), `username`, `rolename`."""
    return _listed(client, f"projects/{project}/members")


def count_open(client: Doccano, project: int) -> tuple[int, int]:
    """How many examples of a shared project nobody has confirmed, and how many there are."""
    progress = client.ask("GET", f"projects/{project}/metrics/progress")
    return int(progress["remaining"]), int(progress["total"])


def _listed(client: Doccano, path: str) -> list[Any]:
    answer: Any = client.ask("GET", path)
    return list(answer)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
