"""What a check finds: one line each, with the place and the way out."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from corpus.addresses import shown
from corpus.errors import CorpusError

_PLACE = re.compile(r":(\d+)(?::(\d+))?: (.*)", re.DOTALL)


class Finding(Struct, frozen=True, omit_defaults=True):
    """Something that is not as it must be; line and column count from 1, 0 where there is none."""

    file: str
    what: str
    mend: str
    line: int = 0
    column: int = 0
    document: str = ""

    def __str__(self) -> str:
        """The finding as one line."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        document = f"document {self.document!r}: " if self.document else ""
        return f"{place}: {document}{self.what}; {self.mend}"


class Report(Struct):
    """What was looked at; `others` were passed over, `notes` say what could not be proven."""

    files: int = 0
    documents: int = 0
    mentions: int = 0
    manifests: int = 0
    knowledge_bases: int = 0
    others: int = 0
    notes: list[str] = []


def finding_of(error: CorpusError, file: Path) -> Finding:
    """The error as a finding of that file, its line and column taken out of the message."""
    name = shown(file)
    if error.message.startswith(f"{name}/"):  # a file of that folder
        inner, _, what = error.message.partition(": ")
        return Finding(file=inner, what=what, mend=error.hint)
    message = error.message.removeprefix(name)
    place = _PLACE.match(message)
    if place is None:
        return Finding(file=str(file), what=message.removeprefix(": "), mend=error.hint)
    line, column, what = place.groups()
    return Finding(str(file), what, error.hint, line=int(line), column=int(column or 0))
