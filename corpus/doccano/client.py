"""The only file that talks to the network: Doccano's REST calls behind one small class.

doccano-client 1.1.1 knows how to log in; the calls themselves are made over its session,
because several of its own name endpoints that Doccano 1.8.4 no longer has, and none sets a
time limit or looks at the status. Foreign exceptions become DoccanoError here and nowhere else.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from doccano_client import DoccanoClient

from corpus.doccano.answers import body_of, fault_of, refusal, row_problems, stranger, task_failure
from corpus.doccano.settings import ServerSettings
from corpus.errors import (
    DoccanoAuthError,
    DoccanoError,
    DoccanoTaskError,
    DoccanoUnreachableError,
    UsageError,
)
from corpus.store import atomic_output

BATCH_SIZE = 1000
"""Rows of one import: the server's own batch size, so that a failed batch is one transaction."""

PAGE_SIZE = 1000  # a list of more takes so long that the web server may be killed over it
_TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two bytes; the server's own limit is 30
_TRIES = 5
_PASSING = frozenset({429, 500, 502, 503, 504})  # a database that is locked for long is a 500
_COLUMNS = {"format": "JSONL", "encoding": "utf_8", "column_data": "text", "column_label": "label"}
_LOGGED_OUT = "Authentication credentials were not provided."

Json = dict[str, Any]


