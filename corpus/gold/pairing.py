"""Predictions beside gold: the documents that both have, as rows; every other one is listed.

Gold is read whole and kept as rows, without its texts; predictions are a stream in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from corpus.errors import DataError
from corpus.gold.measures import NilClusters, Row, mentions_of, rows_of
from corpus.model import NIL, Document, Mention


class Choice(Struct, frozen=True):
    """What is scored: the layer of each side, the role of the links, and how NIL clusters."""

    layer: str = "silver"
    gold_layer: str = "gold"
    role: str = "literal"
    nil_clusters: NilClusters = "singletons"


class Pair(NamedTuple):
    """One document's rows on both sides; `number` is its place in the gold file."""

    number: int
    predicted: list[Row]
    gold: list[Row]


class MentionCounts(Struct):
    """One side's mentions in the scored documents, and why some have no part in link measures.

    `not_judged` have no link of the role; `left_out` are linked, but gold has not judged that span.
    """

    mentions: int = 0
    linked: int = 0
    nil: int = 0
    not_judged: int = 0
    left_out: int = 0


class Account(Struct):
    """Ids of the documents that are not scored, in file order, and the mentions that are.

    `without_gold` have no gold layer yet, `without_prediction` have gold but no prediction
    (no document, or none with the layer), `only_predicted` are unknown to the gold file.
    """

    scored: int
    without_gold: list[str]
    without_prediction: list[str]
    only_predicted: list[str]
    predicted: MentionCounts
    gold: MentionCounts


class _Gold(NamedTuple):
    number: int
    sha256: str
    rows: list[Row] | None
    mentions: int


def pair_documents(
    predicted: Iterable[Document], gold: Iterable[Document], choice: Choice
) -> tuple[list[Pair], Account]:
    """The scored documents in the order of the gold file, and the account of the others.

    A predicted link at a span whose gold mentions are all not judged cannot be right or wrong:
    its row becomes one that is not judged. Raises DataError if a document stands twice in a file,
    if its texts differ, or if there is nothing to score.
    """
    answers = dict(_index_gold(gold, choice))
    account = Account(0, [], [], [], MentionCounts(), MentionCounts())
    account.without_gold = [id for id, answer in answers.items() if answer.rows is None]
    pairs: dict[int, Pair] = {}
    layers: set[str] = set()
    for document in _once(predicted, "the predictions"):
        layers.update(layer.name for layer in document.layers)
        answer = answers.get(document.id)
        if answer is None:
            account.only_predicted.append(document.id)
            continue
        _check_text(document, answer)
        mentions = mentions_of(document, choice.layer)
        if answer.rows is None or mentions is None:
            continue
        rows = _rows(document, mentions, answer.number, choice)
        rows, left_out = _without_unjudged(rows, answer.rows)
        _count(account.predicted, rows, len(mentions), left_out)
        _count(account.gold, answer.rows, answer.mentions, 0)
        pairs[answer.number] = Pair(answer.number, rows, answer.rows)
    account.scored = len(pairs)
    account.without_prediction = [
        id for id, a in answers.items() if a.rows is not None and a.number not in pairs
    ]
    if not pairs:
        raise _nothing(answers, account, layers, choice)
    return [pairs[number] for number in sorted(pairs)], account


def _index_gold(gold: Iterable[Document], choice: Choice) -> Iterator[tuple[str, _Gold]]:
    for number, document in enumerate(_once(gold, "the gold")):
        mentions = mentions_of(document, choice.gold_layer)
        rows = None if mentions is None else _rows(document, mentions, number, choice)
        yield document.id, _Gold(number, document.sha256, rows, len(mentions or ()))


def _rows(
    document: Document, mentions: Iterable[Mention], number: int, choice: Choice
) -> list[Row]:
    return rows_of(mentions, document, number, role=choice.role, nil_clusters=choice.nil_clusters)


def _once(documents: Iterable[Document], where: str) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise DataError(
                f"document {document.id!r} stands twice in {where}", "score one version of it"
            )
        seen.add(document.id)
        yield document


def _check_text(document: Document, answer: _Gold) -> None:
    if document.sha256 != answer.sha256:
        raise DataError(
            f"document {document.id!r}: the predictions have another text than the gold "
            f"(sha256 {document.sha256[:12]} and {answer.sha256[:12]})",
            "predict on the documents that were annotated",
        )


def _without_unjudged(rows: list[Row], gold: list[Row]) -> tuple[list[Row], int]:
    """The rows, without their links where gold has not judged the span, and how many those are."""
    judged = {row[:3] for row in gold if row.target is not None}
    unjudged = {row[:3] for row in gold if row.target is None} - judged
    if not unjudged:
        return rows, 0
    kept = []
    left_out = 0
    for row in rows:
        if row.target is not None and row[:3] in unjudged:
            left_out += 1
            row = row._replace(target=None, cluster=None)
        kept.append(row)
    return kept, left_out


def _count(counts: MentionCounts, rows: list[Row], mentions: int, left_out: int) -> None:
    counts.mentions += mentions
    counts.left_out += left_out
    counts.nil += sum(row.target == NIL for row in rows)
    counts.linked += sum(row.target is not None and row.target != NIL for row in rows)
    counts.not_judged += sum(row.target is None for row in rows) - left_out


def _nothing(
    answers: dict[str, _Gold], account: Account, layers: set[str], choice: Choice
) -> DataError:
    if not answers:
        return DataError("the gold holds no document", "give the file that adjudicate wrote")
    if all(answer.rows is None for answer in answers.values()):
        return DataError(
            f"no document of the gold has a layer {choice.gold_layer!r}",
            "run: corpus adjudicate, or name the layer with --gold-layer",
        )
    if layers and choice.layer not in layers:
        return DataError(
            f"no document of the predictions has a layer {choice.layer!r}",
            f"name one with --layer: {', '.join(sorted(layers))}",
        )
    return DataError(
        "no document has both a prediction and gold: "
        f"{len(account.without_prediction)} with gold alone, "
        f"{len(account.only_predicted)} with a prediction alone",
        "the ids must be the same in both files",
    )
