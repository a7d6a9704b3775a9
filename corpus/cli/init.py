"""corpus init: a new project folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.options import Json
from corpus.cli.terminal import print_result


def init_cli(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder.")],
    name: Annotated[str, typer.Option(help="The project's name; the folder's, if not given.")] = "",
    articles: Annotated[
        str, typer.Option(help="A folder, file or glob of articles; DIR/articles if not given.")
    ] = "",
    kb: Annotated[
        list[str] | None,
        typer.Option("--kb", metavar="SOURCE", help="A source of the knowledge base; repeat."),
    ] = None,
    labels: Annotated[
        str, typer.Option(help="The label set: PER,ORG,GPE ...; that of news, if not given.")
    ] = "",
    annotators: Annotated[
        str, typer.Option(help="Who annotates: ann,bob; ann, if not given.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take what is usual.")] = False,
    renew: Annotated[
        bool, typer.Option("--renew", help="Only write project.yml again, from corpus.toml.")
    ] = False,
    json: Json = False,
) -> int:
    """Make a project folder, from which corpus run leads to a trained model.

    Asks five questions; those that an option answers are not asked, and none if the terminal is
    not a terminal. Writes corpus.toml, labels.txt, guidelines.md, .gitignore, and project.yml for
    spaCy's weasel. What is there already is left as it is.

    \b
    Example:
      corpus init news
      corpus init news --articles articles --kb entities.jsonl --annotators ann,bob
      corpus init news --renew
    """
    from corpus.flow.new_project import make_project, plan_project, write_spacy_project
    from corpus.flow.project import read_project

    if renew:
        written = write_spacy_project(folder, read_project(folder), renew=True)
        return _tell(folder, written, json=json)
    given = {
        "name": name,
        "articles": articles,
        "kb": ",".join(kb or []),
        "labels": labels,
        "annotators": annotators,
    }
    if not yes and not json and sys.stdin.isatty() and sys.stderr.isatty():
        given = _ask(folder, given)
    project, chosen = plan_project(
        folder,
        name=given["name"],
        articles=given["articles"],
        kb=kb or _words(given["kb"]),
        labels=_words(given["labels"]),
        annotators=_words(given["annotators"]),
    )
    return _tell(folder, make_project(folder, project, chosen), json=json)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(text.replace(",", " ").split()))


def _ask(folder: Path, given: dict[str, str]) -> dict[str, str]:
    """The five questions; what an option answered is not asked."""
    from corpus.flow.new_project import KNOWN_LABELS

    questions = {
        "name": ("What is the corpus called?", folder.resolve().name),
        "articles": ("Where are the articles (a folder, a file, a glob)?", "articles"),
        "kb": ("Which files make the knowledge base (empty: none)?", ""),
        "labels": ("Which labels?", ",".join(KNOWN_LABELS)),
        "annotators": ("Who annotates?", "ann"),
    }
    return {
        key: given[key]
        or typer.prompt(question, default=usual, err=True, show_default=bool(usual)).strip()
        for key, (question, usual) in questions.items()
    }


def _tell(folder: Path, written: list[Path], *, json: bool) -> int:
    import shlex

    lines = [f"{path}" for path in written]
    place = "" if folder.resolve() == Path.cwd() else f" -C {shlex.quote(str(folder))}"
    lines.append(f"next: corpus run{place}")
    result = {"folder": str(folder), "written": [str(path) for path in written]}
    print_result(result, "\n".join(lines), as_json=json)
    return 0
