"""corpus kb diff, migrate, propose: a knowledge base over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import AllowRejects, Force, Json, Output
from corpus.cli.terminal import count, finish, print_result, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.kb.diff import Difference, Totals
    from corpus.kb.knowledge_base import KB
    from corpus.kb.mining import Mined


def kb_diff_cli(
    old: Annotated[Path, typer.Argument(metavar="A", help="The older knowledge base.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The newer one.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Every difference, as JSONL.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Differences to show.")] = 20,
    json: Json = False,
) -> int:
    """Say what changed from one state of a knowledge base to another.

    \b
    Example:
      corpus kb diff old.kb new.kb
      corpus kb diff old.kb new.kb -o changes.jsonl --limit 0
    """
    import msgspec

    from corpus.kb.diff import Totals, diff_kbs
    from corpus.kb.knowledge_base import KB
    from corpus.store import write_records

    a, b, totals = KB(old), KB(new), Totals()
    shown: list[Difference] = []

    def watched() -> Iterator[Difference]:
        for difference in progress(diff_kbs(a, b, totals), "compare"):
            if len(shown) < limit:
                shown.append(difference)
            yield difference

    if output is not None:
        write_records(watched(), output)
    else:
        for _ in watched():
            pass
    result = {
        "old": {"name": a.info.name, "version": a.info.version, "hash": a.info.hash},
        "new": {"name": b.info.name, "version": b.info.version, "hash": b.info.hash},
        "totals": msgspec.to_builtins(totals),
        "changes": msgspec.to_builtins(shown),
    }
    text = "\n".join(_diff_lines(a, b, totals, shown))
    if str(output) == "-":
        say(text)
    else:
        print_result(result, text, as_json=json)
    return 0


def kb_migrate_cli(
    documents: Annotated[Path, typer.Argument(metavar="DOCS", help="Documents with links.")],
    old: Annotated[Path, typer.Option("--from", metavar="A", help="The KB they were linked to.")],
    new: Annotated[Path, typer.Option("--to", metavar="B", help="The KB to link them to.")],
    output: Output,
    redirects: Annotated[
        Path | None, typer.Option(help="TSV old id, new id, beside B's own redirects.")
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="Layers to change, repeatable.  [default: gold]")
    ] = None,
    reopen_nil: Annotated[
        bool, typer.Option("--reopen-nil", help="Judge NIL again where B knows the name.")
    ] = False,
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Move links to a newer state of their knowledge base, each change listed.

    A link to what is gone is taken away, listed in the repairs, and makes exit code 1: a
    person must judge the mention again.

    \b
    Example:
      corpus kb migrate gold.jsonl --from old.kb --to new.kb -o moved.jsonl
      corpus kb migrate gold.jsonl --from old.kb --to new.kb --redirects r.tsv -o moved.jsonl
    """
    from corpus.kb.knowledge_base import KB
    from corpus.kb.migrate import GONE, migrate_links
    from corpus.kb.redirects import Redirects
    from corpus.manifest import open_stage
    from corpus.store import find_shards, read_documents, write_documents

    a, b, layers = KB(old), KB(new), sorted(set(layer or ["gold"]))
    settings = {
        "from": a.info.hash,
        "to": b.info.hash,
        "layers": layers,
        "reopen_nil": reopen_nil,
    }
    inputs = [*find_shards(documents), *([redirects] if redirects else [])]
    stage = open_stage("kb migrate", output, inputs, settings=settings, force=force)
    if stage is not None:
        moves = Redirects(b, redirects)
        with stage:
            moved = migrate_links(
                progress(read_documents(documents), "migrate"),
                stage,
                old=a,
                redirects=moves,
                layers=layers,
                reopen_nil=reopen_nil,
            )
            write_documents(moved, output)
        moves.close()
    code = finish(stage, output, allow_rejects=allow_rejects, as_json=json)
    return code or int(stage is not None and GONE in stage.manifest.notes and not allow_rejects)


