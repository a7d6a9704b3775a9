"""corpus curve: how much more annotation helps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.cli.options import Force, Json, Seed
from corpus.cli.terminal import count, one_line, print_result, progress, say

if TYPE_CHECKING:
    from corpus.curve.plan import CurvePlan
    from corpus.curve.written import Curve
    from corpus.kb.knowledge_base import KB
    from corpus.manifest import Stage


def curve_cli(
    source: Annotated[
        Path,
        typer.Argument(help="The folder that corpus split wrote, or documents to split 80 to 20."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write into.")],
    task: Annotated[str, typer.Option(help="What to learn: ner, links or both.")] = "ner",
    shares: Annotated[
        str, typer.Option(help="Shares of the documents of train, with commas between.")
    ] = "0.1,0.25,0.5,0.75,1",
    seeds: Annotated[
        int, typer.Option(min=1, help="Models for each share, each of other documents.")
    ] = 3,
    steps: Annotated[int, typer.Option(min=1, help="Steps of training, the same for all.")] = 500,
    layer: Annotated[str, typer.Option(help="The layer to learn and to score.")] = "gold",
    kb: Annotated[
        Path | None,
        typer.Option(help="Candidates for links; else each share's own links are what is known."),
    ] = None,
    seed: Seed = 0,
    force: Force = False,
    json: Json = False,
) -> int:
    """Train spaCy on growing shares of the documents and draw how good it gets, with intervals.

    Writes curve.html, curve.json and a file for each model's figures: killed and run again, it
    goes on where it was; with more shares or seeds only the new ones are trained. Scores are on
    dev, which has no part in the training.

    \b
    Example:
      corpus curve splits -o curve
      corpus curve splits -o curve --task both --kb news.kb --seeds 5 --steps 1000
      corpus curve gold.jsonl -o curve --shares 0.25,0.5,1
    """
    from corpus.curve.plan import CurvePlan, parse_shares, parse_tasks
    from corpus.curve.written import CURVE, read_curve
    from corpus.kb.knowledge_base import KB

    plan = CurvePlan(parse_tasks(task), parse_shares(shares), seeds, steps, layer, seed)
    base = KB(kb) if kb is not None and "links" in plan.tasks else None
    stage = _open_stage(source, output, plan, base, force=force)
    if stage is not None:
        _draw(source, output, plan, base, stage)
    curve = read_curve(output / CURVE)
    _tell(curve, output, plan, as_json=json, up_to_date=stage is None)
    return 0


def _open_stage(
    source: Path, output: Path, plan: CurvePlan, kb: KB | None, *, force: bool
) -> Stage | None:
    import msgspec

    from corpus.curve.material import inputs_of
    from corpus.curve.runs import versions
    from corpus.curve.written import CURVE
    from corpus.errors import UsageError
    from corpus.files import is_stream, reason_of
    from corpus.manifest import open_stage

    if is_stream(source):
        raise UsageError(f"{source}: curve reads its documents twice", "save them as a file first")
    inputs = inputs_of(source)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{output}: cannot be made ({reason_of(error)})", "give another -o"
        ) from error
    settings = msgspec.to_builtins(plan) | ({"kb": kb.info.hash} if kb is not None else {})
    seed = settings.pop("seed")
    return open_stage(
        "curve",
        output / CURVE,
        inputs,
        settings=settings,
        versions={name: each for name, each in versions().items() if name != "corpus"},
        seed=seed,
        force=force,
        renew=True,
    )


def _draw(source: Path, output: Path, plan: CurvePlan, kb: KB | None, stage: Stage) -> None:
    from corpus.curve.material import read_material
    from corpus.curve.runs import finish_runs
    from corpus.curve.written import write_curve

    with stage:
        material = read_material(source, plan)
        runs, there = finish_runs(
            material,
            plan,
            output,
            kb,
            lambda missing, total: progress(missing, "models", total=total),
        )
        if there:
            say(f"{count(there, 'model')} of an earlier run, {len(runs) - there:,} trained now")
        write_curve(source.name or "curve", material, plan, runs, output, stage)


def _tell(curve: Curve, output: Path, plan: CurvePlan, *, as_json: bool, up_to_date: bool) -> None:
    import msgspec

    from corpus.curve.figures import sentence_of
    from corpus.curve.written import CURVE, PAGE

    if curve.without_layer:
        say(f"{count(curve.without_layer, 'document')} without a layer {plan.layer!r} left out")
    lines = [f"{output / CURVE} is up to date"] if up_to_date else []
    told: dict[str, str] = {}
    for task, each in curve.tasks.items():
        lines += [
            f"{task}, {each.measure}, on {count(curve.dev, 'document')} of dev",
            *_table(msgspec.to_builtins(each)),
        ]
        for point in each.points:
            for one, why in point.untrained.items():
                lines.append(one_line(f"  {point.documents} documents, seed {one}: {why}"))
        told[task] = sentence_of(task, each, plan)
        lines += [told[task], ""]
    lines.append(f"{output / PAGE}: the curve as a picture")
    result: dict[str, Any] = {"output": str(output), "up_to_date": up_to_date, "says": told}
    print_result(result | msgspec.to_builtins(curve), "\n".join(lines), as_json=as_json)


def _table(curve: Mapping[str, Any]) -> list[str]:
    rows = [["share", "documents", "mentions", "F", "interval", "precision", "recall"]]
    for point in curve["points"]:
        found = point["figures"][curve["measure"]][""]
        cells = [
            f"{100 * point['share']:g}%",
            f"{point['documents']:,}",
            f"{point['mentions']:,.0f}",
        ]
        low, high = found["fscore"]["low"], found["fscore"]["high"]
        cells += [f"{found['fscore']['value']:.3f}", f"{low:.3f}-{high:.3f}"]
        rows.append([*cells, *(f"{found[m]['value']:.3f}" for m in ("precision", "recall"))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
