"""From annotator layers to the one gold layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from corpus.decisions import ANNOTATOR
from corpus.gold.questions import span_questions
from corpus.gold.rules import Rule
from corpus.manifest import Stage
from corpus.model import Change, Document, Layer, count_mentions, with_layer


def adjudicate_single(
    documents: Iterable[Document], stage: Stage, *, annotator: str = ""
) -> Iterator[Document]:
    """The documents, each with a `gold` layer where exactly one confirmed spans layer decides it.

    A document that nobody has confirmed goes on without gold and is counted as waiting; one
    with several confirmed layers, or with a gold layer already, is a reject. `annotator` names
    whose layers count. Each vote is written beside the output.
    """
    waiting = 0
    for document in documents:
        stage.documents.received += 1
        mentions = count_mentions(document)
        stage.mentions.received += mentions
        confirmed = _confirmed_layers(document, annotator)
        reason = _reject_reason(document, confirmed)
        if reason:
            stage.documents.rejected += 1
            stage.mentions.rejected += mentions
            stage.record(Change(kind="rejected", document=document.id, reason=reason))
            continue
        stage.mentions.kept += mentions
        stage.documents.kept += 1
        if confirmed:
            gold = _gold_from(document, confirmed[0], stage)
            document = with_layer(document, gold)
            stage.add("gold", len(gold.mentions))
        else:
            waiting += 1
        stage.documents.written += 1
        stage.mentions.written += count_mentions(document)
        yield document
    stage.manifest.notes["waiting"] = waiting


def _confirmed_layers(document: Document, annotator: str) -> list[Layer]:
    return [
        layer
        for layer in document.layers
        if layer.task == "spans"
        and layer.state == "confirmed"
        and layer.name.startswith(ANNOTATOR)
        and annotator in ("", layer.name.removeprefix(ANNOTATOR))
    ]


def _reject_reason(document: Document, confirmed: list[Layer]) -> str:
    if any(layer.name == "gold" for layer in document.layers):
        return "it has a gold layer already, which is never overwritten"
    if len(confirmed) < 2:
        return ""
    names = [layer.name for layer in confirmed]
    if len(set(names)) > 1:
        joined = ", ".join(names)
        return f"{len(names)} confirmed layers ({joined}); choose a --rule, or an --annotator"
    rounds = ", ".join(str(layer.round) for layer in confirmed)
    return f"{len(names)} confirmed rounds of {names[0]} ({rounds}); with a --rule the last counts"


def _gold_from(document: Document, layer: Layer, stage: Stage) -> Layer:
    source = f"{layer.name}#{layer.round}"
    rule = Rule("single")
    votes: dict[str, str] = {}
    accepted, _ = span_questions(document, [layer], rule)
    for one in accepted:
        (mention,), (vote,) = one.mentions, one.votes
        votes[mention.id] = vote.id
        stage.write_beside("votes", msgspec.structs.replace(vote, settled=rule.decision))
    return Layer(
        name="gold",
        mentions=tuple(
            msgspec.structs.replace(
                m, source=source, votes=(votes[m.id],), decisions=(rule.decision,)
            )
            for m in layer.mentions
        ),
    )
