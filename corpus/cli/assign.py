"""What push does with --annotators: a project for each of them and each pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.findings_file import findings_file
from corpus.cli.links import Exits
from corpus.cli.terminal import count, print_result, progress, say
from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.doccano.assigned_parts import AssignResult, ShareResult
    from corpus.doccano.assignment import Deal
    from corpus.doccano.link_push import LinkPushPlan
    from corpus.doccano.push import PushPlan

Annotators = Annotated[
    str, typer.Option(metavar="NAMES", help="Deal the documents out to these: ann,bob,eve.")
]
Overlap = Annotated[
    float, typer.Option(help="With --annotators: the share of documents that goes to several.")
]
PerDocument = Annotated[
    int, typer.Option(help="How many annotators get a document of the overlap; 0 for all.")
]
Passes = Annotated[
    int, typer.Option(min=1, max=99, help="How often an annotator works through the documents.")
]
Repeat = Annotated[
    float, typer.Option(help="The share of an annotator's documents that comes in later passes.")
]
Blind = Annotated[
    float, typer.Option(help="The share of documents that goes without its suggestions.")
]
CreateUsers = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Create users that are missing; their passwords go into this file."
    ),
]


def read_deal(
    annotators: str,
    overlap: float,
    per_document: int,
    passes: int,
    repeat: float,
    blind: float,
    seed: int,
    create_users: Path | None,
) -> Deal | None:
    """How documents are dealt out; None without annotators.

    Raises UsageError for names or shares that cannot be, or that need annotators.
    """
    if not annotators:
        given = {
            "--overlap": overlap,
            "--per-document": per_document,
            "--passes": passes > 1,
            "--blind": blind,
            "--create-users": create_users,
        }
        for option, value in given.items():
            if value:
                raise UsageError(f"{option} needs --annotators", "name them like ann,bob")
        return None
    from corpus.doccano.accounts import check_names
    from corpus.doccano.assignment import Deal, check_deal

    deal = Deal(
        annotators=tuple(check_names(annotators.split(","))),
        overlap=overlap,
        per_document=per_document,
        blind=blind,
        passes=passes,
        repeat=repeat,
        seed=seed,
    )
    check_deal(deal)
    return deal


def push_assigned_cli(
    push: PushPlan | LinkPushPlan, deal: Deal, passwords: Path | None, report: Path | None, x: Exits
) -> int:
    """Push to every annotator's project, record and print what was done; the exit code."""

    import msgspec

    from corpus.doccano.assigned_parts import AssignPlan
    from corpus.doccano.assigned_push import push_assigned
    from corpus.doccano.client import Doccano
    from corpus.doccano.settings import read_settings

    if push.project_id is not None:
        raise UsageError("--project-id is for one project", "leave it out with --annotators")
    plan = AssignPlan(
        push=msgspec.structs.replace(push, dry_run=False),
        deal=deal,
        passwords=passwords,
        dry_run=push.dry_run,
    )
    with findings_file(report) as record:
        client = Doccano(read_settings(), time_limit=x.time_limit)
        result = push_assigned(plan, client, record, watch=progress)
    return _finish(result, report, passwords, x)


def _finish(result: AssignResult, report: Path | None, passwords: Path | None, exits: Exits) -> int:
    import msgspec

    documents = result.documents
    lines = [
        f"{result.project}: {count(documents['given'], 'document')} given, "
        f"{documents['overlap']:,} for several annotators"
    ]
    lines += [_tell(share, dry_run=result.dry_run) for share in result.shares]
    rest = [f"{documents[what]:,} {what}" for what in ("refused", "without mentions")]
    if documents["refused"] or documents["without mentions"]:
        lines.append(f"  documents: {', '.join(rest)}")
    if result.users_created:
        lines.append(f"  users created: {', '.join(result.users_created)}; passwords: {passwords}")
    lines += [f"  {note}" for note in result.notes]
    if report is not None:
        lines.append(f"  record, with each that is not stored as sent: {report}")
    print_result(
        {**msgspec.to_builtins(result), "report": str(report or "")},
        "\n".join(lines),
        as_json=exits.as_json,
    )
    if not result.clean:
        say("corpus: error: not everything is on the server as it was sent, or somebody not let in")
    refused = documents["refused"] and not exits.allow_rejects
    return 1 if not result.clean or refused else 0


def _tell(share: ShareResult, *, dry_run: bool) -> str:
    shared = f"{share.overlap:,} shared, {share.blind:,} blind"
    line = f"  {share.project}: {count(share.documents, 'document')} ({shared})"
    if dry_run:
        return f"{line}, {share.documents - share.there:,} to send"
    if share.pushed is None:
        return f"{line}, nothing to push"
    line += f", {share.pushed.sent:,} sent; {share.annotator}: {share.member}"
    for note in share.pushed.notes:
        line += f"; {note}"
    verdicts = share.pushed.documents.items()
    odd = [f"{n:,} {what}" for what, n in verdicts if n and what not in ("given", "stored")]
    return line + (f"; {', '.join(odd)}" if odd else "")
