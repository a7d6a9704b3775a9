"""What push does with --task links."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus.cli.findings_file import findings_file
from corpus.cli.terminal import count, print_result, progress, say
from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.doccano.link_push import LinkPushPlan, LinkPushResult


def plan_links(
    documents: Path,
    project: str,
    kb: Path | None,
    layer: str,
    per: str,
    project_id: int | None,
    dry_run: bool,
    spans_only: Mapping[str, object],
) -> LinkPushPlan:
    """What to push. Raises UsageError for options that do not fit the task."""
    from corpus.doccano.link_input import PER
    from corpus.doccano.link_push import LinkPushPlan

    refuse_options(spans_only)
    if per not in PER:
        raise UsageError(f"--per {per}: no such way", f"the ways are: {', '.join(PER)}")
    return LinkPushPlan(
        documents=documents,
        project=project,
        kb=need_kb(kb),
        layer=layer or "gold",
        per=per,
        project_id=project_id,
        dry_run=dry_run,
    )


def need_kb(kb: Path | None) -> Path:
    """The knowledge base, which the link task cannot do without."""
    if kb is None:
        raise UsageError("--task links needs the knowledge base", "give --kb DIR")
    return kb


def refuse_options(given: Mapping[str, object]) -> None:
    """Raises UsageError for the first option that is given and is not for links."""
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} is not for --task links", "leave it out")


class Exits(NamedTuple):
    """How long to wait, what makes exit 1, and how the result is printed."""

    time_limit: float
    allow_rejects: bool
    as_json: bool


def push_link_task(plan: LinkPushPlan, report: Path | None, exits: Exits) -> int:
    """Push the mentions to link, record and print what was done; the exit code."""
    from corpus.doccano.client import Doccano
    from corpus.doccano.link_push import push_links
    from corpus.doccano.settings import read_settings

    with findings_file(report) as record:
        client = Doccano(read_settings(), time_limit=exits.time_limit)
        result = push_links(plan, client, record, watch=progress)
        record(result)
    return _finish_push(result, report, exits)


def _finish_push(result: LinkPushResult, report: Path | None, exits: Exits) -> int:
    import msgspec

    documents = result.documents
    lines = [
        f"{result.project} ({result.url or 'not there yet'}): "
        f"{count(documents['given'], 'document')} given, "
        f"{count(result.sent, 'decision')} sent, "
        f"{result.decisions.get('stored', 0):,} stored as sent "
        f"for {count(result.mentions.get('stored', 0), 'mention')}"
    ]
    for what, verdicts in (("documents", documents), ("decisions", result.decisions)):
        rest = [
            f"{number:,} {verdict}"
            for verdict, number in verdicts.items()
            if number and verdict not in ("given", "stored")
        ]
        if rest:
            lines.append(f"  {what}: {', '.join(rest)}")
    if result.mended:
        lines.append(f"  preselected keys set where none was: {result.mended}")
    if result.label_types:
        made = "label types to make" if result.dry_run else "label types made"
        lines.append(f"  {made}: {', '.join(result.label_types)}")
    lines += [f"  {note}" for note in result.notes]
    if report is not None:
        lines.append(f"  record, with each that is not stored as sent: {report}")
    print_result(
        {**msgspec.to_builtins(result), "report": str(report or "")},
        "\n".join(lines),
        as_json=exits.as_json,
    )
    failed = not result.clean or (bool(documents["refused"]) and not exits.allow_rejects)
    if failed:
        say("corpus: error: not everything is on the server as it was sent")
    return 1 if failed else 0
