"""corpus adjudicate: annotator layers -> gold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import AllowRejects, Force, Json, Output
from corpus.cli.terminal import count, finish, progress, say

if TYPE_CHECKING:
    from corpus.gold.rules import Rule
    from corpus.manifest import Stage
    from corpus.model import Document

    Adjudicate = Callable[[Iterable[Document], Stage], Iterator[Document]]


def adjudicate_cli(
    source: Annotated[Path, typer.Argument(help="A folder that pull wrote, or documents.jsonl.")],
    output: Output,
    rule: Annotated[
        str, typer.Option(help="single, unanimous, majority, weighted or expert.")
    ] = "single",
    weights: Annotated[
        str, typer.Option(help="With --rule weighted: ann=2,bob=1; who is not named weighs 1.")
    ] = "",
    expert: Annotated[str, typer.Option(help="With --rule expert: whose word is the last.")] = "",
    task: Annotated[
        str, typer.Option(help="spans: make gold; links: link the mentions of gold.")
    ] = "spans",
    annotator: Annotated[str, typer.Option(help="Count only this person's layers.")] = "",
    decisions: Annotated[
        Path | None,
        typer.Option(help="The decisions on disputes; by default decisions.jsonl beside the pull."),
    ] = None,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Make the gold layer from what annotators confirmed.

    With --rule single one confirmed layer is gold as it is. The other rules settle what several
    annotators agree on enough, mention by mention; the rest are disputes, written beside the
    output, for people to decide (corpus disputes). Run it again then: decisions are replayed, and
    one whose votes have changed since is listed.

    Documents that nobody has confirmed, or that have an open dispute, go on without gold; all
    layers stay. With --task links the mentions of the gold layer get the links that were
    confirmed for them; what a person must settle, such as BAD SPAN, is listed beside the output.

    \b
    Example:
      corpus adjudicate annotations -o gold.jsonl
      corpus adjudicate annotations -o gold.jsonl --rule majority
      corpus adjudicate annotations -o gold.jsonl --rule weighted --weights ann=2,bob=1
      corpus adjudicate links --task links -o linked-gold.jsonl
    """
    from corpus.errors import UsageError
    from corpus.gold.rules import make_rule
    from corpus.manifest import open_stage
    from corpus.store import find_shards, read_documents, write_documents

    chosen = make_rule(rule, weights, expert)
    if task not in ("spans", "links"):
        raise UsageError(f"--task {task}: no such task", "the tasks are: spans, links")
    if chosen.name == "single" and decisions is not None:
        raise UsageError("--decisions is not for --rule single", "it leaves no disputes")
    path = source / "documents.jsonl" if source.is_dir() else source
    book = _book_path(path, decisions) if chosen.name != "single" else None
    inputs = [*find_shards(path), *([book] if book is not None and book.is_file() else [])]
    stage = open_stage(
        "adjudicate",
        output,
        inputs,
        settings=_settings(chosen, task, annotator, book, output),
        force=force,
        renew=chosen.name != "single",
    )
    if stage is not None:
        adjudicate = _adjudicator(chosen, task, annotator, book)
        with stage:
            documents = progress(read_documents(path), "adjudicate")
            write_documents(adjudicate(documents, stage), output)
    code = finish(stage, output, allow_rejects=allow_rejects, as_json=json)
    unsettled = _say_what_is_open(stage, output)
    return 1 if unsettled and not allow_rejects else code


def _book_path(documents: Path, decisions: Path | None) -> Path:
    from corpus.gold.decided import DECISIONS

    return decisions or documents.parent / DECISIONS


def _settings(
    rule: Rule, task: str, annotator: str, book: Path | None, output: Path
) -> dict[str, object]:
    import os

    settings: dict[str, object] = {"rule": rule.name, "annotator": annotator}
    if task == "links":
        settings["task"] = task
    if rule.weights:
        settings["weights"] = {name: float(of) for name, of in sorted(rule.weights.items())}
    if rule.expert:
        settings["expert"] = rule.expert
    if book is not None:
        settings["decisions"] = os.path.relpath(book, output.parent)
    return settings


def _adjudicator(rule: Rule, task: str, annotator: str, book: Path | None) -> Adjudicate:
    from functools import partial

    from corpus.gold.adjudication import adjudicate_single
    from corpus.gold.decided import read_book
    from corpus.gold.judging import adjudicate_spans
    from corpus.gold.judging_links import adjudicate_links
    from corpus.gold.linking import link_single

    if rule.name == "single":
        return partial(link_single if task == "links" else adjudicate_single, annotator=annotator)
    several = adjudicate_links if task == "links" else adjudicate_spans
    return partial(several, rule=rule, book=read_book(book), annotator=annotator)


def _say_what_is_open(stage: Stage | None, output: Path) -> bool:
    """Whether something waits for a person; said with what to type next."""
    from corpus.manifest import beside_path, rejects_path

    notes = stage.manifest.notes if stage is not None else {}
    on_disk = str(output) != "-"
    if on_disk and notes.get("to_settle"):
        say(f"corpus: to be settled by a person: {rejects_path(output)}")
    if on_disk and notes.get("decisions_whose_votes_changed"):
        say(f"corpus: decisions that do not count any more: {rejects_path(output)}")
    if stage is not None and notes.get("waiting") == stage.manifest.documents.written > 0:
        say("corpus: nobody has confirmed a document yet, so nothing is gold")
        say("  confirm them in Doccano, pull again, then adjudicate again with --force")
    disputes = notes.get("disputes", 0)
    if disputes:
        where = beside_path(output, "disputes") if on_disk else "give -o FILE to list them"
        say(f"corpus: {count(disputes, 'open dispute')}: {where}")
        if on_disk:
            say(f"  decide them: corpus disputes decide {output}")
            say(f"  or in Doccano: corpus disputes push {output} --project NAME.disputes")
    return any(map(notes.get, ("to_settle", "disputes", "decisions_whose_votes_changed")))
