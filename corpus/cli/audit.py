"""The audit of `corpus check --audit`: which documents, and what is written and printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from corpus.cli.terminal import count, progress, say
from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.audit.doubts import Doubt
    from corpus.model import Document

_SHOWN = 20  # doubts on the terminal
_IN_JSON = 1000


def run_audit(
    paths: Sequence[Path],
    *,
    layer: str,
    queue: Path | None,
    review: Path | None,
    with_debug_data: bool,
    force: bool,
    as_json: bool,
) -> dict[str, Any]:
    """What the audit found, for `--json`; the files are written, the first doubts printed."""
    import msgspec

    from corpus.audit.queue import audit, documents_for_review
    from corpus.store import write_documents, write_records

    for target in (queue, review):
        if target is not None and target.exists() and not force:
            raise UsageError(f"{target}: exists", "give another name, or --force to replace it")
    files = _files_of(paths)
    doubts, habits = audit(
        lambda what: progress(_documents(files), what), layer=layer, with_debug_data=with_debug_data
    )
    if not habits.documents:
        raise UsageError(f"no document has a layer {layer!r}", "name another with --layer")
    if queue is not None:
        write_records(doubts, queue)
    if review is not None:
        write_documents(documents_for_review(_documents(files), doubts), review)
    kinds = dict(sorted(Counter(doubt.kind for doubt in doubts).items()))
    if not as_json:
        _print(doubts, kinds, habits.documents, habits.mentions, queue, review)
    return {
        "documents": habits.documents,
        "mentions": habits.mentions,
        "doubts": len(doubts),
        "kinds": kinds,
        "first": msgspec.to_builtins(doubts[:_IN_JSON]),
    }


def _files_of(paths: Sequence[Path]) -> list[Path]:
    """The documents to audit: files, those of a folder that split or pull wrote."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
        elif (path / "splits.jsonl").exists():
            parts = ("train", "dev", "test", *sorted(p.stem for p in path.glob("fold-*.jsonl")))
            found += [path / f"{n}.jsonl" for n in parts if (path / f"{n}.jsonl").exists()]
        elif (path / "documents.jsonl").exists():
            found.append(path / "documents.jsonl")
        else:
            raise UsageError(
                f"{path}: several stages of the same documents may stand in a folder",
                "name the documents to audit",
            )
    return found


def _documents(files: Sequence[Path]) -> Iterator[Document]:
    from corpus.store import read_documents

    for file in files:
        yield from read_documents(file)


def _print(
    doubts: Sequence[Doubt],
    kinds: Mapping[Any, int],
    documents: int,
    mentions: int,
    queue: Path | None,
    review: Path | None,
) -> None:
    for doubt in doubts[:_SHOWN]:
        place = f"{doubt.document}:{doubt.start}-{doubt.end} " if doubt.document else ""
        named = f"{doubt.surface!r} {doubt.label}: " if doubt.document else ""
        typer.echo(f"{doubt.score:.2f} {doubt.kind} {place}{named}{doubt.reason}")
    if len(doubts) > _SHOWN:
        typer.echo(f"… and {len(doubts) - _SHOWN:,} more")
    told = ", ".join(f"{kind} {number:,}" for kind, number in kinds.items())
    typer.echo(
        f"audited {count(documents, 'document')}, {count(mentions, 'mention')}: "
        f"{count(len(doubts), 'doubt')}" + (f" ({told})" if told else "")
    )
    if queue is not None:
        say(f"corpus: every doubt, the surest first: {queue}")
    if review is not None:
        say(f"corpus: to send them back: corpus push {review} --layer gold --project NAME")
