"""What is printed, and where: results on stdout, everything else on stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import typer

from corpus.addresses import shown

if TYPE_CHECKING:
    from logging import LogRecord

    from corpus.manifest import Manifest, Stage

T = TypeVar("T")

_state = {"verbose": False}


def set_verbose(verbose: bool) -> None:
    """Set whether `explain` prints, and what the floors below log: reads, decisions, calls."""
    _state["verbose"] = verbose
    if not verbose and "logging" not in sys.modules:
        return  # nobody has asked for it, so it is not loaded
    import logging

    logger = logging.getLogger("corpus")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    if verbose:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("corpus: %(message)s"))
        handler.addFilter(_made_printable)
        logger.addHandler(handler)


def _made_printable(record: LogRecord) -> bool:
    record.msg, record.args = one_line(record.getMessage()), ()
    return True


# Control characters but for tab and line feed, signs that turn the direction of what follows, line
# separators and lone surrogates: an id or a label from an article may hold any of them.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """The text with everything that could command a terminal shown as an escape like \\x1b."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """The same, and a line feed too: what is one name stays one line."""
    return printable(text).replace("\n", "\\n")


def say(message: str) -> None:
    """Print a line on stderr."""
    typer.echo(printable(message), err=True)


def explain(message: str) -> None:
    """Print a line on stderr if the person asked for -v."""
    if _state["verbose"]:
        say(message)


def print_result(result: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print a result on stdout: as JSON, or as the text meant for people."""
    if as_json:
        typer.echo(_json(result))
    elif text:
        typer.echo(printable(text))


def _json(result: Mapping[str, Any]) -> str:
    import json

    text = json.dumps(result, ensure_ascii=False, indent=2)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def progress(
    items: Iterable[T], what: str, *, total: int | None = None, stage: Stage | None = None
) -> Iterator[T]:
    """The items as they are, with a bar on stderr where that is a terminal.

    With a stage it says how many documents were received and how many rejected, and the time
    left is told by how far the inputs are read.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from corpus.cli.bar import with_bar

    yield from with_bar(items, what, total, stage)


class Outcome(NamedTuple):
    """What a stage did: for programs, for people, and as an exit code."""

    result: dict[str, Any]
    text: str
    code: int
    on_disk: bool


def finish(stage: Stage | None, output: object, *, allow_rejects: bool, as_json: bool) -> int:
    """Print what the stage did and give its exit code: 1 if anything was rejected.

    Without a stage the output is up to date: 0, but what was rejected is said again. Results
    go to stderr when the output itself is standard output.
    """
    outcome = outcome_of(stage, output, allow_rejects=allow_rejects)
    if outcome.on_disk:
        print_result(outcome.result, outcome.text, as_json=as_json)
    else:
        say(_json(outcome.result) if as_json else outcome.text)
    return outcome.code


def outcome_of(stage: Stage | None, output: object, *, allow_rejects: bool) -> Outcome:
    """What the stage did; without one, what the manifest of the output says."""
    import msgspec

    from corpus.manifest import manifest_path, read_manifest

    manifest = stage.manifest if stage else read_manifest(manifest_path(str(output)))
    on_disk = stage is None or stage.on_disk
    name = shown(output)
    lines = _tell(manifest, name, on_disk=on_disk)
    if stage is None:
        lines[0] = f"{name} is up to date"
    else:
        lines += [
            one_line(f"  {c.kind} {' '.join((c.document, c.mention)).strip()}: {c.reason}")
            for c in stage.unlisted
        ]
    result = {
        "output": name,
        "up_to_date": stage is None,
        "documents": msgspec.to_builtins(manifest.documents),
        "mentions": msgspec.to_builtins(manifest.mentions),
        "notes": manifest.notes,
    }
    rejected = manifest.documents.rejected or manifest.mentions.rejected
    code = 1 if stage is not None and rejected and not allow_rejects else 0
    return Outcome(result, "\n".join(lines), code, on_disk)


def _tell(manifest: Manifest, output: str, *, on_disk: bool) -> list[str]:
    """The counts that people ask for first, the ledgers, and the notes that are numbers."""
    from corpus.manifest import rejects_path, repairs_path

    documents, mentions = manifest.documents, manifest.mentions
    lines = [f"{output}: {count(documents.written, 'document')}"]
    if mentions.written:
        lines[0] += f", {count(mentions.written, 'mention')}"
    for what, path_of in (("repaired", repairs_path), ("rejected", rejects_path)):
        numbers = getattr(documents, what), getattr(mentions, what)
        if any(numbers):
            place = shown(path_of(output)) if on_disk else "give -o FILE to list them all"
            lines.append(
                f"  {what} {count(numbers[0], 'document')}, {count(numbers[1], 'mention')}: {place}"
            )
    for name, note in manifest.notes.items():
        if type(note) is int and note:
            lines.append(f"  {name.replace('_', ' ')}: {note:,}")
    return lines


def count(number: int, noun: str) -> str:
    """`1 document`, `2 documents`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
