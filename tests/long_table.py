"""The table of the long suites that `scripts/test --long` prints: how many, passed, seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

HEAD = ("suite", "runs", "passed", "seconds")


def long_rows(reports: Iterable[Any]) -> list[tuple[str, int, int, float]]:
    """One row a test function of which at least one case is marked long, by name."""
    cases: dict[str, list[Any]] = {}
    for report in reports:
        cases.setdefault(report.nodeid.partition("[")[0], []).append(report)
    rows = []
    for name, found in sorted(cases.items()):
        if any("long" in report.keywords for report in found):
            calls = [report for report in found if report.when == "call"]
            passed = sum(report.outcome == "passed" for report in calls)
            seconds = sum(report.duration for report in calls)
            rows.append((name, len(calls), passed, seconds))
    return rows


def long_table(rows: Iterable[tuple[str, int, int, float]]) -> list[str]:
    """The rows as a table in Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|---|---|"]
    return lines + [f"| `{name}` | {runs} | {ok} | {spent:.0f} |" for name, runs, ok, spent in rows]


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    """Nothing where no long suite has run."""
    reports = [
        report
        for kind in ("passed", "failed", "error")
        for report in terminalreporter.stats.get(kind, ())
        if hasattr(report, "when")  # a file that could not be collected has no test
    ]
    rows = long_rows(reports)
    if rows:
        terminalreporter.section("long suites")
        for line in long_table(rows):
            terminalreporter.write_line(line)
