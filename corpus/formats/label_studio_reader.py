"""Label Studio's exports (JSON and JSON_MIN) read: every annotator's annotation is a layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from corpus.errors import FormatError
from corpus.formats.extras import DocumentExtras, MentionExtras, restored, whole_mention
from corpus.formats.json_array import json_items
from corpus.formats.label_studio import SILVER, TaskExtras
from corpus.formats.lines import refuse
from corpus.manifest import Stage
from corpus.model import Document, Layer, Link, Mention, with_ids


class Result(Struct, frozen=True):
    """One entry of a `result`: a region, a value of one, or a relation."""

    type: str = ""
    id: str = ""
    from_name: str = ""
    value: dict[str, Any] = {}


class Annotation(Struct, frozen=True):
    """What one person, or one model, marked."""

    result: list[Result] = []
    completed_by: Any = None
    was_cancelled: bool = False
    model_version: str | None = None


class Task(Struct, frozen=True):
    """A text with its annotations; in JSON_MIN the data stand beside them, under their names."""

    id: int | str | None = None
    data: dict[str, Any] = {}
    annotations: list[Annotation | int] = []
    completions: list[Annotation] = []
    predictions: list[Annotation | int] = []
    text: str | None = None
    label: list[dict[str, Any]] = []
    annotator: Any = None


class _Place(Struct, frozen=True):
    """Where something stands, for messages."""

    document: str
    text: str
    where: str
    stage: Stage | None


def read_label_studio(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a Label Studio export.

    One annotation becomes the layer `layer`; of several each is `annotator:<name>`; predictions
    are `silver`. Skipped annotations are counted; relations, and regions without a place in the
    text, are rejects. Raises FormatError that names file and task.
    """
    base = Path(path).name if id_base is None else id_base
    for number, (where, item) in enumerate(json_items(path), 1):
        try:
            task = msgspec.convert(item, Task)
            text = _text_of(task)
            given = task.data.get("corpus")
            ours = None if given is None else msgspec.convert(given, TaskExtras)
        except msgspec.ValidationError as error:
            raise FormatError(f"{where}: {error}", "give Label Studio's JSON export") from error
        if text is None:
            raise FormatError(f"{where}: has no text in its data", "give a project of texts")
        extras = ours.document if ours else _extras(task, f"{base}#{number}")
        place = _Place(extras.id, text, where, stage)
        layers = list(_layers(task, ours, place, layer))
        first = restored(text, extras, (), layer)
        yield msgspec.structs.replace(first, layers=tuple(layers))


def _text_of(task: Task) -> str | None:
    found = task.data.get("text", task.text)
    if found is None:
        texts = [value for value in task.data.values() if isinstance(value, str)]
        found = texts[0] if len(texts) == 1 else None
    return found if isinstance(found, str) else None


def _extras(task: Task, name: str) -> DocumentExtras:
    meta = {key: value for key, value in task.data.items() if key != "text"}
    return DocumentExtras(str(task.id) if task.id is not None else name, meta=meta)


def _layers(task: Task, ours: TaskExtras | None, place: _Place, layer: str) -> Iterator[Layer]:
    done = [*_those(task.annotations), *task.completions]
    kept = [one for one in done if not one.was_cancelled]
    if place.stage is not None and len(kept) < len(done):
        notes, what = place.stage.manifest.notes, "annotations that were skipped in Label Studio"
        notes[what] = notes.get(what, 0) + len(done) - len(kept)
    known = ours.document.layer if ours else None
    predicted = list(_those(task.predictions))
    if task.label:
        kept.append(Annotation(list(_minimal(task.label)), task.annotator))
    names: set[str] = set()
    for one in kept:
        name = layer if len(kept) == 1 else f"annotator:{_name_of(one.completed_by)}"
        while name in names:
            name += "'"
        names.add(name)
        of = known if known and len(kept) == 1 else Layer(name)
        yield msgspec.structs.replace(of, mentions=with_ids(_mentions(one, ours, place)))
    for number, one in enumerate(predicted, 1):
        of = known if known and not kept else Layer(SILVER, round=number)
        yield msgspec.structs.replace(of, mentions=with_ids(_mentions(one, ours, place)))
    if not kept and not predicted and known:
        yield known


def _those(given: list[Annotation | int]) -> Iterator[Annotation]:
    for one in given:
        if isinstance(one, Annotation):  # exports without details hold ids
            yield one


def _minimal(rows: list[dict[str, Any]]) -> Iterator[Result]:
    for number, row in enumerate(rows):
        yield Result("labels", str(number), "label", row)


def _name_of(person: Any) -> str:
    if isinstance(person, dict):
        return str(person.get("email") or person.get("id") or "unknown")
    return str(person) if person is not None else "unknown"


def _mentions(one: Annotation, ours: TaskExtras | None, place: _Place) -> Iterator[Mention]:
    links = dict(_links(one.result))
    for number, result in enumerate(one.result, 1):
        name = f"result {result.id or number}"
        if result.type == "relation":
            refuse(place.stage, place.document, "a relation", place.where, mention=name)
        if result.type not in ("labels", "hypertextlabels"):
            continue
        start, end = (result.value.get(key) for key in ("start", "end"))
        labels = result.value.get("labels")
        labels = result.value.get("hypertextlabels", labels)
        span = _span(start, end, place.text)
        if span is None or not isinstance(labels, list) or not labels:
            reason = f"its place {start!r}-{end!r} or its labels {labels!r} are none of the text"
            refuse(place.stage, place.document, reason, place.where, mention=name)
            continue
        extras = ours.mentions.get(result.id) if ours else None
        extras = extras or MentionExtras(result.id if len(labels) == 1 else "")
        found = links.get(result.id, ())
        if tuple(link.target for link in extras.links) != found:
            targets = tuple(Link(target) for target in found)
            extras = msgspec.structs.replace(extras, links=targets)
        for label in labels:
            yield whole_mention(extras, *span, str(label))


def _span(start: Any, end: Any, text: str) -> tuple[int, int] | None:
    """The place, if it is one of the text: in hypertext a place may be a path and not a number."""
    if type(start) is int and type(end) is int and 0 <= start < end <= len(text):
        return start, end
    return None


def _links(results: Iterable[Result]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for result in results:
        text = result.value.get("text")
        if result.type == "textarea" and result.from_name == "link":
            found = [text] if isinstance(text, str) else text or []
            yield result.id, tuple(str(target) for target in found if str(target))
