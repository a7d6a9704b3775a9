"""corpus datasheet: manifests and documents -> the corpus's card."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import Force, Json, Output
from corpus.cli.terminal import print_result, progress, say

if TYPE_CHECKING:
    from corpus.manifest import FileMark


def datasheet_cli(
    source: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="Documents, or a folder that split or pull wrote."),
    ],
    output: Output,
    title: Annotated[str, typer.Option(help="The corpus's name; the path if not given.")] = "",
    layer: Annotated[str, typer.Option(help="The layer that it is about.")] = "gold",
    licence: Annotated[str, typer.Option(help="The licence of the annotations.")] = "",
    purpose: Annotated[str, typer.Option(help="What it was made for.")] = "",
    contact: Annotated[str, typer.Option(help="Whom to ask.")] = "",
    guidelines: Annotated[
        Path | None, typer.Option(help="What the annotators were told; its hash is given.")
    ] = None,
    agreement: Annotated[
        Path | None, typer.Option(help="What `corpus agreement --json` printed.")
    ] = None,
    doubts: Annotated[
        Path | None, typer.Option(help="What `corpus check --audit -o` wrote.")
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Name the annotators instead of A1, A2 …")
    ] = False,
    force: Force = False,
    json: Json = False,
) -> int:
    """Write the corpus's card: sources, rights, annotators, agreement, splits, hashes, limits.

    Follows the manifests from the files given back to the articles, and reads the documents.
    Annotators stand by pseudonym. What is not recorded anywhere is written as not recorded.

    \b
    Example:
      corpus datasheet splits -o DATASHEET.md --licence CC-BY-4.0 --guidelines guidelines.md
      corpus datasheet gold.jsonl -o - --agreement agreement.json --doubts doubts.jsonl
    """
    from corpus.datasheet.card import Given, write_card
    from corpus.datasheet.facts import collect, pseudonyms
    from corpus.datasheet.lineage import trace
    from corpus.files import atomic_output
    from corpus.store import read_documents

    _refuse_existing(output, force=force)
    files = _files_of(source)
    documents = (document for file in files for document in read_documents(file))
    facts = collect(progress(documents, "datasheet"), layer)
    steps, origins = trace(files)
    given = Given(
        title=title or source.name or str(source.resolve().name),
        layer=layer,
        licence=licence,
        contact=contact,
        purpose=purpose,
        guidelines=_marked(guidelines) if guidelines else None,
        agreement=_read_agreement(agreement) if agreement else None,
        doubts=_count_doubts(doubts) if doubts else None,
        names={} if names else pseudonyms(facts),
    )
    card = write_card(given, facts, steps, [_mark(path) for path in origins])
    with atomic_output(output) as sink:
        sink.write(card.encode())
    if str(output) != "-":
        result = {"output": str(output), "documents": facts.documents, "steps": len(steps)}
        print_result(result, "", as_json=json)
        say(f"corpus: written: {output}")
    return 0


def _refuse_existing(output: Path, *, force: bool) -> None:
    from corpus.errors import UsageError

    if str(output) != "-" and output.exists() and not force:
        raise UsageError(f"{output}: exists", "give another -o, or --force to replace it")


def _files_of(source: Path) -> list[Path]:
    from corpus.errors import UsageError
    from corpus.files import find_shards, is_stream

    if is_stream(source):
        raise UsageError(f"{source}: has no manifest", "save it as a file first")
    if not source.is_dir():
        return [Path(shard) for shard in find_shards(source)]
    names = ["train", "dev", "test", *sorted(p.stem for p in source.glob("fold-*.jsonl")), "rest"]
    if not (source / "splits.jsonl").exists():
        names = ["documents"]
    found = [source / f"{name}.jsonl" for name in names if (source / f"{name}.jsonl").exists()]
    if not found:
        raise UsageError(
            f"{source}: no folder that split or pull wrote", "name the file of documents"
        )
    return found


def _mark(path: Path) -> FileMark:
    """The file by its name alone: where it lies here is nobody's business."""
    from msgspec.structs import replace

    from corpus.files import is_stream
    from corpus.manifest import FileMark, mark_file

    if is_stream(path) or not path.is_file():
        return FileMark(path.name or str(path), "", 0)
    return replace(mark_file(path), path=path.name)


def _marked(path: Path) -> FileMark:
    """The same of a file that must be there."""
    from corpus.errors import UsageError

    if not path.is_file():
        raise UsageError(f"{path}: no such file", "give a file that can be read")
    return _mark(path)


def _read_agreement(path: Path) -> dict[str, Any]:
    from corpus.errors import DataError

    try:
        found = json_format.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error})", "make it anew") from error
    if not isinstance(found, dict) or "overall" not in found:
        raise DataError(
            f"{path}: is not what agreement prints",
            "make it with corpus agreement … --json > agreement.json",
        )
    return found


def _count_doubts(path: Path) -> dict[str, int]:
    from collections import Counter

    from corpus.audit.doubts import Doubt
    from corpus.store import read_records

    return dict(Counter(doubt.kind for doubt in read_records(path, Doubt)))
