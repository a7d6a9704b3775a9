"""What a user of the corpus must know: drawn from counts, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus.datasheet.facts import Facts, counted
from corpus.datasheet.lineage import Step

_FEW = 20  # mentions of a label, under which nothing can be learned or measured


def known_limits(
    facts: Facts,
    steps: Sequence[Step],
    *,
    doubts: Mapping[str, int] | None,
    agreement: Mapping[str, Any] | None,
) -> Iterator[str]:
    """One sentence each; there is always one."""
    yield from _of_documents(facts)
    if agreement is None:
        yield "No agreement was measured, so how sure the annotations are is not known."
    for step in steps:
        yield from _of_step(step)
    if doubts:
        told = ", ".join(f"{kind} {number:,}" for kind, number in sorted(doubts.items()))
        yield f"The audit doubts {counted(sum(doubts.values()), 'place')}: {told}."
    elif doubts is None:
        yield "No audit was given (`corpus check --audit -o doubts.jsonl`)."


def _of_documents(facts: Facts) -> Iterator[str]:
    without = facts.documents - facts.with_layer
    if without:
        yield f"Without the layer, so not judged: {counted(without, 'document')}."
    annotators = {name for name, _ in facts.layers if name.startswith("annotator:")}
    if not annotators:
        yield "The layers of the annotators are not in these files."
    elif len(annotators) == 1:
        yield "All of it was annotated by one person."
    untouched = sum(
        states["untouched"]
        for (name, _), states in facts.layers.items()
        if name.startswith("annotator:")
    )
    if untouched:
        yield f"Left untouched by annotators: {counted(untouched, 'document')}."
    if number := facts.links["not judged"]:
        yield f"Not linked, so not judged, which is not NIL: {counted(number, 'mention')}."
    if number := facts.rights["not recorded"]:
        yield f"Whose rights are not recorded: {counted(number, 'document')}."
    few = sorted(label for label, number in facts.labels.items() if number < _FEW)
    if few:
        yield f"Fewer than {_FEW} mentions: {', '.join(few)}."


def _of_step(step: Step) -> Iterator[str]:
    manifest = step.manifest
    if not manifest.finished:
        yield f"`{manifest.command}` was stopped before it finished: {step.output}."
    rejected = manifest.documents.rejected, manifest.mentions.rejected
    if any(rejected):
        why = "; ".join(f"{reason} ({number:,})" for reason, number in step.rejects.items())
        told = f": {why}" if why else ""
        yield (
            f"`{manifest.command}` rejected {counted(rejected[0], 'document')} and "
            f"{counted(rejected[1], 'mention')}{told}."
        )
    if manifest.command == "split":
        across = manifest.notes.get("near-duplicate pairs across splits", 0)
        if across:
            yield f"Near-duplicates in different splits: {counted(across, 'pair')}."
        for name, table in manifest.notes.get("splits", {}).items():
            if not table.get("mentions"):
                yield f"The split {name} has no mentions."
    open_ones = manifest.notes.get("disputes", 0)
    if manifest.command == "adjudicate" and open_ones:
        yield f"Open when gold was made: {counted(open_ones, 'dispute')} between annotators."
