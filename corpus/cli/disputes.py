"""corpus disputes: what no rule settles, decided in Doccano or in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import Json
from corpus.cli.push import KnowledgeBase, ProjectName, TimeLimit
from corpus.cli.terminal import count, print_result, progress, say

if TYPE_CHECKING:
    from corpus.decisions import Dispute
    from corpus.doccano.client import Doccano
    from corpus.doccano.dispute_examples import Describe
    from corpus.doccano.link_decisions import KnowledgeBase as Asked
    from corpus.model import Document, Task

disputes_app = typer.Typer(
    name="disputes",
    help="Decide what annotators differ about and no rule settles.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Gold = Annotated[Path, typer.Argument(help="The output of `corpus adjudicate`.")]
By = Annotated[str, typer.Option("--by", help="Who decides; default the name at the login.")]


@disputes_app.command("push")
def push_disputes_cli(
    gold: Gold,
    project: ProjectName,
    kb: KnowledgeBase = None,
    time_limit: TimeLimit = 600.0,
    json: Json = False,
) -> int:
    """Send the open disputes to a Doccano project of their own: one key decides each.

    An example shows the place in its context, the answers with a number each, and who gave
    which. What is there already is not sent again; everything is read back.

    \b
    Example:
      corpus disputes push gold.jsonl --project news.disputes
      corpus disputes push linked-gold.jsonl --project links.disputes --kb news.kb
    """
    import msgspec

    from corpus.doccano.dispute_project import push_disputes

    task = task_of(gold)
    result = push_disputes(
        disputes_of(gold),
        _client(time_limit),
        project=project,
        task=task,
        describe=describer(kb),
        watch=progress,
    )
    lines = [
        f"{project} ({result.url}): {count(result.open, 'open dispute')}, {result.sent:,} sent, "
        f"{result.stored:,} stored"
    ]
    if result.outdated:
        lines.append(
            f"  {count(result.outdated, 'example')} of disputes that are not open any more"
        )
    lines += [f"  {problem}" for problem in result.problems]
    print_result(msgspec.to_builtins(result), "\n".join(lines), as_json=json)
    if result.problems:
        say("corpus: error: not every dispute is on the server as it was sent")
    return 1 if result.problems else 0


@disputes_app.command("pull")
def pull_disputes_cli(
    gold: Gold,
    project: ProjectName,
    kb: KnowledgeBase = None,
    by: By = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Let it replace decisions made elsewhere.")
    ] = False,
    time_limit: TimeLimit = 600.0,
    json: Json = False,
) -> int:
    """Fetch what was decided in Doccano into the file of decisions; then adjudicate again.

    A decision that the file has with another answer stays, and the difference is listed.

    \b
    Example:
      corpus disputes pull gold.jsonl --project news.disputes
      corpus disputes pull gold.jsonl --project news.disputes --by ann
    """
    import msgspec

    from corpus.doccano.dispute_project import pull_disputes
    from corpus.gold.decided import add_decisions
    from corpus.gold.disputes import decisions_path

    path = decisions_path(gold)
    client = _client(time_limit)
    result = pull_disputes(
        disputes_of(gold),
        client,
        path.parent,
        project=project,
        author=by or client.username,
        kb=_ask(kb),
    )
    clashes = add_decisions(path, result.decisions, replace=replace)
    if not replace:
        result.refused += [
            f"{one.document} {one.start}-{one.end}: decided otherwise before; --replace takes this"
            for one in clashes
        ]
    lines = [
        f"{path}: {count(len(result.decisions), 'decision')} from {project}, "
        f"{result.undecided:,} undecided"
    ]
    if result.outdated:
        lines.append(
            f"  {count(result.outdated, 'example')} of disputes that are not there any more"
        )
    lines += [f"  {reason}" for reason in result.refused]
    told = {**msgspec.to_builtins(result), "decisions_file": str(path)}
    print_result(told, "\n".join(lines), as_json=json)
    say(f"corpus: now adjudicate again: {again(gold)}")
    return 1 if result.refused else 0


@disputes_app.command("decide")
def decide_cli(
    gold: Gold,
    kb: KnowledgeBase = None,
    by: By = "",
    redo: Annotated[
        bool, typer.Option("--redo", help="Show the decided ones too, to change them.")
    ] = False,
) -> int:
    """Decide open disputes in the terminal, one key each; every decision is saved at once.

    Stop at any time; the next run goes on where this one stopped. Then adjudicate again.

    \b
    Example:
      corpus disputes decide gold.jsonl --by ann
      corpus disputes decide linked-gold.jsonl --kb news.kb --redo
    """
    import sys

    from corpus.cli.dispute_screen import decide_disputes
    from corpus.errors import UsageError

    task_of(gold)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "corpus disputes decide needs a terminal", "decide in Doccano: corpus disputes push"
        )
    made = decide_disputes(gold, by=by or _login(), kb=_ask(kb), describe=describer(kb), redo=redo)
    say(f"corpus: {count(made, 'decision')} made; now adjudicate again: {again(gold)}")
    return 0


def task_of(gold: Path) -> Task:
    """What the disputes are about. Raises UsageError where nothing was adjudicated by a rule."""
    from corpus.gold.disputes import decisions_path
    from corpus.manifest import manifest_path, read_manifest

    decisions_path(gold)
    task = read_manifest(manifest_path(gold)).settings.get("task", "spans")
    return "links" if task == "links" else "spans"


def disputes_of(gold: Path) -> Callable[[], Iterator[tuple[Dispute, Document]]]:
    """The disputes with their documents, read again each time."""
    from corpus.gold.disputes import read_disputes

    return lambda: iter(read_disputes(gold))


def describer(kb: Path | None) -> Callable[[Document], Describe]:
    """What is shown beside an entity's number: from the knowledge base, else from candidates."""
    from corpus.doccano.dispute_examples import entity_names

    if kb is not None:
        from corpus.doccano.link_input import describe_by
        from corpus.kb.knowledge_base import KB

        describe = describe_by(KB(kb))
        return lambda _: describe

    def by_candidates(document: Document) -> Describe:
        names = entity_names(document)
        return lambda kb_id: (names.get(kb_id, ""), "", "")

    return by_candidates


