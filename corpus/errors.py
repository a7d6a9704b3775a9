"""What can go wrong, as one tree.

    CorpusError                 exit 1
    ├── UsageError              exit 2   an option, path or existing output is not what is needed
    ├── DataError                        a file or a document is wrong
    │   ├── StoreError                   a line of Document JSONL cannot be read or written
    │   ├── OffsetError                  a span does not lie in its text
    │   ├── FormatError                  a file is not of the format it is read as
    │   └── KBError                      the knowledge base is broken or lacks an entity
    ├── RemoteError                      a bucket or web server refused, failed or is not there
    ├── DependencyError                  a program or package that a command needs is not there
    └── DoccanoError                     the annotation server refused, failed or is not there
        ├── DoccanoUnreachableError      no answer at that address
        ├── DoccanoBusyError             it answers that it cannot now: 429 or 5xx
        ├── DoccanoAuthError             the name or password is wrong, or the session ended
        ├── DoccanoProjectError          the project is not there, not ours or of other settings
        └── DoccanoTaskError             the worker did not finish an import or an export
            └── DoccanoTimeLimitError    not within its time, and may do so yet

A message is one line: what is wrong and where. A hint says what to type or do next. No password
and no query of an address stands in either.
"""

from __future__ import annotations

from corpus.addresses import shown

__all__ = [
    "CorpusError",
    "DataError",
    "DependencyError",
    "DoccanoAuthError",
    "DoccanoBusyError",
    "DoccanoError",
    "DoccanoProjectError",
    "DoccanoTaskError",
    "DoccanoTimeLimitError",
    "DoccanoUnreachableError",
    "FormatError",
    "KBError",
    "OffsetError",
    "RemoteError",
    "StoreError",
    "UsageError",
]


class CorpusError(Exception):
    """Anything the person at the keyboard can mend; str() is one line, message and hint."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = shown(message)
        self.hint = shown(hint)
        super().__init__(self.message, self.hint)

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class UsageError(CorpusError):
    """An option, a path or an existing output is not what the command needs."""

    exit_code = 2


class DataError(CorpusError):
    """A file or a document is wrong."""


class StoreError(DataError):
    """A line of Document JSONL cannot be read or written."""


class OffsetError(DataError):
    """A span does not lie in its text."""


class FormatError(DataError):
    """A file is not of the format it is read as."""


class KBError(DataError):
    """The knowledge base is broken or lacks an entity."""


class RemoteError(CorpusError):
    """A bucket or a web server refused, failed or is not there; never a fault of the data."""


class DependencyError(CorpusError):
    """A program or package that a command needs is not there."""


class DoccanoError(CorpusError):
    """The annotation server refused, failed or is not there."""


class DoccanoUnreachableError(DoccanoError):
    """No answer at that address."""


class DoccanoBusyError(DoccanoError):
    """It answers that it cannot now: 429 or 5xx."""


class DoccanoAuthError(DoccanoError):
    """The name or password is wrong, or the session ended."""


class DoccanoProjectError(DoccanoError):
    """The project is not there, not ours or of other settings."""


class DoccanoTaskError(DoccanoError):
    """The worker did not finish an import or an export."""


class DoccanoTimeLimitError(DoccanoTaskError):
    """An import or export did not end within its time, and may do so yet."""
