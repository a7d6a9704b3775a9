"""corpus export: documents -> the format of another tool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import AllowRejects, Force, Json
from corpus.cli.terminal import finish, progress

if TYPE_CHECKING:
    from corpus.formats import Format


def export_cli(
    source: Annotated[Path, typer.Argument(help="Documents, as JSONL.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The file, or folder, to write; - for stdout.")
    ],
    format: Annotated[
        str, typer.Option("--format", help="The format; else that of the output's suffix.")
    ] = "",
    layer: Annotated[
        str, typer.Option(help="The layer to write; else gold, the one annotator's, or silver.")
    ] = "",
    misaligned: Annotated[
        str,
        typer.Option(
            help="Mentions off token borders, in formats of tokens: split, expand, reject."
        ),
    ] = "split",
    verify: Annotated[
        bool,
        typer.Option("--verify/--no-verify", help="Read the file again and compare each document."),
    ] = True,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Write documents in the format of another tool, read the file again, and compare.

    What the format cannot hold is listed or counted, nothing is left out silently; docs/formats.md
    says what each one keeps. A format that holds one layer gets one; the others are counted.

    \b
    Example:
      corpus export gold.jsonl -o gold.conll
      corpus export gold.jsonl -o gold.xmi --format uima-xmi --layer annotator:ann
      corpus export splits/train.jsonl -o train.spacy
    """
    from corpus.formats.exporting import export_documents
    from corpus.manifest import open_stage
    from corpus.store import find_shards, read_documents

    name, chosen = choose_format(format, output)
    _check_misaligned(misaligned)
    settings = {"format": name, "layer": layer, "misaligned": misaligned, "verify": verify}
    stage = open_stage("export", output, find_shards(source), settings=settings, force=force)
    if stage is not None:
        with stage:
            export_documents(
                progress(read_documents(source), "export"),
                output,
                format=chosen,
                stage=stage,
                layer=layer or None,
                misaligned=misaligned,  # type: ignore[arg-type]  # one of the three
                verify=verify,
                texts=None if str(source) == "-" else source,
                seen=lambda documents: progress(documents, "read again"),
            )
            if chosen.folder:
                stage.wrote(sorted(path for path in output.rglob("*") if path.is_file()))
    return finish(stage, output, allow_rejects=allow_rejects, as_json=json)


def choose_format(name: str, path: Path) -> tuple[str, Format]:
    """The named format, else the one that the path's suffix tells. Raises UsageError."""
    from corpus.errors import UsageError
    from corpus.formats import FORMATS, format_of

    found = name or format_of(path)
    if not found:
        raise UsageError(
            f"{path}: its name tells no format", f"give --format, one of: {' '.join(FORMATS)}"
        )
    if found not in FORMATS:
        raise UsageError(
            f"--format {found}: no such format", f"the formats are: {' '.join(FORMATS)}"
        )
    return found, FORMATS[found]


def _check_misaligned(misaligned: str) -> None:
    from corpus.errors import UsageError

    if misaligned not in ("split", "expand", "reject"):
        raise UsageError(
            f"--misaligned {misaligned}: no such choice", "choose split, expand or reject"
        )
