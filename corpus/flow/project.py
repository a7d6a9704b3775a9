"""The project file: what a corpus is made of, by whom, and how it is split and learnt."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from corpus.errors import DataError, UsageError

PROJECT = "corpus.toml"
RULES = ("single", "unanimous", "majority")
_NAME = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)
_PERSON = re.compile(r"[\w-]+")
_LABEL = re.compile(r"\S(.{0,98}\S)?")


class General(Struct, frozen=True, forbid_unknown_fields=True):
    """The project's name, where its articles are, and their language, if it is one."""

    name: str
    articles: str = "articles"
    language: str = ""


class Suggestions(Struct, frozen=True, forbid_unknown_fields=True):
    """What suggests mentions and links: sources of a knowledge base, a spaCy pipeline."""

    kb: tuple[str, ...] = ()
    model: str = ""


class Annotation(Struct, frozen=True, forbid_unknown_fields=True):
    """Who annotates, who links, with which labels, and how several become one gold."""

    annotators: tuple[str, ...]
    linkers: tuple[str, ...] = ()
    labels: str = "labels.txt"
    guidelines: str = "guidelines.md"
    rule: str = "single"


class Split(Struct, frozen=True, forbid_unknown_fields=True):
    """How gold is split."""

    ratios: str = "80,10,10"
    seed: int = 0


class Training(Struct, frozen=True, forbid_unknown_fields=True):
    """How long the model learns at most, in spaCy's steps."""

    steps: int = 2000


class Project(Struct, frozen=True, forbid_unknown_fields=True):
    """corpus.toml."""

    project: General
    annotation: Annotation
    suggestions: Suggestions = Suggestions()
    split: Split = Split()
    training: Training = Training()


def read_project(folder: Path) -> Project:
    """The project of a folder. Raises UsageError if there is none, DataError if it is wrong."""
    path = folder / PROJECT
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"{folder}: has no {PROJECT}", "make a project first: corpus init DIR"
        ) from None
    try:
        project = msgspec.toml.decode(content, type=Project)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{path}: {error}", "see docs/project.md for what stands in it") from error
    for problem in problems_of_project(project):
        raise DataError(f"{path}: {problem}", "see docs/project.md for what stands in it")
    return project


def problems_of_project(project: Project) -> list[str]:
    """What is wrong with a project, in words."""
    general, annotation = project.project, project.annotation
    found = []
    if not _NAME.fullmatch(general.name):
        found.append(f"the name {general.name!r} is not letters, digits, - and _")
    people = (*annotation.annotators, *annotation.linkers)
    found += [f"{name!r} is no name of a person: letters, digits, - and _"
              for name in people if not _PERSON.fullmatch(name)]  # fmt: skip
    if not annotation.annotators:
        found.append("nobody annotates; name at least one")
    for names in (annotation.annotators, annotation.linkers):
        if len({name.casefold() for name in names}) < len(names):
            found.append(f"a person is named twice among {', '.join(names)}")
    if not ratios_of(project):
        found.append(f"ratios {project.split.ratios!r} are not three numbers, as in 80,10,10")
    if annotation.rule not in RULES:
        found.append(f"rule {annotation.rule!r}: the rules are {', '.join(RULES)}")
    elif annotation.rule == "single" and len(annotation.annotators) > 1:
        found.append("rule 'single' is for one annotator; for several: unanimous or majority")
    return found


def ratios_of(project: Project) -> tuple[float, ...]:
    """Train, dev and test as numbers; empty where they are none."""
    try:
        parts = tuple(float(part) for part in project.split.ratios.split(","))
    except ValueError:
        return ()
    return parts if len(parts) == 3 and min(parts) >= 0 and 0 < sum(parts) < float("inf") else ()


def linkers_of(project: Project) -> tuple[str, ...]:
    """Who links: the people named, else the first annotator; nobody without a knowledge base."""
    if not project.suggestions.kb:
        return ()
    return project.annotation.linkers or project.annotation.annotators[:1]


def read_labels(folder: Path, project: Project) -> list[str]:
    """The labels of the label set, a line each before the first tab; # begins a comment.

    Raises UsageError if there is no such file, DataError for a label that Doccano refuses.
    """
    path = folder / project.annotation.labels
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UsageError(
            f"{path}: {(error.strerror or '').lower()}", "write the labels into it, one a line"
        ) from error
    labels = [line.partition("\t")[0].strip() for line in lines if not line.startswith("#")]
    labels = [label for label in labels if label]
    if problem := problem_of_labels(labels):
        raise DataError(f"{path}: {problem}", "write one label a line, like ORG")
    return labels


def problem_of_labels(labels: Sequence[str]) -> str:
    """What is wrong with a label set, or nothing."""
    if not labels:
        return "holds no label"
    for label in labels:
        if not _LABEL.fullmatch(label):
            return f"{label!r} is no label of 1 to 100 characters"
    if len({label.casefold() for label in labels}) < len(labels):
        return "a label stands twice (case does not count)"
    return ""


def project_toml(project: Project) -> str:
    """The project as TOML, with a word on each setting."""
    general, annotation = project.project, project.annotation
    people = f"{general.name}.{annotation.annotators[0]}.1"
    return f"""\
# What `corpus run`, `corpus status` and project.yml work from.

[project]
name = {_toml(general.name)}  # Doccano's projects are called {people} and so on
articles = {_toml(general.articles)}  # a folder, a file or a glob
language = {_toml(general.language)}  # of all articles; empty: detected, article by article

[suggestions]
kb = {_toml(project.suggestions.kb)}  # sources of the knowledge base; none: no links either
model = {_toml(project.suggestions.model)}  # a spaCy pipeline that suggests mentions, too

[annotation]
annotators = {_toml(annotation.annotators)}
linkers = {_toml(annotation.linkers)}  # who chooses entities; empty: the first annotator
labels = {_toml(annotation.labels)}
guidelines = {_toml(annotation.guidelines)}
rule = {_toml(annotation.rule)}  # single, or for several annotators: unanimous, majority

[split]
ratios = {_toml(project.split.ratios)}  # train, dev, test
seed = {project.split.seed}

[training]
steps = {project.training.steps}  # of spacy train, at most
"""


def _toml(value: str | Sequence[str]) -> str:
    # A JSON string is a TOML string, but for U+007F.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
