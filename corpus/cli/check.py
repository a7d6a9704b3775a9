"""corpus check: proves that nothing was lost or shifted."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import Json
from corpus.cli.terminal import count, print_result, progress, say

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
    json: Json = False,
) -> int:
    """Prove that nothing was lost, shifted or changed.

    Reads every file and says, a line each, what is not as it must be and how to mend it:
    records, hashes, offsets, ids, links, the counts of each stage and from stage to stage.
    Exits 1 if anything is found. Knowledge bases in the folders given are used as well.

    \b
    Example:
      corpus check work --kb seeds.kb
      corpus check gold.jsonl train.spacy --json
    """
    import msgspec

    from corpus.check.findings import Report
    from corpus.check.workspace import check_paths

    report = Report()
    findings = check_paths(paths, report=report, kbs=kb or [], watch=progress)
    shown = []
    for finding in islice(findings, _SHOWN):
        shown.append(finding)
        if not json:
            typer.echo(str(finding))
    number = len(shown) + sum(1 for _ in findings)
    if not json:
        for note in report.notes:
            say(f"note: {note}")
    result = {"findings": msgspec.to_builtins(shown), "found": number}
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
