"""The steps from articles to a trained model, as the commands that a person would type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from corpus.flow.project import Project, linkers_of, ratios_of, read_labels
from corpus.model import Task

Words = tuple[str, ...]
Kind = Literal["make", "push", "pull", "train"]

DOCUMENTS, SILVER, GOLD, LINKED = "documents.jsonl", "silver.jsonl", "gold.jsonl", "linked.jsonl"
ANNOTATIONS, LINKS, LINKED_GOLD = "annotations", "links", "linked-gold.jsonl"
SPLITS, MODEL, TRAINED, CONFIG = "splits", "model", "model.json", "config.cfg"
REPORT = "report.html"


class Step(Struct, frozen=True):
    """One step: its commands, what they read, and the output whose manifest tells of them.

    `settings` and `seed` are those of the manifest that the project decides; `optional` inputs
    count once they are there. Paths start at the project's folder.
    """

    name: str
    help: str
    commands: tuple[Words, ...]
    inputs: tuple[str, ...]
    output: str
    kind: Kind = "make"
    settings: Mapping[str, Any] = {}
    seed: int | None = None
    optional: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    task: Task = "spans"


def steps_of(project: Project, folder: Path) -> list[Step]:
    """The steps of a project, in order. Raises what `read_labels` raises."""
    labels = read_labels(folder, project)
    name = project.project.name
    linkers = linkers_of(project)
    steps = [_convert(project)]
    pushed = DOCUMENTS
    if project.suggestions.kb:
        steps.append(_kb(project))
    if project.suggestions.kb or project.suggestions.model:
        steps.append(_suggest(project))
        pushed = SILVER
    steps += [_push(project, labels, pushed), _pull(project, pushed), _adjudicate(project)]
    gold = GOLD
    if linkers:
        rule = project.annotation.rule if len(linkers) > 1 else "single"
        steps += [_candidates(name), *_linking(name, linkers), _adjudicate_links(rule)]
        gold = LINKED_GOLD
    return [*steps, _split(project, gold), _train(project), _report(project, gold)]


def kb_of(project: Project) -> str:
    """The folder of the project's knowledge base."""
    return f"{project.project.name}.kb"


def doccano_project(name: str, person: str, task: Task = "spans") -> str:
    """The name of the Doccano project in which a person works."""
    return f"{name}{'-links' if task == 'links' else ''}.{person}.1"


def _corpus(*words: str) -> Words:
    return ("corpus", *words)


def _convert(project: Project) -> Step:
    general = project.project
    language = ("--lang", general.language) if general.language else ()
    return Step(
        name="convert",
        help="Articles to documents",
        commands=(_corpus("convert", general.articles, "-o", DOCUMENTS, *language),),
        inputs=(general.articles,),
        output=DOCUMENTS,
        settings={"lang": general.language},
    )


def _kb(project: Project) -> Step:
    sources = project.suggestions.kb
    return Step(
        name="kb",
        help="The knowledge base",
        commands=(_corpus("kb", "build", *sources, "-o", kb_of(project)),),
        inputs=tuple(source for source in sources if ":" not in source),
        output=kb_of(project),
    )


def _suggest(project: Project) -> Step:
    given = project.suggestions
    with_kb = ("--kb", kb_of(project)) if given.kb else ()
    with_model = ("--model", given.model) if given.model else ()
    return Step(
        name="suggest",
        help="Mentions and links suggested by knowledge base and model",
        commands=(_corpus("suggest", DOCUMENTS, "-o", SILVER, *with_kb, *with_model),),
        inputs=(DOCUMENTS, *([f"{kb_of(project)}/kb.json"] if given.kb else [])),
        output=SILVER,
        settings={"kb": kb_of(project) if given.kb else "", "model": given.model},
    )


def _push(project: Project, labels: list[str], pushed: str) -> Step:
    annotation = project.annotation
    flags = [word for label in labels for word in ("--label", label)]
    flags += ["--guidelines", annotation.guidelines, "--add-labels"]
    return Step(
        name="push",
        help="To Doccano, one project a person",
        kind="push",
        commands=tuple(
            _corpus("push", pushed, "--project", doccano_project(project.project.name, who), *flags)
            for who in annotation.annotators
        ),
        inputs=(pushed,),
        output="",
        people=annotation.annotators,
    )


