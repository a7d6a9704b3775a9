"""corpus rank: documents in the order in which to annotate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import AllowRejects, Force, Json
from corpus.cli.terminal import count, finish, progress, say
from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.manifest import Stage


def rank_cli(
    source: Annotated[
        Path, typer.Argument(help="Documents with a silver layer that has candidates.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write.")],
    gold: Annotated[
        list[Path] | None,
        typer.Option("--gold", help="What is annotated already: rare is what it lacks; repeat."),
    ] = None,
    layer: Annotated[str, typer.Option(help="The layer with the suggestions.")] = "silver",
    weights: Annotated[
        str,
        typer.Option(help="uncertainty, rarity, ambiguity, closeness; who is not named weighs 1."),
    ] = "",
    force: Force = False,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Put the documents that are worth most to annotate first.

    A document is worth more the less sure its suggestions are, the rarer their entities are in
    gold, the more candidates compete and the closer the second comes to the first. The documents
    are unchanged; the scores stand beside them in OUTPUT.ranks.jsonl. Killed and run again, it
    goes on where it was.

    \b
    Example:
      corpus rank silver.jsonl -o next.jsonl --gold gold.jsonl
      head -40 next.jsonl | corpus push - --project news-2
      corpus rank silver.jsonl -o next.jsonl --weights rarity=3,closeness=0
    """
    from corpus.files import find_shards, is_stream
    from corpus.manifest import mark_file, open_stage
    from corpus.ranking.scored import remove_scored

    if is_stream(source) or is_stream(output):
        raise UsageError("-: rank reads and writes files", "name files")
    annotated = [Path(shard) for path in gold or () for shard in find_shards(path)]
    parsed = parse_weights(weights)
    stage = open_stage(
        "rank",
        output,
        find_shards(source),
        settings={
            "layer": layer,
            "weights": parsed,
            # Not an input: its documents do not come out again.
            "gold": [mark_file(path).sha256 for path in annotated],
        },
        force=force,
    )
    if stage is None:
        remove_scored(output)  # of a run that was killed after its last word
    else:
        _rank(source, output, annotated, stage, layer=layer, weights=parsed, anew=force)
    return finish(stage, output, allow_rejects=allow_rejects, as_json=json)


def _rank(
    source: Path,
    output: Path,
    gold: Sequence[Path],
    stage: Stage,
    *,
    layer: str,
    weights: Mapping[str, float],
    anew: bool,
) -> None:
    from corpus.ranking.order import score_documents, write_ranked
    from corpus.ranking.scored import open_scored
    from corpus.ranking.signals import count_entities
    from corpus.store import read_documents

    with open_scored(output, stage.manifest, anew=anew) as scored, stage:
        there = len(scored)
        known = count_entities((each for path in gold for each in read_documents(path)), "gold")
        documents = progress(read_documents(source, after=there), "rank", stage=stage)
        scored.add(score_documents(documents, layer=layer, known=known, weights=weights))
        if there:
            say(f"{count(there, 'document')} of an earlier run, {len(scored) - there:,} scored now")
        write_ranked(progress(scored.in_order(), "order", total=len(scored)), output, stage)


def parse_weights(text: str) -> dict[str, float]:
    """The weight of each signal. Raises UsageError for another name or number."""
    from corpus.ranking.signals import SIGNALS

    found = dict.fromkeys(SIGNALS, 1.0)
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if name not in found or not 0 <= weight < float("inf"):
            raise UsageError(
                f"--weights {part}: not a signal and a number",
                f"the signals are {', '.join(SIGNALS)}, as in rarity=2",
            )
        found[name] = weight
    if not sum(found.values()):
        raise UsageError(f"--weights {text}: all are 0", "give one of them a weight")
    return found
