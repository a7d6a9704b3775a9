"""The audit's findings as the page holds them: each with its place and the ways from there.

What the audit is, and where an example stands in Doccano, the report does not know: it is given
both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from corpus.errors import DataError
from corpus.model import Document
from corpus.offsets import Span, to_utf16
from corpus.report.records import Numbered


class Finding(NamedTuple):
    """What is to be looked at again: a place of a document (code points), or the whole corpus.

    `score` is from 0 to 1; `document` is empty where the whole corpus is meant, `mention` where
    none is marked.
    """

    kind: str
    score: float
    reason: str
    document: str = ""
    start: int = 0
    end: int = 0
    surface: str = ""
    label: str = ""
    mention: str = ""


Ways = Callable[[Document, Span], Sequence[tuple[str, str]]]
"""Where a place of a document is opened elsewhere: names and web addresses."""


class Queue:
    """The findings of an audit in their order; each finds its document as they come by."""

    def __init__(self, findings: Iterable[Finding], ways: Ways = lambda *_: ()) -> None:
        self._kinds: Numbered[str] = Numbered()
        self._ways = ways
        self._rows: list[dict[str, Any]] = []
        self._waiting: dict[str, list[tuple[Finding, dict[str, Any]]]] = defaultdict(list)
        for finding in findings:
            row = self._row(finding)
            self._rows.append(row)
            if finding.document:
                self._waiting[finding.document].append((finding, row))

    def add(self, document: Document, number: int | None) -> None:
        """Give the document's findings their place; `number` is its own in the page, if it has one.

        Raises DataError where other words stand at a finding's place.
        """
        for finding, row in self._waiting.pop(document.id, ()):
            span = finding.start, finding.end
            found = document.text[slice(*span)]
            if " ".join(found.split()) != finding.surface:
                raise DataError(
                    f"document {document.id!r}: the audit found {finding.surface!r} at "
                    f"{span[0]}-{span[1]}, and there stands {found!r}",
                    "audit these documents again: corpus check PATH --audit -o FILE",
                )
            if number is not None:
                [(row["a"], row["e"])] = to_utf16(document.text, [span])
                row["d"] = number
            row["o"] = self._ways(document, span)

    @property
    def strange(self) -> int:
        """How many findings are of documents that did not come by."""
        return sum(map(len, self._waiting.values()))

    def as_json(self) -> dict[str, Any]:
        """The kinds and the rows; page/audit.js tells what a row holds."""
        return {"kinds": self._kinds.values(), "rows": self._rows}

    def _row(self, finding: Finding) -> dict[str, Any]:
        return {
            "k": self._kinds.number(finding.kind),
            "s": round(finding.score, 4),
            "r": finding.reason,
            "d": -1,
            "i": finding.document,
            "a": 0,
            "e": 0,
            "w": finding.surface,
            "l": finding.label,
            "m": bool(finding.mention),
            "o": (),
        }
