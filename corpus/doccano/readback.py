"""What was sent beside what the server says it has, and mending what no machine may decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from corpus.doccano.certainty import add_spans
from corpus.doccano.client import Doccano
from corpus.doccano.comparison import Comparison
from corpus.doccano.exports import ExportFile, read_place
from corpus.doccano.judged import (
    ACCEPTED,
    EDITED,
    KEPT,
    MISSING,
    STORED,
    UNCLEAR,
    Judged,
)
from corpus.doccano.mapping import (
    Triple,
    batch_mark,
    from_page_offsets,
    read_mark,
    row_spans,
    spans_mark,
)
from corpus.doccano.push_input import Suggested
from corpus.doccano.verdicts import Finding, judge_spans
from corpus.engine import chunked
from corpus.errors import OffsetError

Pair = tuple[Judged, Suggested | None]

_LOOK_AHEAD = 20  # documents looked at before they are deleted: a fraction of a second
_QUIET = frozenset({STORED, KEPT})
"""Verdicts that need no line in the report."""


def pair_documents(
    comparison: Comparison, suggestions: Callable[[], Iterable[Suggested]]
) -> Iterator[Pair]:
    """Each judged document with what was to be sent, which is read only if one was edited.

    Both come in the order of the input.
    """
    if comparison.count()[EDITED]:
        yield from zip(comparison.judge(), suggestions(), strict=True)
    else:
        yield from ((judged, None) for judged in comparison.judge())


def list_findings(
    pairs: Iterable[Pair], exported: Sequence[ExportFile], spans: Counter[str]
) -> Iterator[Finding]:
    """All that is not simply stored; `spans` counts every span by its verdict.

    `wrong` counts those that no person can have changed: their document was sent a moment ago.
    """
    for judged, suggested in pairs:
        if judged.verdict not in _QUIET:
            yield Finding(judged.id, judged.verdict, judged.reason)
        if judged.verdict == EDITED and suggested is not None and judged.place is not None:
            found = row_spans(read_place(exported[0], judged.place))
            yield from _span_findings(judged, suggested, found, spans)
        elif judged.verdict == STORED:
            spans[STORED] += judged.spans
        else:
            spans[MISSING if judged.verdict == MISSING else "not compared"] += judged.spans


def _span_findings(
    judged: Judged, suggested: Suggested, found: Sequence[Triple], spans: Counter[str]
) -> Iterator[Finding]:
    document, sent, piece = suggested
    before = piece.start if piece else 0
    for span, verdict, reason in judge_spans(sent, found):
        spans[verdict if judged.uploaded or verdict == STORED else EDITED] += 1
        if verdict == STORED:
            continue
        if judged.uploaded:
            spans["wrong"] += 1
        else:
            reason += ", changed by a person after the push"
        try:
            [(start, end, label)] = from_page_offsets(document.text, [span], graphemes=False)
        except OffsetError as error:
            start, end, label = span
            before = 0
            reason += f" (UTF-16 units: {error.message})"
        yield Finding(document.id, verdict, reason, start + before, end + before, label)


def delete_untouched(client: Doccano, project: int, lost: Iterable[Judged]) -> list[str]:
    """Which of these documents without spans are deleted now, to be sent again.

    Each is looked at once more just before: what a person has touched since the export stays.
    """
    deleted = []
    for few in chunked(lost, _LOOK_AHEAD):
        bare = [one for one in few if one.example and _is_untouched(client, project, one.example)]
        if bare:
            client.delete_examples(project, [one.example for one in bare if one.example])
        deleted += [one.id for one in bare]
    return deleted


def _is_untouched(client: Doccano, project: int, example: int) -> bool:
    there = client.read_example(project, example)
    touched = there["is_confirmed"] or there["comment_count"]
    return not touched and not client.list_spans(project, example)


def repair_documents(
    client: Doccano, project: int, pairs: Iterable[tuple[Judged, Suggested]]
) -> int:
    """How many documents that an import left without spans, and a person has touched, are mended.

    One that is confirmed is a person's judgement: its metadata says from now on that no spans
    were suggested. Any other gets the missing spans, beside whatever is there.
    """
    repaired = 0
    types: dict[str, int] = {}
    for judged, (_, sent, _) in pairs:
        if judged.verdict != UNCLEAR or judged.example is None:
            continue
        meta = client.read_example(project, judged.example)["meta"]
        mark = read_mark(meta["corpus_mark"])
        if judged.confirmed:
            mark = mark._replace(spans=ACCEPTED + spans_mark(sent))
        else:
            types = types or {t["text"]: t["id"] for t in client.list_span_types(project)}
            spans = [(start, end, types[label]) for start, end, label in sent]
            add_spans(client, project, judged.example, spans)
            mark = mark._replace(
                batch=batch_mark([judged.id], 1)
            )  # not of the torn import any more
        client.update_example_meta(project, judged.example, meta | {"corpus_mark": str(mark)})
        repaired += 1
    return repaired
