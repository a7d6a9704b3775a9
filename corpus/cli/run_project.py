"""corpus run: the stages of a project whose inputs have changed."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import AllowRejects, Json
from corpus.cli.terminal import print_result, say

if TYPE_CHECKING:
    from corpus.flow.steps import Step

Runner = Callable[[list[str]], int]


def run_project_cli(
    stage: Annotated[
        str, typer.Argument(metavar="[STAGE]", help="Stop after it; the last, if not given.")
    ] = "",
    folder: Annotated[
        Path, typer.Option("-C", "--folder", metavar="DIR", help="The project's folder.")
    ] = Path(),
    partial: Annotated[
        bool, typer.Option("--partial", help="Go on with what people have confirmed so far.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the commands, and run none.")
    ] = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Run the stages of a project that are not as their inputs and settings say.

    The project is a folder of corpus init. Manifests tell which stages are fresh. It stops
    where people must annotate and says who and where; run it again when they are done. What was
    changed by hand is not replaced.

    \b
    Example:
      corpus run
      corpus run suggest
      corpus run --partial -C news
    """
    from corpus.cli import run
    from corpus.errors import UsageError
    from corpus.flow.project import read_project
    from corpus.flow.steps import steps_of

    project = read_project(folder)
    steps = steps_of(project, folder)
    names = [step.name for step in steps]
    if stage and stage not in names:
        raise UsageError(f"{stage}: no such stage", f"the stages are: {', '.join(names)}")
    wanted = steps[: names.index(stage) + 1] if stage else steps
    done: list[str] = []
    with _inside(folder), _results_on_stderr() if json else contextlib.nullcontext():
        why = _run_steps(
            wanted,
            run,
            done,
            named=stage,
            partial=partial,
            dry_run=dry_run,
            allow_rejects=allow_rejects,
        )
    result = {"ran": done, "stopped": why[0], "because": why[1]}
    text = why[1] or ("nothing to do, all is up to date" if not done else "done")
    print_result(result, text, as_json=json)
    return 1 if why[0] == "failed" else 0


def _run_steps(
    steps: list[Step],
    run: Runner,
    done: list[str],
    *,
    named: str,
    partial: bool,
    dry_run: bool,
    allow_rejects: bool,
) -> tuple[str, str]:
    """Why it stopped: nothing, `waiting` for people, or `failed`; and in words."""
    from corpus.flow.freshness import Marks, state_of

    for step in steps:
        state = state_of(Path(step.output), Marks(), step) if step.output else None
        if state is not None and state.verdict == "changed" and step.kind != "pull":
            return "failed", (
                f"{step.name}: {step.output}: {state.why}; it is not replaced: move it away, or "
                "make it again with --force"
            )
        if step.name == "split" and state is not None and state.other_settings:
            return "failed", (
                f"split: {state.why}; documents keep their split unless you say: "
                f"{shlex.join([*step.commands[0], '--fresh'])}"
            )
        asks = step.kind in ("push", "pull")
        if asks and step.name != named and _is_complete(steps, step):
            continue
        if asks or state is None or state.verdict != "fresh":
            if state is not None and state.why and step.kind != "pull":
                say(f"{step.name}: {state.why}")
            if dry_run:
                done.append(step.name)
                _print_commands(step)
                continue
            if code := _run_step(step, run, allow_rejects=allow_rejects):
                return (
                    "failed",
                    f"{step.name}: exit code {code}; what to do stands above",
                )
            done.append(step.name)
        if not dry_run and (why := _open(step, partial=partial, allow_rejects=allow_rejects)):
            return "waiting", why
    return "", ""


def _run_step(step: Step, run: Runner, *, allow_rejects: bool) -> int:
    from corpus.flow.training import train_model

    if step.kind == "train":
        _print_commands(step)
        train_model(step, folder=Path())
        return 0
    # What is there is stale or unfinished by now, and not changed by hand.
    again = ["--force"] if step.kind == "make" and Path(step.output).exists() else []
    allowed = ["--allow-rejects"] if allow_rejects and step.name != "report" else []
    for words in step.commands:
        say(f"$ {shlex.join([*words, *again, *allowed])}")
        if code := run([*words[1:], *again, *allowed]):
            return code
    return 0


def _print_commands(step: Step) -> None:
    for words in step.commands:
        say(f"$ {shlex.join(words)}")


def _is_complete(steps: list[Step], step: Step) -> bool:
    """Whether all of a step's people have confirmed all, and what they got is as it was."""
    from corpus.flow.freshness import Marks, state_of
    from corpus.flow.people import progress_of, waiting_for
    from corpus.store import read_documents

    pull = next((each for each in steps if each.kind == "pull" and each.task == step.task), None)
    if pull is None or not Path(pull.output).is_file():
        return False
    if state_of(Path(pull.output), Marks(), pull).verdict != "fresh":
        return False
    return not waiting_for(progress_of(read_documents(pull.output)), pull.people, pull.task)


def _open(step: Step, *, partial: bool, allow_rejects: bool) -> str:
    """What people must do before it goes on, in words; nothing if it may."""
    from corpus.flow.people import progress_of, tell_waiting, waiting_for
    from corpus.flow.status import open_questions
    from corpus.manifest import beside_path, manifest_path, read_manifest
    from corpus.store import read_documents

    if step.kind == "pull":
        waiting = waiting_for(progress_of(read_documents(step.output)), step.people, step.task)
        if not waiting:
            return ""
        told = tell_waiting(waiting)
        if partial:
            say(f"{step.name}: {told}; going on with what is confirmed")
            return ""
        where = ", ".join(words[words.index("--project") + 1] for words in step.commands)
        return (
            f"waiting for people: {told}\n  they work at {_server()} in {where}\n"
            "  when they are done: corpus run; with what is confirmed: corpus run --partial"
        )
    if step.name.startswith("adjudicate") and not allow_rejects:
        number = open_questions(read_manifest(manifest_path(step.output)))
        if number:
            return (
                f"{step.name}: {number:,} to be settled by a person: "
                f"{beside_path(step.output, 'disputes')}, or the rejects beside it\n"
                f"  decide: corpus disputes decide {step.output}; then: corpus run; "
                "without them: corpus run --allow-rejects"
            )
    return ""


def _server() -> str:
    from corpus.doccano.settings import read_settings
    from corpus.errors import UsageError

    try:
        return read_settings().url
    except UsageError:
        return "the server"


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    # contextlib.chdir is of Python 3.11.
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _results_on_stderr() -> Iterator[None]:
    with contextlib.redirect_stdout(sys.stderr):
        yield
