"""The steps of a project: as one would type them, in an order in which each finds its inputs."""

import warnings

import pytest
import srsly
from msgspec.structs import replace
from typer.main import get_command

from corpus.cli import make_app
from corpus.flow.new_project import make_project, plan_project
from corpus.flow.spacy_project import spacy_project
from corpus.flow.steps import steps_of


def make(folder, **answers):
    project, labels = plan_project(folder, name="news", **answers)
    make_project(folder, project, labels)
    return project


@pytest.fixture(params=["alone", "several", "blind"])
def project(request, tmp_path):
    answers = {
        "alone": {"kb": ["kb.jsonl"]},
        "several": {"kb": ["kb.jsonl"], "annotators": ["ann", "bob"]},
        "blind": {"annotators": ["ann", "bob"]},
    }
    made = make(tmp_path, **answers[request.param])
    if request.param == "several":
        linkers = replace(made.annotation, linkers=("ann", "bob"))
        made = replace(made, annotation=linkers, split=replace(made.split, seed=3))
    return made


def test_each_step_reads_what_an_earlier_one_writes(project, tmp_path):
    given = {project.project.articles, *project.suggestions.kb}
    for step in steps_of(project, tmp_path):
        for name in step.inputs:
            folder = name.rpartition("/")[0] if name.endswith((".spacy", "kb.json")) else name
            assert name in given or any(made.startswith(folder) for made in given), (step, name)
        given.add(step.output)


def test_every_command_has_only_options_that_there_are(project, tmp_path):
    commands = get_command(make_app()).commands
    for step in steps_of(project, tmp_path):
        for words in step.commands:
            if words[0] != "corpus":
                continue
            command = commands[words[1]]
            rest = list(words[2:])
            if hasattr(command, "commands"):
                command = command.commands[rest.pop(0)]
            if step.kind == "make":
                rest.append("--force")
            with command.make_context("corpus", rest) as context:
                assert context.params


def test_without_a_knowledge_base_people_annotate_blind_and_nobody_links(tmp_path):
    project = make(tmp_path)
    names = [step.name for step in steps_of(project, tmp_path)]
    assert names == ["convert", "push", "pull", "adjudicate", "split", "train", "report"]
    push = steps_of(project, tmp_path)[1]
    assert push.commands[0][:4] == ("corpus", "push", "documents.jsonl", "--project")


def test_weasel_takes_the_project_and_knows_all_its_steps(project, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # weasel's own, on import
        from weasel.schemas import ProjectConfigSchema, validate

    content = srsly.yaml_loads(spacy_project(project, tmp_path))
    assert validate(ProjectConfigSchema, content) == []
    names = [command["name"] for command in content["commands"]]
    assert [name for flow in content["workflows"].values() for name in flow] == names
    assert {step.name for step in steps_of(project, tmp_path)} | {"config"} == set(names)
    first = content["workflows"]["prepare"]
    assert first[-1] == "push"
    assert content["workflows"]["finish"][-1] == "report"