def kb_propose_cli(
    documents: Annotated[Path, typer.Argument(metavar="GOLD", help="Documents with links.")],
    kb: Annotated[Path, typer.Option(metavar="KB", help="The knowledge base of the links.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The proposals, as .jsonl.")],
    layer: Annotated[str, typer.Option(help="The layer that was judged.")] = "gold",
    least: Annotated[int, typer.Option(min=1, help="Mentions that an entry needs.")] = 1,
    force: Force = False,
    json: Json = False,
) -> int:
    """Propose entries for what was judged NIL, and aliases that gold has and the KB lacks.

    The proposals are a source for `corpus kb build`, to be read and mended first; beside them
    stand the mentions that each rests on.

    \b
    Example:
      corpus kb propose gold.jsonl --kb seeds.kb -o proposals.jsonl
      corpus kb build seeds/kb.jsonl proposals.jsonl -o seeds-2.kb
    """
    from corpus.kb.knowledge_base import KB
    from corpus.kb.mining import Mined, evidence_path, propose_entries, write_proposals
    from corpus.manifest import open_stage
    from corpus.store import find_shards, read_documents

    base, mined = KB(kb), Mined()
    settings = {"kb": base.info.hash, "layer": layer, "least": least}
    stage = open_stage("kb propose", output, find_shards(documents), settings=settings, force=force)
    if stage is None:
        print_result(
            {"output": str(output), "up_to_date": True}, f"{output} is up to date", as_json=json
        )
        return 0
    with stage:
        entries, aliases = write_proposals(
            propose_entries(
                progress(read_documents(documents), "propose"),
                base,
                mined,
                layer=layer,
                least=least,
            ),
            output,
        )
        stage.wrote([output, evidence_path(output)])
        notes = _mined_notes(mined, entries, aliases)
        stage.manifest.notes.update(notes)
    text = (
        f"{output}: new entities {entries:,} (of {count(mined.nil, 'NIL mention')}), entities "
        f"with more aliases {aliases:,} (of {count(mined.linked, 'link')})\n"
        f"  what they rest on: {evidence_path(output)}"
    )
    if mined.unknown:
        text += f"\n  links to ids that {base.info.name} has not: {mined.unknown:,}"
    print_result({"output": str(output), "up_to_date": False, **notes}, text, as_json=json)
    return 0


def _mined_notes(mined: Mined, entries: int, aliases: int) -> dict[str, Any]:
    import msgspec

    return {"entities": entries, "with_aliases": aliases, **msgspec.to_builtins(mined)}


def _diff_lines(old: KB, new: KB, totals: Totals, shown: list[Difference]) -> Iterator[str]:
    yield f"{old.info.name} {old.info.hash} -> {new.info.name} {new.info.hash}"
    yield (
        f"  entities: added {totals.added:,}, removed {totals.removed:,} (of them redirected "
        f"{totals.redirected:,}), changed {totals.changed:,}, the same {totals.same:,}"
    )
    yield (
        f"  aliases: added {totals.aliases_added:,}, removed {totals.aliases_removed:,}, "
        f"counted otherwise {totals.aliases_recounted:,}"
    )
    for sign, rules, others in (
        ("without", old.info.rules, new.info.rules),
        ("with", new.info.rules, old.info.rules),
    ):
        names = [rule for rule in rules if rule not in others]
        if names:
            yield f"  rules: now {sign} {', '.join(names)}"
    for one in shown:
        yield _diff_line(one)
    hidden = totals.added + totals.removed + totals.changed - len(shown)
    if hidden:
        yield f"  and {hidden:,} more: --limit shows more, -o FILE lists all"


def _diff_line(one: Difference) -> str:
    sign = {"added": "+", "removed": "-", "changed": "~"}[one.change]
    line = f"{sign} {one.id}  {one.label}" + (f" ({one.type})" if one.type else "")
    if one.now:
        line += f"; is {one.now} now"
    if one.change == "changed":
        for name, (before, after) in one.fields.items():
            line += f"; {name} {before!r} is {after!r} now"
        for what, aliases in (("more", one.aliases_added), ("fewer", one.aliases_removed)):
            if aliases:
                names = ", ".join(map(repr, aliases[:3]))
                line += f"; {what} aliases: {names}" + (" ..." if len(aliases) > 3 else "")
        if one.aliases_recounted:
            line += f"; aliases counted otherwise: {one.aliases_recounted:,}"
    return line
