"""Doccano's auto-labelling of a project, led to `corpus serve` over the REST API.

Doccano's own server calls the address, for each example that somebody opens with the switch on.
All of it is tried through Doccano before it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from corpus.doccano.client import Doccano
from corpus.doccano.mapping import read_mark
from corpus.doccano.projects import Project, check_type, find_project
from corpus.errors import DoccanoError, DoccanoProjectError, UsageError

MODEL = "Custom REST Request"
TEMPLATE = "{{ input.spans | tojson }}"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TEXT = "{{ text }}"  # the whole of a value: Doccano puts the text in its place
_TRIED = {"label": "PER", "start_offset": 3, "end_offset": 7}


class AutolabelPlan(NamedTuple):
    """Where `corpus serve` answers, with which token, for which project.

    `renamed`: label of a suggestion -> label type of the project, where they differ.
    `tunnel`: the address leads to us from Doccano's machine, though it is a loopback one.
    """

    project: str
    url: str
    token: str
    project_id: int | None = None
    renamed: Mapping[str, str] = {}
    tunnel: bool = False


class Autolabelling(NamedTuple):
    """What is set up now: `done` says created, changed or unchanged."""

    project_id: int
    config_id: int
    done: str
    labels: list[str]
    notes: list[str]


def set_up_autolabel(plan: AutolabelPlan, client: Doccano) -> Autolabelling:
    """The project's auto-labelling asks `corpus serve`; set up once, however often this is called.

    Raises DoccanoProjectError where suggestions would be stored twice or at wrong places,
    DoccanoError if Doccano's server cannot reach the address.
    """
    _check_address(plan, client)
    project = _project(plan, client)
    types = [str(one["text"]) for one in client.list_span_types(project["id"])]
    labels, notes = _labels(plan, types, _try(plan, client, project))
    config = _config(plan, client, project, labels)
    others, ours = _existing(client, project)
    if others:
        notes.append(f"the project has {others} other configurations, which Doccano asks too")
    path = f"projects/{project['id']}/auto-labeling/configs"
    if not ours:
        stored = client.call("POST", path, json=config)
        return Autolabelling(project["id"], stored["id"], "created", labels, notes)
    for more in ours[1:]:
        client.call("DELETE", f"{path}/{more['id']}")
    same = all(ours[0][key] == value for key, value in config.items())
    if not same:
        client.call("PATCH", f"{path}/{ours[0]['id']}", json=config)
    done = "unchanged" if same else "changed"
    return Autolabelling(project["id"], ours[0]["id"], done, labels, notes)


def refuse_suggestions(project: Project, client: Doccano) -> None:
    """Raises DoccanoProjectError where suggestions of a push would get those of the page on top."""
    _, ours = _existing(client, project)
    if ours and project["allow_overlapping"]:
        raise DoccanoProjectError(
            f"project {project['name']!r} ({project['id']}) gets its suggestions from corpus "
            "serve, and would get those of a push on top",
            "push documents without the layer, or type `corpus doccano autolabel --off` before",
        )


def switch_off_autolabel(
    name: str, client: Doccano, project_id: int | None = None
) -> tuple[int, int]:
    """The project's id, and how many configurations of ours it had: none is left."""
    project = _found(name, client, project_id)
    _, ours = _existing(client, project)
    for one in ours:
        client.call("DELETE", f"projects/{project['id']}/auto-labeling/configs/{one['id']}")
    return int(project["id"]), len(ours)


def _found(name: str, client: Doccano, project_id: int | None) -> Project:
    project = find_project(client, name, project_id)
    if project is None:
        raise DoccanoProjectError(
            f"{client.url} has no project {name!r} of {client.username!r}",
            "make it with `corpus push`, or check --project",
        )
    check_type(project)
    return project


