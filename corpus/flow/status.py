"""Where a corpus stands: its stages by their manifests, its people, its server, what is next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from corpus.errors import CorpusError, UsageError
from corpus.flow.freshness import Marks, State, Verdict, state_of
from corpus.flow.people import Progress, progress_of, tell_waiting, waiting_for
from corpus.flow.project import PROJECT, Project, read_project
from corpus.flow.server import ServerProject, ask_server
from corpus.flow.steps import Step, steps_of
from corpus.manifest import Manifest
from corpus.store import read_documents

_MANIFEST = ".manifest.json"
_NEXT = {  # by command and task
    ("convert", "spans"): "corpus suggest {output} --kb {kb} -o silver.jsonl",
    ("suggest", "spans"): "corpus push {output} --project NAME",
    ("pull", "spans"): "corpus adjudicate {folder} -o gold.jsonl",
    ("adjudicate", "spans"): "corpus suggest {output} --task links --kb {kb} -o linked.jsonl",
    ("suggest", "links"): "corpus push {output} --task links --project NAME-links --kb {kb}",
    ("pull", "links"): "corpus adjudicate {folder} --task links -o linked-gold.jsonl",
    ("adjudicate", "links"): "corpus split {output} -o splits",
    ("split", "spans"): "corpus export {folder} -o training --format spacy",
}
_PULL_AGAIN = "corpus pull --project NAME --documents DOCUMENTS -o FOLDER"


class StageStatus(Struct):
    """One stage: its output, the verdict on it, what it counts.

    `waiting`: documents that nobody had confirmed.
    """

    name: str
    output: str
    verdict: Verdict
    why: str = ""
    documents: int = 0
    mentions: int = 0
    rejected: int = 0
    open_questions: int = 0
    finished: str = ""
    task: str = "spans"
    waiting: int = 0


class Status(Struct):
    """All of it; `next` is what to type, `because` why."""

    folder: str
    project: str = ""
    stages: list[StageStatus] = []
    people: list[Progress] = []
    server: str = ""
    server_projects: list[ServerProject] = []
    next: str = ""
    because: str = ""


def status_of(folder: Path, *, ask: bool = True) -> Status:
    """The status of a folder, with a project file or without one.

    With `ask` the server is asked too, if one is known; that it does not answer is said in
    `server`. Raises UsageError if there is nothing of corpus in the folder.
    """
    if (folder / PROJECT).is_file():
        status = _of_project(folder, read_project(folder))
    else:
        status = _of_manifests(folder)
    if ask:
        names = [each for each in (status.project,) if each]
        status.server, status.server_projects = ask_server(names, folder)
    return status


def open_questions(manifest: Manifest) -> int:
    """What adjudication left for a person to settle."""
    return sum(int(manifest.notes.get(name, 0)) for name in ("disputes", "to_settle"))


def _of_project(folder: Path, project: Project) -> Status:
    status = Status(str(folder), project.project.name)
    marks = Marks()
    steps = [step for step in steps_of(project, folder) if step.output]
    for step in steps:
        state = state_of(folder / step.output, marks, step, folder)
        status.stages.append(_stage(step.name, step.output, state))
        if step.kind == "pull" and state.manifest is not None:
            status.people += progress_of(read_documents(folder / step.output))
    status.next, status.because = _next_of(steps, status)
    return status


def _next_of(steps: list[Step], status: Status) -> tuple[str, str]:
    for step, stage in zip(steps, status.stages, strict=True):
        if stage.verdict == "changed":
            return f"corpus check {stage.output}", f"{stage.output}: {stage.why}"
        if stage.verdict != "fresh" and step.kind != "pull":
            return "corpus run", f"{step.name}: {stage.why}"
        if step.kind == "pull":
            waiting = waiting_for(status.people, step.people, step.task)
            if stage.verdict != "fresh" or waiting:
                return "corpus run", _who(step, stage, waiting)
        if stage.open_questions:
            return f"corpus disputes decide {stage.output}", (
                f"{step.name}: {stage.open_questions} to be settled by a person"
            )
    return "", "everything is up to date"


def _who(step: Step, stage: StageStatus, waiting: list[Progress]) -> str:
    if stage.verdict != "fresh":
        return f"{step.name}: {stage.why}"
    return f"{tell_waiting(waiting)}, at the last pull"


def _of_manifests(folder: Path) -> Status:
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder", "give a folder with a corpus in it")
    status = Status(str(folder))
    marks = Marks()
    found: list[tuple[str, Path, State]] = []
    for output in _outputs(folder):
        state = _safe_state(output, marks)
        found.append((_when(state), output, state))
    if not found:
        raise UsageError(
            f"{folder}: holds neither {PROJECT} nor a manifest", "begin with: corpus init DIR"
        )
    for _, output, state in sorted(found, key=lambda each: each[:2]):
        command = state.manifest.command if state.manifest else "?"
        status.stages.append(_stage(command, os.path.relpath(output, folder), state))
        if command == "pull" and output.is_file():
            task = status.stages[-1].task
            status.people += [p for p in progress_of(read_documents(output)) if p.task == task]
    status.next, status.because = _guess(status)
    return status


def _safe_state(output: Path, marks: Marks) -> State:
    try:
        return state_of(output, marks)
    except CorpusError as error:
        return State("changed", str(error))


def _guess(status: Status) -> tuple[str, str]:
    for stage in status.stages:
        if stage.verdict != "fresh":
            return "corpus check .", f"{stage.output}: {stage.why}"
    stages = [each for each in status.stages if (each.name, each.task) in _NEXT]
    if not stages:
        return "", "everything is up to date"
    last = stages[-1]
    if last.documents and last.waiting == last.documents:
        return _PULL_AGAIN, f"nobody had confirmed a document of {last.output}"
    kb = next((each.output for each in status.stages if each.name == "kb build"), "")
    # Without a knowledge base there is nothing to link to.
    task = "links" if last.name == "adjudicate" and not kb else last.task
    words = _NEXT[last.name, task].format(
        output=last.output, folder=Path(last.output).parent, kb=kb or "KB"
    )
    return words, f"{last.output} came last"


def _outputs(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(_MANIFEST):
                yield Path(place) / name.removesuffix(_MANIFEST)


def _stage(name: str, output: str, state: State) -> StageStatus:
    stage = StageStatus(name, output, state.verdict, state.why)
    manifest = state.manifest
    if manifest is not None:
        stage.documents, stage.mentions = manifest.documents.written, manifest.mentions.written
        stage.rejected = manifest.documents.rejected + manifest.mentions.rejected
        stage.open_questions = open_questions(manifest)
        stage.task = str(manifest.settings.get("task", "spans"))
        stage.waiting = int(manifest.notes.get("waiting", 0))
        if manifest.notes.get("confirmed") == 0:  # a pull that found nobody's work
            stage.waiting = stage.documents
        stage.finished = str(manifest.clock.get("finished", ""))
    return stage


def _when(state: State) -> str:
    return str(state.manifest.clock.get("finished", "")) if state.manifest else ""
