"""corpus kb: describe and search a knowledge base; the other commands stand beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.cli.kb_build import kb_build_cli
from corpus.cli.kb_change import kb_diff_cli, kb_migrate_cli, kb_propose_cli
from corpus.cli.kb_export import kb_export_cli
from corpus.cli.options import Json
from corpus.cli.terminal import print_result

kb_app = typer.Typer(
    help="Build, describe, search, compare and extend a knowledge base.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

kb_app.command("build")(kb_build_cli)
kb_app.command("diff")(kb_diff_cli)
kb_app.command("migrate")(kb_migrate_cli)
kb_app.command("propose")(kb_propose_cli)
kb_app.command("export")(kb_export_cli)

Folder = Annotated[Path, typer.Argument(metavar="KB", help="A folder that `corpus kb build` made.")]


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
    context: Annotated[
        str, typer.Option(metavar="FILE|TEXT", help="The document the name stands in.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="Candidates to show.")] = 9,
    json: Json = False,
) -> int:
    """Show the candidates for a name, best first, and why each ranks where it does.

    \b
    Example:
      corpus kb search seeds.kb Moscow --context "the city council"
      corpus kb search seeds.kb Lavrov --context seeds/articles/minsk.txt
      corpus kb search seeds.kb Q7184
    """
    import msgspec

    from corpus.kb.knowledge_base import KB
    from corpus.kb.search import search
    from corpus.suggest.linking import Linker, Options

    kb = KB(path)
    reading = Linker(kb, Options(kb=str(path))).read(_text_of(context))
    named = reading.introduced.get(kb.folding.key_of(query))
    found = search(kb, query, context=reading.context, named=named, limit=limit)
    lines = [found.says]
    for place, hit in enumerate(found.hits, 1):
        lines.append(f"{place}  {hit.id}  {hit.label} ({hit.type or 'no type'})")
        if hit.description:
            lines.append(f"   {hit.description}")
        lines.extend(f"   {reason}" for reason in hit.why)
    print_result(msgspec.to_builtins(found), "\n".join(lines), as_json=json)
    return 0 if found.hits else 1


def _text_of(context: str) -> str:
    """The text of a file of that name, else the context itself."""
    from corpus.errors import UsageError

    try:
        if Path(context).is_file():
            return Path(context).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--context {context[:80]}: {error}", "give a text file in UTF-8, or words"
        ) from error
    return context
