"""What Doccano's answers mean in words: pure, so that the client holds the wire alone."""

from __future__ import annotations

from typing import Any

import requests

from corpus.errors import (
    DoccanoAuthError,
    DoccanoBusyError,
    DoccanoError,
    DoccanoProjectError,
    DoccanoTaskError,
    DoccanoUnreachableError,
)

PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers that another try may not get; a database that is locked for long is a 500."""

_SIZE = 300  # characters of the server's own words that go into a message


_STRANGER = "answers, but not like Doccano"
_CHECK = "check DOCCANO_URL"
_FAULTS: dict[type[Exception], tuple[str, str]] = {
    requests.exceptions.JSONDecodeError: (_STRANGER, _CHECK),
    requests.Timeout: ("did not answer in time", "see that the server runs, then run it again"),
    requests.exceptions.SSLError: (
        "has a certificate that is not to be trusted",
        "let DOCCANO_CA_BUNDLE name the file with your authority's certificate",
    ),
    requests.RequestException: (
        "cannot be reached ({kind})",
        f"{_CHECK}, and that the server runs",
    ),
}


def fault_of(error: requests.RequestException) -> tuple[str, str]:
    """What a failed call says of the server, and what to do.

    The messages of requests may quote the whole request: only the kind is told.
    """
    what, hint = next(words for kind, words in _FAULTS.items() if isinstance(error, kind))
    return what.format(kind=type(error).__name__), hint


def stranger(url: str) -> DoccanoUnreachableError:
    """The error for what answers at that address and is no Doccano."""
    return DoccanoUnreachableError(f"{url} {_STRANGER}", _CHECK)


def body_of(answer: requests.Response) -> Any:
    """The answer's decoded JSON, or None."""
    try:
        return answer.json()
    except ValueError:
        return None


def refusal(call: str, status: int, body: Any, username: str) -> DoccanoError:
    """The error for an answer that is no success; `body` is its decoded JSON or None."""
    message = f"{call} answered {status}{_reason(body)}"
    if status in (401, 403):
        return DoccanoAuthError(
            f"{message} (logged in as {username!r})", "log in as an administrator of the project"
        )
    if status == 404:
        return DoccanoProjectError(message, "check the project and its id")
    kind = DoccanoBusyError if status in PASSING else DoccanoError
    return kind(message, "run it again; what was stored is not sent twice")


def task_failure(what: str, error: Any) -> DoccanoTaskError:
    """The error for a task that Doccano's worker gave up."""
    text = str(error.get("text", error)) if isinstance(error, dict) else str(error)
    reason = text.lower()
    if "uuid" in reason and ("unique" in reason or "duplicate" in reason):
        hint = (
            "a document of this batch is there already, sent by another push at the same time or "
            "in another project of this name; run it again"
        )
    else:
        hint = "see the log of Doccano's worker, then run it again; nothing is sent twice"
    return DoccanoTaskError(f"{what} failed in Doccano's worker: {_shorten(text)}", hint)


def row_problems(result: Any) -> list[str]:
    """What the worker says against single rows of an import that ended."""
    problems = result.get("error") if isinstance(result, dict) else None
    return [
        _shorten(str(problem.get("message", problem) if isinstance(problem, dict) else problem))
        for problem in problems or ()
    ]


def _reason(body: Any) -> str:
    if isinstance(body, dict):
        plain = ("detail", "non_field_errors")
        body = "; ".join(
            str(value) if key in plain else f"{key}: {value}" for key, value in body.items()
        )
    return f": {_shorten(str(body))}" if body else ""


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SIZE else f"{line[: _SIZE - 1]}…"
