"""corpus check: proves that nothing was lost or shifted."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.audit import run_audit
from corpus.cli.options import Force, Json
from corpus.cli.terminal import count, one_line, print_result, progress, say
from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.check.findings import Report

_SHOWN = 1000  # findings; a file of another kind would give one a line


def check_cli(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Documents, .spacy files, manifests, folders."),
    ],
    kb: Annotated[
        list[Path] | None,
        typer.Option("--kb", help="A knowledge base that links must be in; repeat for more."),
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Look for likely mistakes of annotators as well.")
    ] = False,
    queue: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="With --audit: all doubts, the surest first."),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="With --audit: the documents with doubts, to be pushed again."),
    ] = None,
    layer: Annotated[str, typer.Option(help="With --audit: the layer to audit.")] = "gold",
    no_debug_data: Annotated[
        bool, typer.Option("--no-debug-data", help="With --audit: do not ask spaCy's own check.")
    ] = False,
    force: Force = False,
    json: Json = False,
) -> int:
    """Prove that nothing was lost, shifted or changed.

    Reads every file and says, a line each, what is not as it must be and how to mend it:
    records, hashes, offsets, ids, links, the counts of each stage and from stage to stage.
    Exits 1 if anything is found. Knowledge bases in the folders given are used as well.

    With --audit the gold is compared with itself: one name with two labels or links, places that
    were likely missed, odd borders. Doubts are opinions: they do not change the exit code.

    \b
    Example:
      corpus check work --kb seeds.kb
      corpus check gold.jsonl train.spacy --json
      corpus check gold.jsonl --audit -o doubts.jsonl --review review.jsonl
    """
    import msgspec

    from corpus.check.findings import Report
    from corpus.check.workspace import check_paths

    audit_only = {"-o": queue, "--review": review, "--no-debug-data": no_debug_data}
    given = [name for name, value in audit_only.items() if value]
    if given and not audit:
        raise UsageError(f"{given[0]}: belongs to the audit", "give --audit too")
    report = Report()
    findings = check_paths(paths, report=report, kbs=kb or [], watch=progress)
    shown = []
    for finding in islice(findings, _SHOWN):
        shown.append(finding)
        if not json:
            typer.echo(one_line(str(finding)))
    number = len(shown) + sum(1 for _ in findings)
    if not json:
        for note in report.notes:
            say(f"note: {note}")
    result: dict[str, Any] = {"findings": msgspec.to_builtins(shown), "found": number}
    if audit and not number:
        result["audit"] = run_audit(
            paths,
            layer=layer,
            queue=queue,
            review=review,
            with_debug_data=not no_debug_data,
            force=force,
            as_json=json,
        )
    elif audit:
        say("corpus: not audited: mend what is found first")
    summary = _summary(report, number, number - len(shown))
    print_result({**result, **msgspec.to_builtins(report)}, summary, as_json=json)
    return 1 if number else 0


def _summary(report: Report, number: int, unsaid: int) -> str:
    parts = [
        count(report.documents, "document"),
        count(report.mentions, "mention"),
        count(report.manifests, "manifest"),
    ]
    if report.others:
        parts.append(f"{count(report.others, 'other file')} passed over")
    verdict = count(number, "finding") if number else "all is well"
    more = f"… and {unsaid:,} more\n" if unsaid else ""
    return f"{more}checked {count(report.files, 'file')} ({', '.join(parts)}): {verdict}"
