"""corpus score: predictions against gold, in neleval's figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import AllowRejects, Json, Seed
from corpus.cli.terminal import count, print_result, progress, say

if TYPE_CHECKING:
    from corpus.gold.pairing import Account
    from corpus.gold.scoring import Figures, MeasureScore
    from corpus.model import Document
    from corpus.splits.linking_sets import Places

_SIDES = ("predicted", "gold")
_NAMED = 5  # document ids in a line on the terminal; --json has them all


def score_cli(
    predictions: Annotated[Path, typer.Argument(help="Documents with predictions; - is stdin.")],
    gold: Annotated[Path, typer.Option("--gold", help="Documents with the gold layer.")],
    layer: Annotated[str, typer.Option(help="The layer that is scored.")] = "silver",
    gold_layer: Annotated[str, typer.Option(help="The layer that it is held against.")] = "gold",
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "-m", "--measure", help="A measure by neleval's name; repeat it; default all."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="label: every measure per label too.")] = "",
    role: Annotated[
        str, typer.Option(help="literal or metonymic: which links of a mention count.")
    ] = "literal",
    nil_clusters: Annotated[
        str,
        typer.Option(
            help="singletons: each NIL mention is its own entity; surface: equal texts are one."
        ),
    ] = "singletons",
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Draw the documents this often and print intervals.")
    ] = 0,
    confidence: Annotated[
        float, typer.Option(min=1, max=99.9, help="Per cent that an interval covers.")
    ] = 95,
    seed: Seed = 0,
    only: Annotated[
        Path | None,
        typer.Option(help="Score only the mentions in this linking-sets.jsonl of corpus split."),
    ] = None,
    set: Annotated[
        str,
        typer.Option(help="Of them one set: unseen-entity, unseen-surface, ambiguous-surface."),
    ] = "",
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Score predictions against gold: mentions, links, NIL and clusters, micro and macro.

    Documents that both files have are scored, the others named. Gold without a prediction is a
    reject: exit 1 unless --allow-rejects.

    \b
    Example:
      corpus score silver.jsonl --gold gold.jsonl
      corpus score silver.jsonl --gold gold.jsonl --by label --bootstrap 1000 --json
      corpus score linked.jsonl --gold splits/test.jsonl --only splits/linking-sets.jsonl \\
        --set unseen-entity
    """
    from corpus.errors import UsageError
    from corpus.gold.measures import choose_measures
    from corpus.gold.pairing import pair_documents
    from corpus.gold.scoring import Resampling, score_pairs

    if by not in ("", "label"):
        raise UsageError(f"--by {by}: no such grouping", "the groupings are: label")
    if str(predictions) == str(gold) == "-":
        raise UsageError("- is given twice: standard input can be read once", "give a file")
    chosen = choose_measures(measure or ())
    choice = _choice(layer, gold_layer, role, nil_clusters)
    places = _places(only, set)
    pairs, account = pair_documents(
        _read(predictions, "predictions", layer, places),
        _read(gold, "gold", gold_layer, places),
        choice,
    )
    resampling = Resampling(bootstrap, seed, confidence)
    scores = score_pairs(
        pairs,
        chosen,
        by_label=by == "label",
        resampling=resampling,
        watch=lambda names: progress(names, "measures", total=len(chosen)),
    )
    result = _result(predictions, gold, choice, resampling, account, scores)
    print_result(result, _table(scores, intervals=bool(bootstrap)), as_json=json)
    _say_what_is_left_out(account)
    return 1 if account.without_prediction and not allow_rejects else 0


def _places(only: Path | None, name: str) -> Places | None:
    from corpus.errors import UsageError
    from corpus.splits.linking_sets import read_set

    if only is None:
        if name:
            raise UsageError(f"--set {name}: of no list", "give --only splits/linking-sets.jsonl")
        return None
    return read_set(only, name)


def _read(path: Path, what: str, layer: str, places: Places | None) -> Iterator[Document]:
    from corpus.splits.linking_sets import only_at
    from corpus.store import read_documents

    documents = progress(read_documents(path), what)
    return documents if places is None else only_at(documents, layer, places)


def _choice(layer: str, gold_layer: str, role: str, nil_clusters: str) -> Any:
    from corpus.errors import UsageError
    from corpus.gold.pairing import Choice

    if role not in ("literal", "metonymic"):
        raise UsageError(f"--role {role}: no such role", "the roles are: literal, metonymic")
    if nil_clusters not in ("singletons", "surface"):
        raise UsageError(
            f"--nil-clusters {nil_clusters}: no such rule", "the rules are: singletons, surface"
        )
    return Choice(layer, gold_layer, role, nil_clusters)  # type: ignore[arg-type]  # checked above


def _result(
    predictions: Path,
    gold: Path,
    choice: object,
    resampling: object,
    account: Account,
    scores: Mapping[str, MeasureScore],
) -> dict[str, Any]:
    import msgspec

    told = msgspec.to_builtins(account)
    return {
        "predictions": str(predictions),
        "gold": str(gold),
        **msgspec.to_builtins(choice),
        "bootstrap": msgspec.to_builtins(resampling),
        "documents": {key: value for key, value in told.items() if key not in _SIDES},
        "mentions": {key: told[key] for key in _SIDES},
        "measures": msgspec.to_builtins(dict(scores)),
    }


def _table(scores: Mapping[str, MeasureScore], *, intervals: bool) -> str:
    """The figures as aligned text, one line a measure and, under it, one line a label."""
    head = ["measure", "ptp", "fp", "rtp", "fn", "precision", "recall", "fscore"]
    head += ["fscore interval"] * intervals + ["macro-p", "macro-r", "macro-f"]
    lines = [head]
    for name, score in scores.items():
        macro = score.macro
        means = [f"{x:.4f}" for x in (macro.precision, macro.recall, macro.fscore)]
        lines.append([name, *_cells(score.micro, intervals), *means])
        for label, figures in score.labels.items():
            lines.append([f"  {_printable(label)}", *_cells(figures, intervals), "", "", ""])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cells(figures: Figures, intervals: bool) -> list[str]:
    counts = (figures.ptp, figures.fp, figures.rtp, figures.fn)
    cells = [f"{n:.0f}" if n == int(n) else f"{n:.1f}" for n in counts]
    cells += [f"{x:.4f}" for x in (figures.precision, figures.recall, figures.fscore)]
    if intervals:
        low_high = figures.intervals.get("fscore")
        cells.append(f"{low_high[0]:.4f}-{low_high[1]:.4f}" if low_high else "-")
    return cells


def _printable(text: str) -> str:
    # An id or a label may hold anything: no control character reaches the terminal.
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _say_what_is_left_out(account: Account) -> None:
    say(f"scored {count(account.scored, 'document')}")
    for ids, why in (
        (account.without_prediction, "with gold but no prediction, not scored"),
        (account.without_gold, "without gold, not scored"),
        (account.only_predicted, "in the predictions alone, not scored"),
    ):
        if ids:
            named = _printable(", ".join(ids[:_NAMED]))
            more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
            say(f"  {count(len(ids), 'document')} {why}: {named}{more}")
    predicted, gold = account.predicted, account.gold
    if gold.not_judged:
        say(
            f"  {count(gold.not_judged, 'gold mention')} not judged: left out of link and cluster "
            f"measures with {count(predicted.left_out, 'link')} predicted there"
        )
    if predicted.not_judged:
        say(
            f"  {count(predicted.not_judged, 'predicted mention')} without a link: left out of "
            "link and cluster measures; the gold links there count as missed"
        )
    if not gold.linked and not gold.nil:
        say("  gold has no judged link: link and cluster measures say nothing")
