"""corpus agreement: how far annotators agree, before anything is adjudicated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import Json, Seed
from corpus.cli.terminal import progress, say

if TYPE_CHECKING:
    from corpus.gold.agreement import Agreements
    from corpus.gold.gamma import GammaSample


def agreement_cli(
    source: Annotated[Path, typer.Argument(help="A folder that pull wrote, or documents.jsonl.")],
    layer: Annotated[
        str, typer.Option(help="The layer that was suggested, for anchoring.")
    ] = "silver",
    number: Annotated[
        int | None,
        typer.Option(
            "--pass", min=1, help="Compare this pass of everybody; default each one's last."
        ),
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Draw the documents this often for intervals; 0: none.")
    ] = 1000,
    confidence: Annotated[
        float, typer.Option(min=1, max=99.9, help="Per cent that an interval covers.")
    ] = 95,
    gamma: Annotated[
        int, typer.Option(min=0, help="Compute gamma too, on this many documents (slow).")
    ] = 0,
    lowest: Annotated[
        int, typer.Option(min=0, help="List so many documents with the lowest agreement.")
    ] = 5,
    seed: Seed = 0,
    json: Json = False,
) -> int:
    """Measure agreement: boundaries, types, links and NIL apart, over what both confirmed.

    F1 (same borders, or overlapping), Cohen's and Fleiss' kappa, Krippendorff's alpha, alpha for
    unitizing and gamma; overall, per pair, per label, per document, between passes of one person,
    and with the suggestions where they were shown and where not. docs/agreement.md says which
    figure answers which question.

    \b
    Example:
      corpus agreement annotations
      corpus agreement annotations --bootstrap 0 --gamma 20 --json
    """
    from corpus.cli.agreement_table import agreement_json, print_agreement
    from corpus.gold.agreement import collect_agreement
    from corpus.gold.agreement_figures import figures_of
    from corpus.gold.gamma import GammaSample, require_gamma
    from corpus.store import read_documents

    if gamma:
        require_gamma()
    path = source / "documents.jsonl" if source.is_dir() else source
    sample = GammaSample(gamma, seed) if gamma else None
    found = collect_agreement(
        progress(read_documents(path), "read"), number=number, silver=layer, gamma=sample
    )
    figures = figures_of(
        found,
        resamples=bootstrap,
        seed=seed,
        confidence=confidence,
        watch=lambda draws: progress(draws, "intervals"),
    )
    gammas = _gammas(sample)
    if json:
        settings = {
            "bootstrap": bootstrap,
            "seed": seed,
            "confidence": confidence,
            "pass": number,
            "layer": layer,
        }
        typer.echo(agreement_json(str(source), settings, found, figures, gammas))
    else:
        print_agreement(found, figures, gammas, lowest=lowest)
        _say_what_next(found, source)
    return 0


def _gammas(sample: GammaSample | None) -> dict[str, float] | None:
    if sample is None:
        return None
    return sample.gammas(lambda items: progress(items, "gamma", total=len(items)))


def _say_what_next(found: Agreements, source: Path) -> None:
    between = found.between
    if not between.ids:
        say(
            f"corpus: of {between.given:,} documents none was confirmed by two annotators; "
            "give some to both: corpus push --help"
        )
    elif any(one.differing or one.links_differing for one in between.documents):
        what = "-o gold.jsonl" if between.shared else "--task links -o linked-gold.jsonl"
        say(
            "corpus: look at the lowest ones with the annotators, then settle the rest: "
            f"corpus adjudicate {source} {what} --rule majority"
        )
