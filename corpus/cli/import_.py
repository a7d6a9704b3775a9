"""corpus import: a file of another tool -> documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.cli.export import choose_format
from corpus.cli.options import AllowRejects, Force, Json, Output
from corpus.cli.terminal import finish, progress


def import_cli(
    source: Annotated[Path, typer.Argument(help="The file, or folder, that another tool wrote.")],
    output: Output,
    format: Annotated[
        str, typer.Option("--format", help="Its format; else that of its suffix.")
    ] = "",
    layer: Annotated[
        str, typer.Option(help="The layer's name, where the file does not tell it.")
    ] = "gold",
    documents: Annotated[
        Path | None,
        typer.Option(help="The documents that hold the texts, for formats that hold none."),
    ] = None,
    confirmed: Annotated[
        bool,
        typer.Option(
            "--confirmed",
            help="Annotators' layers are confirmed, where the file does not say: agreement and "
            "adjudicate count them then.",
        ),
    ] = False,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Make documents of a file that carries annotations, exactly as they are.

    What a Document cannot hold, such as discontinuous mentions and relations, is a listed reject.
    docs/formats.md says what each format brings.

    \b
    Example:
      corpus import train.conll -o gold.jsonl
      corpus import brat-folder --format brat -o ann.jsonl --layer annotator:ann --confirmed
      corpus import system.tab --format neleval --documents documents.jsonl -o system.jsonl
    """
    from corpus.errors import UsageError
    from corpus.formats.importing import confirm_annotators, import_documents
    from corpus.manifest import open_stage
    from corpus.store import find_shards, write_documents

    name, chosen = choose_format(format, source)
    if chosen.texts and documents is None:
        raise UsageError(f"{source}: {name} holds no texts", "name them with --documents")
    if not chosen.texts and documents is not None:
        raise UsageError(f"--documents: {name} holds its own texts", "leave it out")
    options: dict[str, Any] = {"texts": documents} if documents is not None else {}
    inputs = [*_files(source), *(find_shards(documents) if documents else ())]
    settings: dict[str, object] = {"format": name, "layer": layer}
    settings |= {"confirmed": True} if confirmed else {}
    stage = open_stage("import", output, inputs, settings=settings, force=force)
    if stage is not None:
        with stage:
            found = import_documents(source, format=chosen, stage=stage, layer=layer, **options)
            found = map(confirm_annotators, found) if confirmed else found
            write_documents(progress(found, "import", stage=stage), output)
    return finish(stage, output, allow_rejects=allow_rejects, as_json=json)


def _files(source: Path) -> list[Path]:
    """What is read, for the manifest. Raises UsageError where there is nothing."""
    from corpus.errors import UsageError

    if source.is_dir():
        files = sorted(path for path in source.rglob("*") if path.is_file())
        if not files:
            raise UsageError(f"{source}: is an empty folder", "check the path")
        return files
    if str(source) != "-" and not source.exists():
        raise UsageError(f"{source}: no such file", "check the path")
    return [source]