class Doccano:
    """A session with one server, logged in; every method raises DoccanoError and nothing else.

    `time_limit` is how many seconds an import or an export may take.
    """

    def __init__(self, settings: ServerSettings, *, time_limit: float = 600.0) -> None:
        self.url = settings.url.rstrip("/")
        self.time_limit = time_limit
        self._settings = settings
        # Its constructor logs in without a time limit and takes any answer for a success.
        self._client = DoccanoClient.__new__(DoccanoClient)
        self._client.baseurl = f"{self.url}/"
        self._session = self._client.session = requests.Session()
        if urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1"):
            self._session.trust_env = False  # no proxy leads to this machine itself
        self._session.headers["referer"] = self._client.baseurl
        verify = settings.ca_bundle or True
        self._session.request = partial(self._session.request, timeout=_TIMEOUT, verify=verify)
        self._log_in()

    @property
    def username(self) -> str:
        """The name of the person who is logged in."""
        return self._settings.username

    def call(self, method: str, path: str, **options: Any) -> Any:
        """What an endpoint that has no method here answers, decoded; None if it says nothing."""
        return body_of(self._request(method, path, **options))

    def list_projects(self) -> list[Json]:
        """Every project that this person is a member of, by id."""
        return sorted(self._pages("projects"), key=lambda project: int(project["id"]))

    def read_project(self, project: int) -> Json:
        """One project with its settings."""
        return self._json("GET", f"projects/{project}")

    def create_project(self, fields: Mapping[str, Any]) -> Json:
        """The project as the server made it."""
        return self._json("POST", "projects", json=dict(fields))

    def update_project(self, project: int, fields: Mapping[str, Any]) -> Json:
        """The project with these fields changed and all others as they were."""
        return self._json("PATCH", f"projects/{project}", json=dict(fields))

    def delete_project(self, project: int) -> None:
        """The project is gone, with everything in it."""
        self._request("DELETE", f"projects/{project}")

    def list_span_types(self, project: int) -> list[Json]:
        """The label types of a project, oldest first."""
        return cast(list[Json], self._json("GET", f"projects/{project}/span-types"))

    def create_span_type(self, project: int, fields: Mapping[str, Any]) -> Json:
        """The label type as the server made it."""
        return self._json("POST", f"projects/{project}/span-types", json=dict(fields))

    def list_category_types(self, project: int) -> list[Json]:
        """The label types of a project for classification, oldest first."""
        return cast(list[Json], self._json("GET", f"projects/{project}/category-types"))

    def create_category_type(self, project: int, fields: Mapping[str, Any]) -> Json:
        """The label type as the server made it."""
        return self._json("POST", f"projects/{project}/category-types", json=dict(fields))

    def count_examples(self, project: int) -> int:
        """How many examples the project has."""
        return int(self._json("GET", f"projects/{project}/examples", params={"limit": 1})["count"])

    def list_examples(self, project: int) -> Iterator[Json]:
        """Every example, in the order of the page."""
        return self._pages(f"projects/{project}/examples")

    def update_example_meta(self, project: int, example: int, meta: Json) -> None:
        """The example's meta is this; text, spans, comments and confirmation are as before."""
        self._request("PATCH", f"projects/{project}/examples/{example}", json={"meta": meta})

    def read_example(self, project: int, example: int) -> Json:
        """One example with its meta."""
        return self._json("GET", f"projects/{project}/examples/{example}")

    def delete_examples(self, project: int, examples: Sequence[int]) -> None:
        """These examples are gone. Refuses an empty list, which means every one to Doccano."""
        if not examples:
            raise UsageError("no example to delete is named, and Doccano would delete every one")
        for first in range(0, len(examples), PAGE_SIZE):
            ids = list(examples[first : first + PAGE_SIZE])
            self._request("DELETE", f"projects/{project}/examples", json={"ids": ids})

    def list_spans(self, project: int, example: int) -> list[Json]:
        """The spans of one example: everybody's in a shared project, else this person's."""
        return cast(list[Json], self._json("GET", f"projects/{project}/examples/{example}/spans"))

    def create_span(self, project: int, example: int, start: int, end: int, label: int) -> Json:
        """The span as stored; `label` is the id of a label type. Twice stores it twice."""
        fields = {"start_offset": start, "end_offset": end, "label": label}
        return self._json("POST", f"projects/{project}/examples/{example}/spans", json=fields)

    def delete_span(self, project: int, example: int, span: int) -> None:
        """The span is gone."""
        self._request("DELETE", f"projects/{project}/examples/{example}/spans/{span}")

    def list_categories(self, project: int, example: int) -> list[Json]:
        """The labels of one example of a project for classification."""
        return cast(
            list[Json], self._json("GET", f"projects/{project}/examples/{example}/categories")
        )

    def create_category(self, project: int, example: int, label: int) -> Json:
        """The label as stored; of a single class it takes the place of the one before."""
        path = f"projects/{project}/examples/{example}/categories"
        return self._json("POST", path, json={"label": label})

    def create_comment(self, project: int, example: int, text: str) -> Json:
        """The comment as stored."""
        path = f"projects/{project}/comments"
        return self._json("POST", path, params={"example": example}, json={"text": text})

    def is_confirmed(self, project: int, example: int) -> bool:
        """Whether the example is confirmed: by anybody in a shared project, else by this person."""
        return bool(self._json("GET", f"projects/{project}/examples/{example}/states")["count"])

    def confirm_example(self, project: int, example: int) -> None:
        """The example is confirmed, whether it was before or not: the server's call toggles."""
        if self.is_confirmed(project, example):
            return
        self._request("POST", f"projects/{project}/examples/{example}/states", json={})
        if not self.is_confirmed(project, example):
            raise DoccanoError(
                f"example {example} of project {project}: somebody else toggled its confirmation",
                "look at it in Doccano, and confirm it there",
            )

    def import_rows(
        self, project: int, rows: Sequence[bytes], name: str, *, kind: str = "SequenceLabeling"
    ) -> list[str]:
        """What the server says against single rows of this batch of JSONL lines; nothing if fine.

        Raises DoccanoTaskError when the whole import failed or did not end in time.
        """
        if not 0 < len(rows) <= BATCH_SIZE:
            raise UsageError(f"an import is of 1 to {BATCH_SIZE} rows, not of {len(rows)}")
        upload = self._request(
            "POST",
            "fp/process/",
            again=True,  # a file that no import names is never read
            files={"filepond": (name, b"".join(rows), "text/plain")},
        ).text
        task = self._json(
            "POST",
            f"projects/{project}/upload",
            json={**_COLUMNS, "task": kind, "uploadIds": [upload]},
        )
        return row_problems(self._wait(str(task["task_id"]), f"the import of {name}"))

    def export_project(self, project: int, target: Path, *, confirmed: bool = False) -> None:
        """The zip of the whole project, or of what is confirmed, stands whole at `target`."""
        what = f"the export of project {project}"
        options = {"format": "JSONL", "exportApproved": confirmed}
        path = f"projects/{project}/download"
        task = str(self._json("POST", path, again=True, json=options)["task_id"])
        self._wait(task, what)
        answer = self._request("GET", path, params={"taskId": task}, stream=True)
        with answer, atomic_output(target) as sink, self._mapped():
            for block in answer.iter_content(1 << 20):
                sink.write(block)

    def _wait(self, task: str, what: str) -> Any:
        deadline = time.monotonic() + self.time_limit
        pause = 0.02
        while not (status := self._json("GET", f"tasks/status/{task}")).get("ready"):
            if time.monotonic() >= deadline:
                raise DoccanoTaskError(
                    f"{what} did not end within {self.time_limit:g} s",
                    "see that Doccano's worker (`doccano task`) runs, then run this again",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        if status.get("error"):
            raise task_failure(what, status["error"])
        return status.get("result")

    def _log_in(self) -> None:
        self._session.headers.pop("X-CSRFToken", None)
        self._session.cookies.clear()
        credentials = {"username": self._settings.username, "password": self._settings.password}
        with self._mapped():
            answer = self._client.post("v1/auth/login/", data=credentials, as_json=False)
            body = body_of(answer)
        if answer.status_code in (400, 401, 403) and body is not None:
            raise DoccanoAuthError(
                f"{self.url}: Doccano refuses the name or the password of {self.username!r}",
                "check DOCCANO_USERNAME and DOCCANO_PASSWORD",
            )
        if answer.status_code in _PASSING:
            raise refusal(f"{self.url}: the login", answer.status_code, body, self.username)
        if not answer.ok or "csrftoken" not in self._session.cookies:
            raise stranger(self.url)
        self._client._set_csrf_header()

    def _pages(self, path: str) -> Iterator[Json]:
        offset = 0
        while True:
            page = self._json("GET", path, params={"limit": PAGE_SIZE, "offset": offset})
            yield from page["results"]
            offset += PAGE_SIZE
            if not page["next"]:
                return

    def _json(self, method: str, path: str, **options: Any) -> Json:
        with self._mapped():
            return cast(Json, self._request(method, path, **options).json())

    ask = _json  # for the calls that have no method of their own here

    def _request(
        self, method: str, path: str, *, again: bool = False, **options: Any
    ) -> requests.Response:
        """The answer, a success; tried again if it reads, or may be made `again` without harm."""
        tries = _TRIES if again or method == "GET" else 1
        for left in reversed(range(tries)):
            try:
                answer = self._send(method, path, options)
            except DoccanoUnreachableError:
                if not left:
                    raise
            else:
                if answer.status_code not in _PASSING or not left:
                    break
            time.sleep(2.0 ** (tries - 1 - left) / 2)
        if not answer.ok:
            call = f"{self.url}/v1/{path}: {method}"
            raise refusal(call, answer.status_code, body_of(answer), self.username)
        return answer

    def _send(self, method: str, path: str, options: Mapping[str, Any]) -> requests.Response:
        url = f"{self.url}/v1/{path}"
        with self._mapped():
            answer = self._session.request(method, url, **options)
            if answer.status_code == 403 and _LOGGED_OUT in answer.text:
                # The session ended; the server did nothing, so the call may be made again.
                self._log_in()
                answer = self._session.request(method, url, **options)
        return cast(requests.Response, answer)

    @contextlib.contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except requests.RequestException as error:
            what, hint = fault_of(error)
            if self._settings.embedded and isinstance(error, requests.ConnectionError):
                hint = "type `corpus doccano up`"
            raise DoccanoUnreachableError(f"{self.url} {what}", hint) from error
