"""The proof that a Doccano works as a whole: one row goes in through the worker, and out again."""

from __future__ import annotations

import json
import time
from typing import Any

import requests

from corpus.doccano.settings import ServerSettings
from corpus.errors import DoccanoAuthError, DoccanoError, DoccanoTaskError

NAME = "corpus canary (made and deleted by corpus doccano up)"


def answers(url: str) -> bool:
    """Whether a Doccano, not another web server, answers at `url`."""
    try:
        with _session() as http:
            reply = http.get(f"{url}/v1/me", timeout=5)
            return reply.status_code in (200, 403) and "json" in reply.headers["Content-Type"]
    except (requests.RequestException, KeyError):
        return False


def import_canary(server: ServerSettings, *, timeout: float = 60.0) -> None:
    """One row has gone through upload, queue, worker and database; its project is deleted.

    DoccanoAuthError if the credentials are refused, DoccanoTaskError if the worker does not finish
    within `timeout` seconds, DoccanoError for any other answer.
    """
    with _session() as http:
        login = {"username": server.username, "password": server.password}
        reply = http.post(f"{server.url}/v1/auth/login/", json=login, timeout=30)
        if reply.status_code != 200:
            raise DoccanoAuthError(
                f"{server.url} refuses the name and password in {server.source}",
                "was the password changed on the page? put the new one into that file",
            )
        http.headers["X-CSRFToken"] = http.cookies["csrftoken"]
        for project in _ask(http, "GET", f"{server.url}/v1/projects?limit=1000")["results"]:
            if project["name"] == NAME:  # of a run that was killed here
                _ask(http, "DELETE", f"{server.url}/v1/projects/{project['id']}")
        project = f"{server.url}/v1/projects/{_create_project(http, server.url)}"
        try:
            _import_row(http, server.url, project, timeout)
        finally:
            _ask(http, "DELETE", project)


def _create_project(http: requests.Session, url: str) -> int:
    settings = {
        "name": NAME,
        "description": "Safe to delete.",
        "project_type": "SequenceLabeling",
        "resourcetype": "SequenceLabelingProject",
    }
    return int(_ask(http, "POST", f"{url}/v1/projects", json=settings)["id"])


def _import_row(http: requests.Session, url: str, project: str, timeout: float) -> None:
    row = json.dumps({"text": "canary", "label": []}).encode()
    upload = http.post(f"{url}/v1/fp/process/", files={"filepond": ("c.jsonl", row)}, timeout=30)
    upload.raise_for_status()
    settings = {
        "format": "JSONL",
        "task": "SequenceLabeling",
        "uploadIds": [upload.text],
        "column_data": "text",
        "column_label": "label",
        "encoding": "utf_8",
    }
    task = _ask(http, "POST", f"{project}/upload", json=settings)["task_id"]
    deadline = time.monotonic() + timeout
    while not (status := _ask(http, "GET", f"{url}/v1/tasks/status/{task}"))["ready"]:
        if time.monotonic() > deadline:
            raise DoccanoTaskError(
                f"the worker has not finished an import of one row in {timeout:.0f} s",
                "look into its log, then type `corpus doccano down` and `corpus doccano up`",
            )
        time.sleep(0.1)
    if status["error"] or _ask(http, "GET", f"{project}/examples?limit=10")["count"] != 1:
        raise DoccanoTaskError(f"the worker failed an import of one row: {status['error']}")


def _ask(http: requests.Session, method: str, url: str, **request: Any) -> Any:
    reply = http.request(method, url, timeout=30, **request)
    if not reply.ok:
        raise DoccanoError(f"{method} {url}: {reply.status_code} {reply.text[:200]}")
    return reply.json() if reply.content else None


def _session() -> requests.Session:
    http = requests.Session()
    http.trust_env = False  # a proxy does not lead to this machine itself
    return http
