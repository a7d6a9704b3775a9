"""One verdict a span after a push: stored, shifted, relabelled, dropped or added, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from corpus.doccano.mapping import Triple

STORED = "stored"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="finding/1"):
    """What is not simply stored: a document, or one of its spans in code points."""

    document: str
    verdict: str
    reason: str
    start: int | None = None
    end: int | None = None
    label: str = ""


class SpanVerdict(NamedTuple):
    """What became of one span; offsets as they were given."""

    span: Triple
    verdict: str
    reason: str


def judge_spans(sent: Sequence[Triple], found: Sequence[Triple]) -> list[SpanVerdict]:
    """A verdict for each span sent, and for each found that nobody sent, by start.

    A span that is not there is relabelled if another of its place is left over, shifted if one of
    its label and length is; each found span explains one sent span at most.
    """
    left = Counter(found)
    verdicts = []
    gone = []
    for span in sent:
        if left[span]:
            left[span] -= 1
            verdicts.append(SpanVerdict(span, STORED, ""))
        else:
            gone.append(span)
    for span in gone:
        start, end, label = span
        rest = sorted(+left, key=lambda other: (abs(other[0] - start), other))
        same = next((o for o in rest if o[:2] == (start, end)), None)
        near = next((o for o in rest if o[2] == label and o[1] - o[0] == end - start), None)
        if same is not None:
            left[same] -= 1
            verdicts.append(SpanVerdict(span, "relabelled", f"it is {same[2]!r} on the server"))
        elif near is not None:
            left[near] -= 1
            reason = f"on the server it begins {abs(near[0] - start)} UTF-16 units " + (
                "later" if near[0] > start else "earlier"
            )
            verdicts.append(SpanVerdict(span, "shifted", reason))
        else:
            verdicts.append(SpanVerdict(span, "dropped", "the server does not have it"))
    verdicts += [SpanVerdict(s, "added", "it was not sent") for s in (+left).elements()]
    return sorted(verdicts)
