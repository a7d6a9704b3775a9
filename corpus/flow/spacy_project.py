"""The project as a spaCy project (project.yml), which weasel runs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import srsly

from corpus.flow.project import Project
from corpus.flow.steps import CONFIG, MODEL, SPLITS, Step, Words, steps_of

SPACY_PROJECT = "project.yml"
_HEAD = """\
# A spaCy project for weasel: `weasel run prepare`, people annotate in Doccano, `weasel run finish`.
# Made by `corpus init` from corpus.toml; after a change there: corpus init DIR --renew
"""


def spacy_project(project: Project, folder: Path) -> str:
    """The steps of the project as YAML, in workflows that stop where people must annotate."""
    steps = steps_of(project, folder)
    commands = [command for step in steps for command in _commands(step)]
    content = {
        "title": f"{project.project.name}: a corpus of entity-linked news",
        "workflows": _workflows(steps),
        "commands": commands,
    }
    return _HEAD + str(srsly.yaml_dumps(content))


def _workflows(steps: list[Step]) -> dict[str, list[str]]:
    """Up to each push, then from the pull on; the last goes to the end."""
    flows: list[list[str]] = [[]]
    for step in steps:
        if step.kind == "pull":
            flows.append([])
        flows[-1] += [command["name"] for command in _commands(step)]
    names = ["prepare", "links", "finish"] if len(flows) == 3 else ["prepare", "finish"]
    return dict(zip(names, flows, strict=True))


def _commands(step: Step) -> list[dict[str, Any]]:
    if step.kind == "train":
        config, train = step.commands
        return [
            {
                "name": "config",
                "help": "The settings of the training",
                "script": [shlex.join(config)],
                "outputs": [CONFIG],
            },
            {
                "name": step.name,
                "help": step.help,
                "script": [shlex.join(train)],
                "deps": [*step.inputs, CONFIG],
                "outputs": [f"{MODEL}/model-best"],
            },
        ]
    command: dict[str, Any] = {"name": step.name, "help": step.help}
    command["script"] = [_script(words, step) for words in step.commands]
    deps = [name for name in step.inputs if not any(mark in name for mark in "*?[")]
    if deps:
        command["deps"] = deps
    if step.kind == "make":
        command["outputs"] = [step.output, *_also(step)]
    return [command]


def _also(step: Step) -> list[str]:
    return [f"{SPLITS}/train.spacy", f"{SPLITS}/dev.spacy"] if step.name == "split" else []


def _script(words: Words, step: Step) -> str:
    # weasel knows itself what has changed, so what was made is made again.
    force = ["--force"] if step.kind == "make" else []
    return shlex.join(["python", "-m", *words, *force])