def _ask(kb: Path | None) -> Asked | None:
    if kb is None:
        return None
    from corpus.doccano.link_decisions import KnowledgeBase as Asked
    from corpus.kb.knowledge_base import KB

    base = KB(kb)
    return Asked(base.info.name, base.info.hash, base.target_of)


def _client(time_limit: float) -> Doccano:
    from corpus.doccano.client import Doccano
    from corpus.doccano.settings import read_settings

    return Doccano(read_settings(), time_limit=time_limit)


def _login() -> str:
    import getpass

    return getpass.getuser()


def again(gold: Path) -> str:
    """What to type to make gold with the decisions."""
    import shlex

    from corpus.manifest import located, manifest_path, read_manifest

    path = manifest_path(gold)
    manifest = read_manifest(path)
    settings = manifest.settings
    source = str(_from_here(located(manifest.inputs[0], path)))
    words = ["corpus", "adjudicate", source, "-o", str(gold), "--rule", str(settings["rule"])]
    if settings.get("weights"):
        weights = ",".join(f"{name}={weight:g}" for name, weight in settings["weights"].items())
        words += ["--weights", weights]
    for option in ("expert", "annotator"):
        if settings.get(option):
            words += [f"--{option}", str(settings[option])]
    if settings.get("task") == "links":
        words += ["--task", "links"]
    decisions = _from_here(path.parent / str(settings["decisions"]))
    if _from_here(Path(source).parent / "decisions.jsonl") != decisions:
        words += ["--decisions", str(decisions)]
    return shlex.join(words)


def _from_here(path: Path) -> Path:
    """The path as a person would type it: from the working folder, if it lies in it."""
    import os

    relative = Path(os.path.relpath(path))
    return path.resolve() if relative.parts[:1] == ("..",) else relative
