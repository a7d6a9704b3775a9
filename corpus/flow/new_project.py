"""A new project folder: project file, guidelines, label set, .gitignore, spaCy project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from corpus.errors import UsageError
from corpus.files import atomic_output, reason_of
from corpus.flow.project import (
    PROJECT,
    Annotation,
    General,
    Project,
    Suggestions,
    problem_of_labels,
    problems_of_project,
    project_toml,
)
from corpus.flow.spacy_project import SPACY_PROJECT, spacy_project

KNOWN_LABELS = {
    "PER": ("people", "Joe Biden, Lavrov"),
    "ORG": ("organisations, companies, agencies, teams", "OSCE, Nato"),
    "GPE": ("places with a government: countries, cities, states", "Sweden, Kyiv"),
    "LOC": ("other places: regions, rivers, buildings", "Donbas, Europe"),
    "EVENT": ("wars, elections, matches, floods that have a name", "annexation of Crimea"),
    "LAW": ("treaties, agreements, laws", "Minsk accords"),
    "MISC": ("other names: offices, works, products", "US Secretary of State"),
}


def plan_project(
    folder: Path,
    *,
    name: str = "",
    articles: str = "",
    kb: Sequence[str] = (),
    labels: Sequence[str] = (),
    annotators: Sequence[str] = (),
) -> tuple[Project, list[str]]:
    """The project of these answers and its labels; paths are made relative to the folder.

    Raises UsageError for an answer that cannot be.
    """
    people = tuple(annotators) or ("ann",)
    project = Project(
        project=General(
            name=name or folder.resolve().name, articles=_inside(articles or "", folder)
        ),
        suggestions=Suggestions(kb=tuple(_inside(source, folder) for source in kb)),
        annotation=Annotation(annotators=people, rule="single" if len(people) == 1 else "majority"),
    )
    chosen = list(labels) or list(KNOWN_LABELS)
    problems = problems_of_project(project)
    if problem := problem_of_labels(chosen):
        problems.append(f"the label set: {problem}")
    if problems:
        raise UsageError(problems[0], "give another answer")
    return project, chosen


def make_project(folder: Path, project: Project, labels: Sequence[str]) -> list[Path]:
    """Write the project's files into the folder and give their paths.

    A file that is there already is left as it is and not among them. Raises UsageError if the
    folder has a project.
    """
    if (folder / PROJECT).exists():
        raise UsageError(
            f"{folder}: has a {PROJECT} already",
            "change that file, then: corpus init DIR --renew, for project.yml",
        )
    try:
        (folder / "articles").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be made ({reason_of(error)})", "give another"
        ) from error
    if project.project.articles != "articles" and not any((folder / "articles").iterdir()):
        (folder / "articles").rmdir()
    contents = {
        project.annotation.labels: _label_set(labels),
        project.annotation.guidelines: _guidelines(project.project.name, labels),
        ".gitignore": _template("gitignore"),
        PROJECT: project_toml(project),
    }
    written = [folder / name for name, text in contents.items() if _write(folder / name, text)]
    return [*written, *write_spacy_project(folder, project)]


def write_spacy_project(folder: Path, project: Project, *, renew: bool = False) -> list[Path]:
    """Write project.yml, in place of an older one only with `renew`; its path if written."""
    path = folder / SPACY_PROJECT
    if renew:
        path.unlink(missing_ok=True)
    return [path] if _write(path, spacy_project(project, folder)) else []


def _write(path: Path, text: str) -> bool:
    if path.exists():
        return False
    with atomic_output(path) as sink:
        sink.write(text.encode())
    return True


def _inside(path: str, folder: Path) -> str:
    """The path as seen from the folder; absolute ones, globs of nothing and KIND:PATH as given."""
    if not path:
        return "articles"
    kind, colon, rest = path.partition(":")
    if colon and Path(rest).exists():
        return f"{kind}:{_inside(rest, folder)}"
    if Path(path).is_absolute() or (colon and not Path(path).exists()):
        return path
    if (folder / path).exists() and not Path(path).exists():
        return path
    return os.path.relpath(path, folder) if Path(path).exists() else path


def _label_set(labels: Sequence[str]) -> str:
    lines = ["# The label set: a label a line; after a tab, what it is for.\n"]
    for label in labels:
        what, _ = KNOWN_LABELS.get(label, ("", ""))
        lines.append(f"{label}\t{what}\n" if what else f"{label}\n")
    return "".join(lines)


def _guidelines(name: str, labels: Sequence[str]) -> str:
    rows = []
    for label in labels:
        what, examples = KNOWN_LABELS.get(label, ("(say what)", "(say which)"))
        rows.append(f"| {label} | {what} | {examples} |")
    text = _template("guidelines.md")
    return text.replace("@NAME@", name).replace("@LABELS@", "\n".join(rows))


def _template(name: str) -> str:
    return (files("corpus.flow") / "templates" / name).read_text("utf-8")
