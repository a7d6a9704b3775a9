"""The only file that knows Doccano's REST calls: a small class over its wire.

doccano-client 1.1.1 knows how to log in; the calls themselves are made over its session,
because several of its own name endpoints that Doccano 1.8.4 no longer has, and none sets a
time limit or looks at the status. Foreign exceptions become DoccanoError here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from corpus.doccano.answers import body_of, row_problems, task_failure
from corpus.doccano.settings import ServerSettings
from corpus.doccano.wire import PAGE_SIZE, Wire
from corpus.errors import (
    DoccanoBusyError,
    DoccanoError,
    DoccanoTimeLimitError,
    DoccanoUnreachableError,
    UsageError,
)

BATCH_SIZE = 1000
"""Rows of one import: the server's own batch size, so that a failed batch is one transaction."""

_COLUMNS = {"format": "JSONL", "encoding": "utf_8", "column_data": "text", "column_label": "label"}
_TOGGLES = 4  # times that a confirmation is tried; another's click, or a doubled one, undoes it

Json = dict[str, Any]


class Doccano:
    """A session with one server, logged in; every method raises DoccanoError and nothing else.

    `time_limit` is how many seconds an import or an export may take.
    """

    def __init__(self, settings: ServerSettings, *, time_limit: float = 600.0) -> None:
        self.time_limit = time_limit
        self._settings = settings
        self._wire = Wire(settings)
        self.url = self._wire.url
        self._request = self._wire.request
        self._pages = self._wire.pages

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

    def count_examples(self, project: int, *, confirmed: bool = False) -> int:
        """How many examples the project has, or of those that are confirmed."""
        params = {"limit": "1"} | ({"confirmed": "true"} if confirmed else {})
        return int(self._json("GET", f"projects/{project}/examples", params=params)["count"])

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
        failure: DoccanoError | None = None
        for _ in range(_TOGGLES):
            if self.is_confirmed(project, example):
                return
            try:
                self._request("POST", f"projects/{project}/examples/{example}/states", json={})
            except (DoccanoBusyError, DoccanoUnreachableError) as error:
                failure = error  # whether it was done is asked, never assumed
        if not self.is_confirmed(project, example):
            raise failure or DoccanoError(
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
        self._wire.download(path, target, params={"taskId": task})

    def _wait(self, task: str, what: str) -> Any:
        deadline = time.monotonic() + self.time_limit
        pause = 0.02
        while not (status := self._json("GET", f"tasks/status/{task}")).get("ready"):
            if time.monotonic() >= deadline:
                raise DoccanoTimeLimitError(
                    f"{what} did not end within {self.time_limit:g} s",
                    "see that Doccano's worker (`doccano task`) runs and its disk has room, "
                    "then run this again",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        if status.get("error"):
            raise task_failure(what, status["error"])
        return status.get("result")

    def _json(self, method: str, path: str, **options: Any) -> Json:
        return cast(Json, self._wire.json(method, path, **options))

    ask = _json  # for the calls that have no method of their own here