def _pull(project: Project, pushed: str) -> Step:
    annotation = project.annotation
    return Step(
        name="pull",
        help="What people did, from Doccano",
        kind="pull",
        commands=tuple(
            _corpus(
                "pull", "--project", doccano_project(project.project.name, who),
                "--documents", pushed, "-o", ANNOTATIONS,
            )
            for who in annotation.annotators
        ),
        inputs=(pushed,),
        output=f"{ANNOTATIONS}/documents.jsonl",
        people=annotation.annotators,
    )  # fmt: skip


def _adjudicate(project: Project) -> Step:
    rule = project.annotation.rule
    several = () if rule == "single" else ("--rule", rule)
    return Step(
        name="adjudicate",
        help="Annotations to gold",
        commands=(_corpus("adjudicate", ANNOTATIONS, "-o", GOLD, *several),),
        inputs=(f"{ANNOTATIONS}/documents.jsonl",),
        optional=(f"{ANNOTATIONS}/decisions.jsonl",) if several else (),
        output=GOLD,
        settings={"rule": rule},
    )


def _candidates(name: str) -> Step:
    kb = f"{name}.kb"
    return Step(
        name="candidates",
        help="Candidates for the links of gold",
        commands=(_corpus("suggest", GOLD, "--task", "links", "--kb", kb, "-o", LINKED),),
        inputs=(GOLD, f"{kb}/kb.json"),
        output=LINKED,
        settings={"task": "links"},
    )


def _linking(name: str, linkers: tuple[str, ...]) -> list[Step]:
    kb = ("--task", "links", "--kb", f"{name}.kb")
    projects = [doccano_project(name, who, "links") for who in linkers]
    shared: dict[str, Any] = {"inputs": (LINKED,), "people": linkers, "task": "links"}
    push = Step(
        name="push-links",
        help="Links to choose, to Doccano",
        kind="push",
        commands=tuple(_corpus("push", LINKED, "--project", each, *kb) for each in projects),
        output="",
        **shared,
    )
    pull = Step(
        name="pull-links",
        help="Links that people chose",
        kind="pull",
        commands=tuple(
            _corpus("pull", "--project", each, *kb, "--documents", LINKED, "-o", LINKS)
            for each in projects
        ),
        output=f"{LINKS}/documents.jsonl",
        **shared,
    )
    return [push, pull]


def _adjudicate_links(rule: str) -> Step:
    several = () if rule == "single" else ("--rule", rule)
    return Step(
        name="adjudicate-links",
        help="Gold with links",
        commands=(_corpus("adjudicate", LINKS, "--task", "links", "-o", LINKED_GOLD, *several),),
        inputs=(f"{LINKS}/documents.jsonl",),
        optional=(f"{LINKS}/decisions.jsonl",) if several else (),
        output=LINKED_GOLD,
        settings={"task": "links", "rule": rule},
    )


def _split(project: Project, gold: str) -> Step:
    split = project.split
    seed = ("--seed", str(split.seed)) if split.seed else ()
    return Step(
        name="split",
        help="Gold to train, dev and test",
        commands=(_corpus("split", gold, "-o", SPLITS, "--ratios", split.ratios, *seed),),
        inputs=(gold,),
        output=f"{SPLITS}/splits.jsonl",
        settings={"ratios": list(ratios_of(project))},
        seed=split.seed,
    )


def _train(project: Project) -> Step:
    steps = project.training.steps
    language = project.project.language or "xx"
    train = (
        "python", "-m", "spacy", "train", CONFIG, "--output", MODEL,
        "--paths.train", f"{SPLITS}/train.spacy", "--paths.dev", f"{SPLITS}/dev.spacy",
        "--training.max_steps", str(steps), "--training.eval_frequency", str(max(1, steps // 20)),
    )  # fmt: skip
    return Step(
        name="train",
        help="A spaCy pipeline that finds mentions",
        kind="train",
        commands=(
            ("python", "-m", "spacy", "init", "config", CONFIG, "--lang", language,
             "--pipeline", "ner"),
            train,
        ),
        inputs=(f"{SPLITS}/train.spacy", f"{SPLITS}/dev.spacy"),
        optional=(CONFIG,),
        output=TRAINED,
        settings={"steps": steps},
    )  # fmt: skip


def _report(project: Project, gold: str) -> Step:
    kb = ("--kb", kb_of(project)) if project.suggestions.kb else ()
    return Step(
        name="report",
        help="A page to look at",
        commands=(_corpus("report", gold, "-o", REPORT, *kb, "--title", project.project.name),),
        inputs=(gold,),
        output=REPORT,
        settings={"title": project.project.name},
    )
