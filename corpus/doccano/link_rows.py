"""Between a decision and a row of a link project: pure, and the only place that knows its keys.

A row that push sends, one line of JSON, all metadata strings, the same keys in every row:

    {"example_uuid": "9f2c…", "text": "… the ⟦OSCE⟧, …", "label": ["1"],
     "corpus_label": "ORG", "corpus_id": "afp-1", "corpus_candidates": "Q81299 Q7184",
     "corpus_places": "12-16 80-84", "corpus_kb": "news 5f0e…",
     "corpus_mark": "v1 3b… aca149ec50dfe3e7 9d01… 1"}

`corpus_places` are code points of the document. `corpus_candidates` says for ever what the keys
meant. `corpus_mark` is for the sync: the version of these keys, the decision, the start of the
document's hash, the hash of what the annotator sees, and the key that was preselected: none where
the suggestion was kept from the annotator, to measure what it does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from corpus.doccano.link_examples import SPLIT, Known, LinkExample
from corpus.doccano.mapping import example_uuid, text_mark
from corpus.store import decode_line

LINK_VERSION = "v1"
"""The version of the keys that a row of a link project carries, first in `corpus_mark`."""

Place = tuple[int, int]


class LinkRow(msgspec.Struct, frozen=True):
    """A line of an export; what is not from corpus may lack or abuse any `corpus_` key."""

    id: Any = None
    text: Any = None
    label: Any = None
    comments: Any = msgspec.field(name="Comments", default=None)
    corpus_label: Any = None
    corpus_id: Any = None
    corpus_candidates: Any = None
    corpus_places: Any = None
    corpus_kb: Any = None
    corpus_mark: Any = None


class Stored(msgspec.Struct, frozen=True):
    """A decision as the server has it."""

    example: int
    document: str
    key: str
    places: tuple[Place, ...]
    label: str
    candidates: tuple[str, ...]
    kb: str
    kb_hash: str
    document_mark: str
    sent: str
    chosen: tuple[str, ...]
    comments: tuple[str, ...]
    changed: bool  # the text that the annotator sees
    confirmed: bool = False

    @property
    def preselected(self) -> tuple[str, ...]:
        """The key that the annotator found chosen; none where the document is blind."""
        return (self.sent,) if self.sent else ()

    @property
    def known(self) -> Known:
        """What push needs to know of it. One that stands for one place cannot be split."""
        split = self.confirmed and self.chosen == (SPLIT,) and len(self.places) > 1
        return Known(self.key, frozenset(self.places), self.label, split)


def encode_link_row(example: LinkExample, *, project: str) -> bytes:
    """The line of JSONL that stores the decision with its preselected key."""
    # Annotators see the metadata in this order.
    row = {
        "example_uuid": example_uuid(project, example.document, example.key),
        "text": example.text,
        "label": [example.chosen] if example.chosen else [],
        "corpus_label": example.mentions[0].label,
        "corpus_id": example.document,
        "corpus_candidates": " ".join(one.kb_id for one in example.candidates),
        "corpus_places": _write_places([(m.start, m.end) for m in example.mentions]),
        "corpus_kb": f"{example.kb} {example.kb_hash}",
        "corpus_mark": " ".join(
            (
                LINK_VERSION,
                example.key,
                text_mark(example.sha256),
                _shown_mark(example.text),
                example.chosen,
            )
        ),
    }
    return msgspec.json.encode(row) + b"\n"


def decode_link_row(line: bytes, where: str) -> LinkRow:
    """The row of one line of an export. Raises StoreError that says where."""
    return decode_line(line, LinkRow, where)


def read_stored(row: LinkRow) -> Stored | str:
    """The decision of this row, or why it is none of ours."""
    texts = (row.corpus_id, row.corpus_mark, row.corpus_places, row.text)
    if not all(isinstance(text, str) for text in texts):
        return "it was not pushed by corpus as a link to decide"
    version, *parts = row.corpus_mark.split(" ", 4)
    if version != LINK_VERSION or len(parts) != 4:
        return f"it was pushed by a corpus of row version {version}"
    key, document_mark, shown_mark, sent = parts
    places = _read_places(row.corpus_places)
    if places is None:
        return f"its corpus_places {row.corpus_places[:40]!r} are no places"
    kb, _, kb_hash = str(row.corpus_kb).rpartition(" ")
    return Stored(
        example=int(row.id),
        document=row.corpus_id,
        key=key,
        places=places,
        label=str(row.corpus_label),
        candidates=tuple(str(row.corpus_candidates or "").split()),
        kb=kb,
        kb_hash=kb_hash,
        document_mark=document_mark,
        sent=sent,
        chosen=tuple(sorted(str(label) for label in row.label or ())),
        comments=_read_comments(row.comments),
        changed=_shown_mark(row.text) != shown_mark,
    )


def _read_comments(comments: Sequence[Any] | None) -> tuple[str, ...]:
    texts = (one.get("comment") if isinstance(one, dict) else one for one in comments or ())
    return tuple(str(text) for text in texts)


def _shown_mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _write_places(places: Sequence[Place]) -> str:
    return " ".join(f"{start}-{end}" for start, end in dict.fromkeys(places))


def _read_places(written: str) -> tuple[Place, ...] | None:
    places = []
    for part in written.split():
        start, _, end = part.partition("-")
        if not (start.isdecimal() and end.isdecimal()):
            return None
        places.append((int(start), int(end)))
    return tuple(places) or None