def _check_address(plan: AutolabelPlan, client: Doccano) -> None:
    parts = urlsplit(plan.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise UsageError(
            f"--url {plan.url}: not the address of `corpus serve`",
            "write it like http://127.0.0.1:8765",
        )
    remote = urlsplit(client.url).hostname not in LOOPBACK
    if remote and parts.hostname in LOOPBACK and not plan.tunnel:
        port = parts.port or 80
        raise DoccanoError(
            f"{plan.url} is this machine's own loopback, which the Doccano at {client.url} cannot "
            "reach",
            f"keep `ssh -N -R {port}:127.0.0.1:{port} {urlsplit(client.url).hostname}` running and "
            "add --tunnel",
        )


def _project(plan: AutolabelPlan, client: Doccano) -> Project:
    """The project, where each suggestion would be stored once and at its place."""
    project = _found(plan.project, client, plan.project_id)
    where = f"project {plan.project!r} ({project['id']})"
    if project["grapheme_mode"]:
        raise DoccanoProjectError(
            f"{where} counts graphemes, and suggestions would be shown at wrong places",
            "switch grapheme_mode off in its settings while it is empty, or use another project",
        )
    if project["allow_overlapping"] and not project["collaborative_annotation"]:
        raise DoccanoProjectError(
            f"{where} allows overlapping spans and is not shared: Doccano would store suggestions "
            "again whenever a document is opened",
            "give each annotator a shared project, as `corpus push` makes them, or forbid overlap",
        )
    pushed = sum(_has_suggestions(example) for example in client.list_examples(project["id"]))
    if pushed and project["allow_overlapping"]:
        raise DoccanoProjectError(
            f"{pushed} documents of {where} were pushed with suggestions and would get more on top",
            "push documents without a silver layer to a project of their own, and use that",
        )
    return project


def _has_suggestions(example: Mapping[str, Any]) -> bool:
    mark = read_mark((example.get("meta") or {}).get("corpus_mark", ""))
    return mark.spans.partition(":")[0] not in ("", "0")


def _try(plan: AutolabelPlan, client: Doccano, project: Project) -> list[str]:
    """The labels that `corpus serve` gives; Doccano itself has asked it, and can read its answers.

    Raises DoccanoError with what went wrong on the way.
    """
    about = _relay(plan, client, project, {"method": "GET"}, "/about")
    if not isinstance(about, dict) or about.get("server") != "corpus serve":
        said = about.get("detail") if isinstance(about, dict) else None
        raise DoccanoError(
            f"what answers Doccano at {plan.url} "
            + (f"refuses: {said}" if said else "is not `corpus serve`"),
            "run `corpus serve` here, with the same CORPUS_HOME, and give the --url that it prints",
        )
    body = {"text": _TEXT}
    answer = _relay(plan, client, project, {"method": "POST", "body": body}, "/suggest")
    if not isinstance(answer, dict) or not isinstance(answer.get("spans"), list):
        raise DoccanoError(f"{plan.url} gave Doccano no suggestions: {str(answer)[:200]}")
    shown = client.call(
        "POST",
        f"projects/{project['id']}/auto-labeling/label-extractor-testing",
        json={"response": {"spans": [_TRIED]}, "template": TEMPLATE, "task_type": "Span"},
    )
    if shown != [_TRIED]:
        raise DoccanoError(
            f"{client.url} reads suggestions otherwise than Doccano 1.8.4 does: {str(shown)[:200]}"
        )
    return [str(label) for label in about["labels"]]


def _relay(
    plan: AutolabelPlan, client: Doccano, project: Project, request: dict[str, Any], path: str
) -> Any:
    """What Doccano's server gets there, when it asks for the suggestions of a small text."""
    attributes = {**_attributes(plan, path), **request}
    fields = {"model_name": MODEL, "model_attrs": attributes, "text": "\U0001f600 OSCE, Minsk"}
    try:
        return client.call(
            "POST", f"projects/{project['id']}/auto-labeling/request-testing", json=fields
        )
    except DoccanoError as error:
        if "Failed to establish a connection" not in error.message:
            raise
        raise DoccanoError(
            f"the Doccano at {client.url} cannot reach {plan.url}",
            "start `corpus serve` and give the --url that it prints; if Doccano runs on another "
            "machine or in a container, give an address that leads from there to here",
        ) from error


def _attributes(plan: AutolabelPlan, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {plan.token}"}
    url = plan.url.rstrip("/") + path
    return {"url": url, "method": "POST", "params": {}, "headers": headers, "body": {}}


def _labels(
    plan: AutolabelPlan, types: list[str], served: list[str]
) -> tuple[list[str], list[str]]:
    """The labels to ask for, in their order, and notes on those that would be left out."""
    for label, type in plan.renamed.items():
        if type not in types:
            raise UsageError(
                f"--map {label}={type}: the project has no label type {type!r}",
                f"its label types are: {', '.join(types)}",
            )
    kept = [label for label in served if plan.renamed.get(label, label) in types]
    lacking = [label for label in served if label not in kept]
    if not kept:
        raise DoccanoProjectError(
            f"project {plan.project!r} has no label type that is suggested",
            f"suggested are: {', '.join(served)}; add them there, or rename with --map",
        )
    note = f"left out, since the project has no such label type: {', '.join(lacking)}"
    return kept, [note] if lacking else []


def _config(
    plan: AutolabelPlan, client: Doccano, project: Project, labels: list[str]
) -> dict[str, Any]:
    body: dict[str, Any] = {"text": _TEXT, "labels": labels}
    if project["collaborative_annotation"]:
        # An id is used again after a server was set up anew; the time of birth is not.
        body["once"] = f"{client.url} {project['id']} {project.get('created_at', '')}"
    mapping = {label: plan.renamed.get(label, label) for label in labels}
    return {
        "model_name": MODEL,
        "model_attrs": {**_attributes(plan, "/suggest"), "body": body},
        "template": TEMPLATE,
        "label_mapping": mapping if plan.renamed else {},
        "task_type": "Span",
        "default": False,
    }


def _existing(client: Doccano, project: Project) -> tuple[int, list[dict[str, Any]]]:
    """How many configurations are not ours, and those that are."""
    configs = client.call("GET", f"projects/{project['id']}/auto-labeling/configs") or []
    ours = [
        one
        for one in configs
        if one["template"] == TEMPLATE
        and str(one["model_attrs"].get("url", "")).endswith("/suggest")
    ]
    return len(configs) - len(ours), sorted(ours, key=lambda one: int(one["id"]))
