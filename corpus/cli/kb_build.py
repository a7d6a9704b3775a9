"""corpus kb build: a knowledge base from its sources."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import AllowRejects, Force, Json
from corpus.cli.terminal import print_result, progress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from corpus.kb.build import Built
    from corpus.kb.sources import Selection


def kb_build_cli(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="PATH (.jsonl .csv .tsv; .json: Wikidata; .ttl .rdf .nt: SKOS) or KIND:PATH.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to make: NAME.kb.")],
    name: Annotated[str, typer.Option(help="Its name in links; else the folder's.")] = "",
    version: Annotated[str, typer.Option(help="Its version, as you count them.")] = "",
    type: Annotated[
        str, typer.Option(help="The type of entities whose source names none: ORG, city ...")
    ] = "",
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            metavar="QID",
            help="Of Wikidata only instances of it, or of those in @FILE.",
        ),
    ] = None,
    subclasses: Annotated[
        bool,
        typer.Option("--subclasses", help="Read the dump twice: subclasses of --class too, types."),
    ] = False,
    langs: Annotated[
        list[str] | None, typer.Option("--lang", help="Names in this language only; repeat.")
    ] = None,
    min_sitelinks: Annotated[
        int, typer.Option(min=0, help="Of Wikidata only what as many wikis have a page on.")
    ] = 0,
    types: Annotated[
        Path | None, typer.Option(help="A file, class TAB type a line, for Wikidata's classes.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Switch a matching rule off.")
    ] = None,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Make a knowledge base from sources of entities, several of them merged.

    Kinds of sources (docs/kb.md): jsonl, csv, tsv, wikidata, skos, geonames, anchors, redirects.
    --class takes subclasses too with --subclasses. --lang, --class, --types: of dumps, thesauri.

    Matching rules (docs/kb.md): case, diacritics, quotes, hyphens, blanks, invisible,
    spelling, article, possessive, common_words, initials, transliteration, dots, qualifier,
    surnames, given_names, acronyms, lower_case, fragments, label, context, coherence.

    \b
    Example:
      corpus kb build seeds/kb.jsonl -o seeds.kb
      corpus kb build ours.jsonl cities.tsv.gz -o big.kb --type city --without diacritics
      corpus kb build dump.json.gz -o world.kb --class Q5 --class @places.txt --lang en --lang uk
      corpus kb build dump.json.bz2 -o world.kb --class Q43229 --class Q5 --subclasses --lang en
      corpus kb build ours.jsonl geonames:500 anchors:wikipedia.tsv -o news.kb
    """
    from corpus.addresses import shown
    from corpus.errors import UsageError
    from corpus.kb.build import build_kb
    from corpus.kb.layout import FILES
    from corpus.kb.rules import RULES, check_rules
    from corpus.kb.sources import file_of, read_source
    from corpus.manifest import open_stage

    if str(output) == "-":
        raise UsageError("a knowledge base is a folder, it has no standard output", "give -o DIR")
    off = check_rules(without or ())
    rules = tuple(rule for rule in RULES if rule not in off)
    selection = _select(classes or [], langs or [], min_sitelinks, types)
    dumps = _dumps_of(sources) if subclasses else []
    chosen: dict[str, Any] = {"name": name, "version": version, "type": type, "rules": rules}
    settings = {**chosen, **_settings_of(selection, subclasses)}
    inputs = map(file_of, sources)
    stage = open_stage("kb build", output, inputs, settings=settings, force=force)
    if stage is None:
        result = {"output": str(output), "up_to_date": True}
        print_result(result, f"{output} is up to date", as_json=json)
        return 0
    with stage, _widened(selection, dumps) as selection:
        built = build_kb(
            sources,
            output,
            **chosen,
            record=stage.record,
            read=lambda source: progress(read_source(source, selection), f"read {shown(source)}"),
            left_out=selection.left_out,
        )
        stage.wrote(output / file for file in FILES)
        accounts = _accounts(built, selection.left_out, selection.classes if dumps else ())
        stage.manifest.notes.update(accounts)
    print_result(
        {"output": str(output), "up_to_date": False, "hash": built.info.hash, **accounts},
        _built_text(built, output, accounts),
        as_json=json,
    )
    return 1 if _rejected(built) and not allow_rejects else 0


def _select(
    classes: list[str], langs: list[str], min_sitelinks: int, types: Path | None
) -> Selection:
    from corpus.kb.sources import Selection
    from corpus.kb.wikidata_classes import read_classes
    from corpus.kb.wikidata_types import read_types

    return Selection(
        classes=read_classes(classes),
        langs=tuple(langs),
        min_sitelinks=min_sitelinks,
        types=read_types(types) if types else {},
    )


def _dumps_of(sources: list[str]) -> list[str]:
    from corpus.errors import UsageError
    from corpus.kb.sources import paths_of

    dumps = paths_of("wikidata", sources)
    if not dumps:
        raise UsageError("--subclasses: no source is a Wikidata dump", "leave it out")
    return dumps


@contextlib.contextmanager
def _widened(selection: Selection, dumps: list[str]) -> Iterator[Selection]:
    """The selection, with the subclasses of its classes where dumps are to say them."""
    from corpus.kb.wikidata_classes import with_subclasses

    if not dumps:
        yield selection
        return
    with with_subclasses(selection, dumps, watch=progress) as widened:
        yield widened


def _settings_of(selection: Selection, subclasses: bool) -> dict[str, object]:
    """What was chosen, in the order that a manifest keeps; nothing where nothing was."""
    chosen = {
        "classes": sorted(selection.classes),
        "subclasses": subclasses,
        "langs": list(selection.langs),
        "min_sitelinks": selection.min_sitelinks,
        "types": dict(sorted(selection.types.items())),
    }
    return {name: value for name, value in chosen.items() if value}


def _rejected(built: Built) -> int:
    return built.records.rejected + built.aliases.rejected + built.redirects.rejected


def _accounts(
    built: Built, left_out: Mapping[str, int], classes: Collection[str]
) -> dict[str, Any]:
    import msgspec

    accounts: dict[str, Any] = {"classes": len(classes)} if classes else {}
    accounts |= {
        "records": msgspec.to_builtins(built.records),
        "aliases": msgspec.to_builtins(built.aliases),
    }
    if built.redirects.received:
        accounts["redirects"] = msgspec.to_builtins(built.redirects)
    if left_out or built.left_out:
        accounts["left_out"] = dict(sorted({**left_out, **built.left_out}.items()))
    return accounts


def _built_text(built: Built, output: Path, accounts: Mapping[str, Any]) -> str:
    from corpus.manifest import rejects_path

    info, records, aliases = built.info, built.records, built.aliases
    text = (
        f"{output}: entities {info.entities:,}, aliases {info.aliases:,}, keys {info.keys:,}, "
        f"hash {info.hash}"
    )
    if "classes" in accounts:
        text += f"\n  classes with their subclasses {accounts['classes']:,}"
    for reason, number in accounts.get("left_out", {}).items():
        text += f"\n  left out: {reason} {number:,}"
    if _rejected(built):
        text += f"\n  rejected records {records.rejected:,}, aliases {aliases.rejected:,}"
        if built.redirects.rejected:
            text += f", redirects {built.redirects.rejected:,}"
        text += f": {rejects_path(output)}"
    return text
