"""Between a dispute and a row of its project: pure, and the only place that knows its keys.

    {"example_uuid": "9f2c…", "text": "… in ⟦Kyiv city⟧ …", "label": [],
     "corpus_id": "afp-1", "corpus_place": "16-25",
     "corpus_mark": "v1 3fa936659f14c3ad aca149ec50dfe3e7"}

`corpus_mark`: the version of these keys, the dispute, and the hash of what is shown. The dispute's
id is made of its votes: what its keys mean follows from them.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from corpus.decisions import Dispute
from corpus.doccano.mapping import example_uuid
from corpus.store import decode_line

DISPUTE_VERSION = "v1"
"""The version of the keys that a row of a dispute project carries, first in `corpus_mark`."""


class DisputeRow(msgspec.Struct, frozen=True):
    """A line of an export; what is not from corpus may lack or abuse any `corpus_` key."""

    id: Any = None
    text: Any = None
    label: Any = None
    comments: Any = msgspec.field(name="Comments", default=None)
    corpus_id: Any = None
    corpus_mark: Any = None


class StoredDispute(msgspec.Struct, frozen=True):
    """A dispute as the server has it."""

    example: int
    document: str
    dispute: str
    chosen: tuple[str, ...]
    comments: tuple[str, ...]
    changed: bool  # the text that is shown


def encode_dispute_row(dispute: Dispute, text: str, *, project: str) -> bytes:
    """The line of JSONL that stores the dispute with nothing chosen."""
    row = {
        "example_uuid": example_uuid(project, dispute.document, dispute.id),
        "text": text,
        "label": [],
        "corpus_id": dispute.document,
        "corpus_place": f"{dispute.start}-{dispute.end}",
        "corpus_mark": f"{DISPUTE_VERSION} {dispute.id} {_shown_mark(text)}",
    }
    return msgspec.json.encode(row) + b"\n"


def read_dispute_row(line: bytes, where: str) -> StoredDispute | str:
    """The dispute of one line of an export, or why it is none of ours."""
    row = decode_line(line, DisputeRow, where)
    if not all(isinstance(text, str) for text in (row.corpus_id, row.corpus_mark, row.text)):
        return f"example {row.id} was not pushed by corpus as a dispute"
    version, *parts = row.corpus_mark.split(" ")
    if version != DISPUTE_VERSION or len(parts) != 2:
        return f"example {row.id} was pushed by a corpus of row version {version}"
    texts = (one.get("comment") if isinstance(one, dict) else one for one in row.comments or ())
    return StoredDispute(
        example=int(row.id),
        document=row.corpus_id,
        dispute=parts[0],
        chosen=tuple(sorted(str(label) for label in row.label or ())),
        comments=tuple(str(text) for text in texts),
        changed=_shown_mark(row.text) != parts[1],
    )


def _shown_mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
