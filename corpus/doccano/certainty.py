"""What is done once over a network that may lose either the call or its answer.

A call that is not the same when done twice is never blindly repeated: after a failure the
server is asked what it has.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from corpus.doccano import wire
from corpus.doccano.client import Doccano
from corpus.errors import (
    DoccanoAuthError,
    DoccanoBusyError,
    DoccanoError,
    DoccanoTaskError,
    DoccanoTimeLimitError,
    DoccanoUnreachableError,
)

Place = tuple[int, int, int]
"""A span by its label type: start, end (Doccano's units), the type's id."""

UNKNOWN = (DoccanoBusyError, DoccanoUnreachableError)
"""Failures after which nobody knows whether the server did what it was asked."""

_TRIES = 5
_ROUNDS = 6


def make_sure(do: Callable[[], object], is_done: Callable[[], bool]) -> None:
    """`do` has been done: once, or again where it was seen that it was not."""
    for number in range(1, _TRIES + 1):
        try:
            do()
            return
        except DoccanoAuthError:
            raise
        except DoccanoError as error:
            # A refusal too may mean that it is there: of a request that arrived twice.
            if is_done():
                return
            if number == _TRIES or not isinstance(error, UNKNOWN):
                raise
        time.sleep(wire.PAUSE * 2.0 ** (number - 1))


def make_types(
    project: int,
    types: Iterable[dict[str, Any]],
    create: Callable[[int, dict[str, Any]], object],
    read: Callable[[int], Iterable[dict[str, Any]]],
) -> None:
    """The project has these label types, each once: Doccano keeps their names apart."""
    for fields in types:
        make_sure(
            partial(create, project, fields), partial(_is_named, fields["text"], read, project)
        )


def _is_named(name: str, read: Callable[[int], Iterable[dict[str, Any]]], project: int) -> bool:
    return any(one["text"] == name for one in read(project))


class Uploads:
    """The imports of one push: their failures are kept, since the reading back decides."""

    def __init__(self, client: Doccano, project: int, kind: str = "SequenceLabeling") -> None:
        self.client = client
        self.project = project
        self.kind = kind
        self.problems: list[str] = []
        self.failures: list[DoccanoError] = []

    def send(self, rows: list[bytes], name: str) -> None:
        """The server was asked once to import these rows.

        Raises DoccanoError for what no repetition mends: refused logins, a worker not there.
        """
        try:
            self.problems += self.client.import_rows(self.project, rows, name, kind=self.kind)
        except DoccanoTimeLimitError:
            raise
        except (*UNKNOWN, DoccanoTaskError) as error:
            self.failures.append(error)

    def settle(
        self, send: Callable[[], bool], compare: Callable[[], int], expected: Callable[[], int]
    ) -> None:
        """All is there, or refused row by row; else the failure of the last import is raised.

        `send` does what is missing and says whether it changed anything, `compare` reads back
        and says how many are not there as they should be; `expected` is how many examples the
        project should come to have.
        """
        before = -1
        for number in range(1, _ROUNDS + 1):
            self.problems, self.failures = [], []
            if not send():
                return
            if self.failures:
                self._wait(expected(), wire.PAUSE * 2.0**number)
            left = compare()
            if not left or self.problems:
                return
            given_up = any(isinstance(one, DoccanoTaskError) for one in self.failures)
            if given_up and left == before:
                break
            before = left
            time.sleep(wire.PAUSE * 2.0 ** (number - 1))
        if self.failures:
            raise self.failures[-1]

    def _wait(self, expected: int, patience: float) -> None:
        """An import whose task we lost may be under way."""
        deadline = time.monotonic() + patience
        while self.client.count_examples(self.project) < expected and time.monotonic() < deadline:
            time.sleep(patience / 10)


def add_spans(client: Doccano, project: int, example: int, spans: Iterable[Place]) -> None:
    """The example has these spans once, beside its others.

    A span that is stored twice stands twice: what is there is read first, and what arrived
    twice is taken away again.
    """
    read = partial(_stored_spans, client, project, example)
    found = {span for span, _ in read()}
    sent = [span for span in spans if span not in found]
    for span in sent:
        make_sure(
            partial(client.create_span, project, example, *span), partial(_is_stored, read, span)
        )
    seen: Counter[Place] = Counter()
    for span, id in read() if sent else ():
        seen[span] += 1
        if seen[span] > 1 and span in sent:
            client.delete_span(project, example, id)


def _stored_spans(client: Doccano, project: int, example: int) -> list[tuple[Place, int]]:
    there = client.list_spans(project, example)
    return sorted(
        ((one["start_offset"], one["end_offset"], one["label"]), one["id"]) for one in there
    )


def _is_stored(read: Callable[[], list[tuple[Place, int]]], span: Place) -> bool:
    return any(other == span for other, _ in read())
