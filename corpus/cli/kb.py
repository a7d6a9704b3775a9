"""corpus kb: build, describe and search a knowledge base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import AllowRejects, Force, Json
from corpus.cli.terminal import print_result, progress

if TYPE_CHECKING:
    from corpus.kb.build import Built

kb_app = typer.Typer(
    help="Build, describe and search a knowledge base.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(metavar="KB", help="A folder that `corpus kb build` made.")]


@kb_app.command("build")
def kb_build_cli(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Entities as .jsonl, .csv or .tsv.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to make: NAME.kb.")],
    name: Annotated[str, typer.Option(help="Its name in links; else the folder's.")] = "",
    version: Annotated[str, typer.Option(help="Its version, as you count them.")] = "",
    type: Annotated[
        str, typer.Option(help="The type of entities whose source names none: ORG, city ...")
    ] = "",
    without: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Switch a matching rule off.")
    ] = None,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Make a knowledge base from files of entities, several of them merged.

    Matching rules (docs/kb.md): case, diacritics, quotes, hyphens, blanks, invisible,
    spelling, article, possessive, common_words.

    \b
    Example:
      corpus kb build seeds/kb.jsonl -o seeds.kb
      corpus kb build ours.jsonl cities.tsv.gz -o big.kb --type city --without diacritics
    """
    from corpus.errors import UsageError
    from corpus.kb.build import build_kb
    from corpus.kb.layout import FILES
    from corpus.kb.rules import RULES, check_rules
    from corpus.kb.sources import read_source
    from corpus.manifest import open_stage

    if str(output) == "-":
        raise UsageError("a knowledge base is a folder, it has no standard output", "give -o DIR")
    off = check_rules(without or ())
    rules = tuple(rule for rule in RULES if rule not in off)
    settings = {"name": name, "version": version, "type": type, "rules": rules}
    stage = open_stage("kb build", output, sources, settings=settings, force=force)
    if stage is None:
        result = {"output": str(output), "up_to_date": True}
        print_result(result, f"{output} is up to date", as_json=json)
        return 0
    with stage:
        built = build_kb(
            sources,
            output,
            name=name,
            version=version,
            type=type,
            rules=rules,
            record=stage.record,
            read=lambda path: progress(read_source(path), f"read {path}"),
        )
        stage.wrote(output / file for file in FILES)
        stage.manifest.notes.update(_accounts(built))
    rejected = built.records.rejected + built.aliases.rejected
    print_result(
        {"output": str(output), "up_to_date": False, "hash": built.info.hash, **_accounts(built)},
        _built_text(built, output),
        as_json=json,
    )
    return 1 if rejected and not allow_rejects else 0


@kb_app.command("info")
def kb_info_cli(path: Folder, json: Json = False) -> int:
    """Say what a knowledge base is made of: hash, rules, counts, sources.

    \b
    Example:
      corpus kb info seeds.kb
    """
    import msgspec

    from corpus.kb.knowledge_base import KB

    info = KB(path).info
    lines = [
        f"{info.name}" + (f" {info.version}" if info.version else "") + f", hash {info.hash}",
        f"  {info.entities:,} entities: "
        + ", ".join(f"{kind or '(no type)'} {number:,}" for kind, number in info.types.items()),
        f"  {info.aliases:,} aliases, {info.keys:,} keys, {info.postings:,} postings",
        f"  rules: {', '.join(info.rules) or 'none'}",
        *(f"  source: {source.path} ({source.sha256[:16]})" for source in info.sources),
    ]
    print_result(msgspec.to_builtins(info), "\n".join(lines), as_json=json)
    return 0


@kb_app.command("search")
def kb_search_cli(
    path: Folder,
    query: Annotated[str, typer.Argument(help="A name as a text has it, or an id.")],
    context: Annotated[str, typer.Option(help="Words around the name.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Candidates to show.")] = 9,
    json: Json = False,
) -> int:
    """Show the candidates for a name, best first, and why each ranks where it does.

    \b
    Example:
      corpus kb search seeds.kb Moscow --context "the city council"
      corpus kb search seeds.kb Q7184
    """
    import msgspec

    from corpus.kb.knowledge_base import KB
    from corpus.kb.search import search

    found = search(KB(path), query, context=context, limit=limit)
    lines = [found.says]
    for place, hit in enumerate(found.hits, 1):
        lines.append(f"{place}  {hit.id}  {hit.label} ({hit.type or 'no type'})")
        if hit.description:
            lines.append(f"   {hit.description}")
        lines.extend(f"   {reason}" for reason in hit.why)
    print_result(msgspec.to_builtins(found), "\n".join(lines), as_json=json)
    return 0 if found.hits else 1


def _accounts(built: Built) -> dict[str, object]:
    import msgspec

    return {
        "records": msgspec.to_builtins(built.records),
        "aliases": msgspec.to_builtins(built.aliases),
    }


def _built_text(built: Built, output: Path) -> str:
    from corpus.manifest import rejects_path

    info, records, aliases = built.info, built.records, built.aliases
    text = (
        f"{output}: entities {info.entities:,}, aliases {info.aliases:,}, keys {info.keys:,}, "
        f"hash {info.hash}"
    )
    if records.rejected or aliases.rejected:
        text += (
            f"\n  rejected records {records.rejected:,}, "
            f"aliases {aliases.rejected:,}: {rejects_path(output)}"
        )
    return text
