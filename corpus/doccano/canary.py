"""The proof that a Doccano works as a whole: one row goes in through the worker."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException

from corpus.doccano.client import Doccano
from corpus.doccano.settings import ServerSettings
from corpus.errors import DoccanoTaskError

NAME = "corpus canary (made and deleted by corpus doccano up)"


def import_canary(server: ServerSettings, *, time_limit: float = 60.0) -> None:
    """One row has gone through upload, queue, worker and database; its project is deleted.

    DoccanoTaskError if the worker does not finish within `time_limit` seconds or does not store
    it; other DoccanoErrors as the client raises them.
    """
    client = Doccano(server, time_limit=time_limit)
    for project in client.list_projects():
        if project["name"] == NAME:  # of a run that was killed before its end
            client.delete_project(int(project["id"]))
    fields = {
        "name": NAME,
        "description": "Safe to delete.",
        "project_type": "SequenceLabeling",
        "resourcetype": "SequenceLabelingProject",
    }
    project_id = int(client.create_project(fields)["id"])
    try:
        problems = client.import_rows(project_id, [b'{"text": "canary", "label": []}\n'], "canary")
        stored = client.count_examples(project_id)
        if problems or stored != 1:
            reason = "; ".join(problems) or f"{stored} rows are stored"
            raise DoccanoTaskError(f"the import of one row went wrong: {reason}")
    finally:
        client.delete_project(project_id)


def answers(host: str, port: int) -> bool:
    """Whether a Doccano, not another web server, answers there now; nobody is logged in."""
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/v1/me")
        reply = connection.getresponse()
        kind = reply.getheader("Content-Type", "")
        return reply.status in (200, 403) and "application/json" in kind
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
