"""corpus status: where a corpus stands, and what to type next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import Json
from corpus.cli.terminal import count, print_result

if TYPE_CHECKING:
    from corpus.flow.status import StageStatus, Status


def status_cli(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="A folder with a corpus.")
    ] = Path(),
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Doccano.")] = False,
    json: Json = False,
) -> int:
    """Tell where a corpus stands: stages and counts, who confirmed how much, what to type next.

    A stage is fresh, stale (its inputs, settings or versions have changed since), missing,
    unfinished, or changed by hand. In a folder of corpus init all its stages are listed; in
    any other, those whose manifests are there. If a Doccano is known it is asked what is
    confirmed there now.

    \b
    Example:
      corpus status
      corpus status news --json
    """
    import msgspec

    from corpus.flow.status import status_of

    status = status_of(folder, ask=not offline)
    print_result(msgspec.to_builtins(status), "\n".join(_lines(status)), as_json=json)
    return 0


def _lines(status: Status) -> list[str]:
    width = max((len(each.name) for each in status.stages), default=0)
    wide = max((len(each.output) for each in status.stages), default=0)
    lines = [status.project] if status.project else []
    lines += [
        f"  {each.name:{width}}  {each.output:{wide}}  {each.verdict:10}  {_facts(each)}".rstrip()
        for each in status.stages
    ]
    for person in status.people:
        task = "links" if person.task == "links" else "documents"
        pass_ = f", pass {person.round}" if person.round > 1 else ""
        lines.append(
            f"  {person.person}: {person.confirmed:,} of {person.documents:,} {task} confirmed, "
            f"{person.touched:,} touched{pass_}"
        )
    if status.server:
        lines.append(f"Doccano: {status.server}")
    lines += [
        f"  {each.name}: {each.confirmed:,} of {count(each.examples, 'example')} confirmed now"
        for each in status.server_projects
    ]
    lines.append(f"next: {status.next} ({status.because})" if status.next else status.because)
    return lines


def _facts(stage: StageStatus) -> str:
    facts = []
    if stage.documents:
        facts.append(count(stage.documents, "document"))
    if stage.mentions:
        facts.append(count(stage.mentions, "mention"))
    if stage.rejected:
        facts.append(f"{stage.rejected:,} rejected")
    if stage.open_questions:
        facts.append(f"{stage.open_questions:,} to be settled")
    if stage.why and stage.verdict != "missing":
        facts.append(stage.why)
    return ", ".join(facts)
