"""corpus export: documents -> the format of another tool."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import AllowRejects, Force, Json, Part
from corpus.cli.terminal import finish, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corpus.formats import Format
    from corpus.formats.split_files import SplitFiles
    from corpus.manifest import Stage
    from corpus.model import Document


def export_cli(
    source: Annotated[
        Path, typer.Argument(help="Documents, as JSONL; a folder of splits for spacy, huggingface.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The file or folder to write; - for stdout.")
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
    kb: Annotated[
        Path | None,
        typer.Option(help="For --format spacy: the knowledge base that entity_linker learns with."),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify/--no-verify", help="Read the file again and compare each document."),
    ] = True,
    shard_size: Annotated[
        int, typer.Option(min=0, help="Documents a file: OUT-00000, OUT-00001 …; 0 for one file.")
    ] = 0,
    shard: Part = "",
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
      corpus export silver.jsonl -o silver.spacy --shard-size 200000
      corpus export splits -o training --format spacy --kb seeds.kb
      corpus export 'silver/*.jsonl.zst' -o 'training/{}.spacy' --shard 3/64
    """
    from corpus.cli.shard_runs import run_each
    from corpus.shards import is_sharded

    name, chosen = choose_format(format, output)
    _check_options(misaligned, name, kb, source, chosen)
    _check_places(name, kb, source, output, chosen, shard_size)
    settings = {"format": name, "layer": layer, "misaligned": misaligned, "verify": verify}
    settings |= {"shard_size": shard_size} if shard_size else {}
    run = partial(_export, chosen=chosen, settings=settings, kb=kb, force=force)
    if is_sharded(output) or shard:
        _refuse_folder(name, chosen, output)
        _refuse_shards(shard_size, "goes with one output", "leave it out, or the {} in -o")
        return run_each(
            "export", source, output, shard, run, allow_rejects=allow_rejects, as_json=json
        )
    code = finish(run(source, output), output, allow_rejects=allow_rejects, as_json=json)
    if name == "spacy":
        _say_how_to_train(output)
    return code


def _say_how_to_train(output: Path) -> None:
    """With --code where there are rules: spaCy does not find what the config names without it."""
    code = " --code rules.py" if (output / "rules.py").is_file() else ""
    say(f"train: cd {output} && python -m spacy train ner.cfg{code} -o model")


def _refuse_folder(name: str, chosen: Format, output: Path) -> None:
    from corpus.errors import UsageError

    if chosen.folder:
        raise UsageError(f"{output}: {name} is a folder, of all documents", "leave out {}")


def _refuse_shards(shard_size: int, why: str, hint: str) -> None:
    from corpus.errors import UsageError

    if shard_size:
        raise UsageError(f"--shard-size: {why}", hint)


def _export(
    source: Path,
    output: Path,
    *,
    chosen: Format,
    settings: dict[str, Any],
    kb: Path | None,
    force: bool,
    renew_inputs: bool = False,
) -> Stage | None:
    """The stage that made the output; None where it is up to date."""
    from corpus.formats.exporting import export_documents
    from corpus.formats.split_files import SplitFiles
    from corpus.kb.knowledge_base import KB
    from corpus.manifest import open_stage
    from corpus.store import write_shards

    files = SplitFiles(source)
    shard_size = settings.get("shard_size")
    settings = settings | ({"kb": KB(kb).info.hash} if kb is not None else {})
    stage = open_stage(
        "export", output, files.inputs, settings=settings, force=force, renew_inputs=renew_inputs
    )
    if stage is None:
        return None

    def write(documents: Iterable[Document], path: Path) -> int:
        return export_documents(
            documents,
            path,
            format=chosen,
            stage=stage,
            layer=settings["layer"] or None,
            misaligned=settings["misaligned"],
            verify=settings["verify"],
            texts=None if str(source) == "-" else source,
            seen=lambda documents: progress(documents, "read again"),
            **_training_options(chosen, files, kb, shard_size),
        )

    with stage:
        documents = progress(files.documents(), "export", stage=stage)
        if chosen.folder:
            write(documents, output)
            if kb is not None:
                _add_kb(kb, output, files, stage)
            stage.wrote(sorted(path for path in output.rglob("*") if path.is_file()))
        else:
            stage.wrote(write_shards(documents, output, write, shard_size))
    return stage


def _training_options(
    chosen: Format, files: SplitFiles, kb: Path | None, shard_size: int | None
) -> dict[str, Any]:
    """What only the writers of splits take."""
    options: dict[str, Any] = {"split_of": files.split_of} if chosen.splits else {}
    options |= {"linker": True} if kb is not None else {}
    return options | ({"shard_size": shard_size} if chosen.shards and shard_size else {})


def _add_kb(kb: Path, output: Path, files: SplitFiles, stage: Stage) -> None:
    """Write what the documents' surfaces need of the knowledge base, beside the DocBins."""
    from corpus.kb.knowledge_base import KB
    from corpus.kb.spacy_kb import Exported, export_kb, hashed_words, surfaces_of

    base = KB(kb)
    asked = Exported()
    surfaces = surfaces_of(progress(files.documents(), "surfaces"), base, asked)
    made = export_kb(base, output / "kb", encode=hashed_words(base.folding), surfaces=surfaces)
    stage.manifest.notes |= {
        "entities of the knowledge base": made.entities,
        "its aliases": made.aliases,
        "gold links to learn": asked.links,
        "of these among the candidates": asked.links_among_candidates,
    }


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


def _check_options(
    misaligned: str, name: str, kb: Path | None, source: Path, chosen: Format
) -> None:
    from corpus import places
    from corpus.errors import UsageError

    if misaligned not in ("split", "expand", "reject"):
        raise UsageError(
            f"--misaligned {misaligned}: no such choice", "choose split, expand or reject"
        )
    if kb is not None and name != "spacy":
        raise UsageError(f"--kb: {name} takes no knowledge base", "give --format spacy")
    if chosen.write is None:
        raise UsageError(f"--format {name}: is only read", "corpus import reads it")
    if places.is_folder(source) and not chosen.splits:
        raise UsageError(f"{source}: is a folder, and {name} holds no splits", "give one file")


def _check_places(
    name: str, kb: Path | None, source: Path, output: Path, chosen: Format, shard_size: int
) -> None:
    from corpus.addresses import is_remote
    from corpus.errors import UsageError
    from corpus.files import is_stream

    if chosen.folder and is_remote(output):
        raise UsageError(
            f"{output}: {name} is a folder on this machine", "write it here, then copy it"
        )
    if chosen.folder and is_stream(output):
        raise UsageError(f"{output}: {name} is a folder", "give -o the name of one")
    if chosen.folder and not chosen.shards:
        _refuse_shards(shard_size, f"{name} is a folder, of all documents", "leave it out")
    if is_stream(output):
        _refuse_shards(shard_size, f"{output} is one stream", "leave it out, or give -o FILE")
    if is_stream(source) and kb is not None:
        raise UsageError(f"{source}: --kb reads the documents twice", "save them as a file first")
