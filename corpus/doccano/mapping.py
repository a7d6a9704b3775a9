"""Between a Document and a row of Doccano: pure, and the only place that knows a row's keys.

A row that push sends, one line of JSON (offsets in UTF-16 units, all metadata strings):

    {"example_uuid": "9f2c…", "text": "Moscow denied …", "label": [[0, 6, "GPE"]],
     "corpus_title": "…", "corpus_date": "2024-05-01", "corpus_id": "afp-1",
     "corpus_mark": "v1 aca149ec50dfe3e7 1:5f0e… 1:a3b1…"}

Doccano spreads the metadata over the row of an export, so its keys are namespaced; its export
turns numbers into floats, so they are strings; and one import needs the same keys in every row.
Annotators see them all beside the text, so what only the sync needs is one key of short parts,
`corpus_mark`: the version of the keys, the text's hash, how many spans were sent and which (a
layer that differs was touched), and the import, with how many of its documents have spans:
Doccano stores the spans of one import all or not at all. A fifth part, `blind`, stands where the
suggestions were kept from the annotator, a sixth where the row is a piece of a document.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from corpus.doccano.page_breaks import grapheme_borders
from corpus.errors import CorpusError, OffsetError
from corpus.model import Document, Layer, Mention, layer_of
from corpus.offsets import Span, from_borders, from_utf16, to_utf16
from corpus.store import decode_line, encode_line

ROW_VERSION = "v1"
"""The version of the keys that a row carries, the first part of `corpus_mark`."""

BLIND = "blind"
"""The fifth part of a `corpus_mark` whose document goes without its suggestions."""

Triple = tuple[int, int, str]
"""A span as Doccano knows it: start, end (its units) and label."""

_SHOWN = 100  # characters of a title that the annotator's table shows
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Suggestions(NamedTuple):
    """The spans of one layer for Doccano, and the mentions it could not hold, with the reason."""

    spans: tuple[Triple, ...]
    refused: tuple[tuple[Mention, str], ...]


class ExportRow(msgspec.Struct, frozen=True):
    """A line of an export; what is not from corpus may lack or abuse any `corpus_` key."""

    id: Any = None
    text: Any = None
    label: Any = None
    entities: Any = None  # a project with relations has these instead of `label`
    relations: Any = None
    comments: Any = msgspec.field(name="Comments", default=None)
    corpus_title: Any = None
    corpus_date: Any = None
    corpus_id: Any = None
    corpus_mark: Any = None


class PushMark(NamedTuple):
    """What push says of a row to its later self: the parts of `corpus_mark`, none with a blank.

    `shown` is BLIND where the suggestions were kept from the annotator, to measure what they do.
    `piece` is for corpus.doccano.pieces to read.
    """

    version: str
    text: str
    spans: str
    batch: str
    shown: str = ""
    piece: str = ""

    def __str__(self) -> str:
        return " ".join(self).rstrip(" ")

    @property
    def is_blind(self) -> bool:
        """Whether the suggestions were kept from the annotator."""
        return self.shown == BLIND


_PARTS = range(4, len(PushMark._fields) + 1)  # empty ones at the end are left out


def example_uuid(project: str, *names: str) -> str:
    """The same v4-shaped UUID for the same project name and document id (and key), always."""
    digest = hashlib.sha256(encode_line([project, *names])).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def spans_mark(spans: Iterable[Sequence[Any]]) -> str:
    """`count:hash` of spans in whatever order: equal marks, equal spans."""
    ordered = sorted(tuple(span) for span in spans)
    return f"{len(ordered)}:{hashlib.sha256(encode_line(ordered)).hexdigest()[:16]}"


def batch_mark(documents: Iterable[str], with_spans: int) -> str:
    """`count:hash`, the name of the import of these documents, so many of which have spans."""
    digest = hashlib.sha256(encode_line(list(documents))).hexdigest()
    return f"{with_spans}:{digest[:12]}"


def refuse_document(document: Document) -> str:
    """Why Doccano could not hold this document, or nothing."""
    if not document.text:
        return "the text is empty, and Doccano stores no empty text"
    found = _UNSTORABLE.search(document.text)
    if found:
        return f"U+{ord(found[0]):04X} at offset {found.start()} cannot be stored by every server"
    found = _UNSTORABLE.search(document.id)
    if found:
        return f"U+{ord(found[0]):04X} in the id cannot be stored by every server"
    return ""


def suggest_spans(document: Document, layer: str) -> Suggestions:
    """The spans of a layer in UTF-16 units, sorted, each once.

    An identical span would be stored twice by Doccano, and no annotator could tell them apart.
    """
    found = layer_of(document, layer)
    mentions = found.mentions if found else ()
    offsets = to_utf16(document.text, ((mention.start, mention.end) for mention in mentions))
    spans: set[Triple] = set()
    refused = []
    for mention, (start, end) in zip(mentions, offsets, strict=True):
        span = (start, end, mention.label)
        if span in spans:
            refused.append((mention, "another mention has the same span and label"))
        elif not start < end:
            refused.append((mention, "the span is empty, and Doccano drops it"))
        else:
            spans.add(span)
    return Suggestions(tuple(sorted(spans)), tuple(refused))


def is_blind(document: Document, layer: str) -> bool:
    """Whether the suggestions of this layer are kept from the annotator."""
    found = layer_of(document, layer)
    return found is not None and found.blind


def encode_row(
    document: Document,
    spans: Sequence[Triple],
    *,
    project: str,
    batch: str,
    layer: str = "",
    piece: str = "",
) -> bytes:
    """The line of JSONL that stores the document, or piece of one, with its spans of `layer`."""
    # Annotators see the metadata in this order.
    return _encode_ordered(
        {
            "example_uuid": example_uuid(project, document.id),
            "text": document.text,
            "label": [list(span) for span in spans],
            "corpus_title": str(document.meta.get("title") or "")[:_SHOWN],
            "corpus_date": str(document.meta.get("date") or "")[:_SHOWN],
            "corpus_id": document.id,
            "corpus_mark": str(
                PushMark(
                    ROW_VERSION,
                    text_mark(document.sha256),
                    spans_mark(spans),
                    batch,
                    BLIND if is_blind(document, layer) else "",
                    piece,
                )
            ),
        }
    )


def text_mark(sha256: str) -> str:
    """As much of a text's hash as tells texts apart and fits beside the article."""
    return sha256[:16]


def read_mark(mark: object) -> PushMark:
    """The parts of a `corpus_mark`; of one that is none, the version is what stands there."""
    parts = str(mark).split(" ")
    if len(parts) in _PARTS:
        return PushMark(*parts)
    return PushMark(str(mark), "", "", "")


def _encode_ordered(row: dict[str, Any]) -> bytes:
    return msgspec.json.encode(row) + b"\n"


def decode_row(line: bytes, where: str) -> ExportRow:
    """The row of one line of an export. Raises StoreError that says where."""
    return decode_line(line, ExportRow, where)


def is_ours(row: ExportRow) -> bool:
    """Whether corpus pushed this row."""
    return isinstance(row.corpus_id, str) and isinstance(row.text, str) and bool(row.corpus_mark)


def row_spans(row: ExportRow) -> list[Triple]:
    """The row's spans as Doccano stores them, in either of its two shapes, sorted."""
    if row.label is not None:
        return sorted((int(start), int(end), str(label)) for start, end, label in row.label)
    return sorted(
        (int(one["start_offset"]), int(one["end_offset"]), str(one["label"]))
        for one in row.entities or ()
    )


def row_comments(row: ExportRow) -> tuple[str, ...]:
    """The row's comments, in the order of the export."""
    texts = (one.get("comment") if isinstance(one, dict) else one for one in row.comments or ())
    return tuple(str(text) for text in texts)


def from_page_offsets(text: str, spans: Iterable[Triple], *, graphemes: bool) -> list[Triple]:
    """The spans in code points. Raises OffsetError for one that the text cannot hold."""
    spans = list(spans)
    offsets: list[Span] = [(start, end) for start, end, _ in spans]
    if graphemes:
        converted = from_borders(grapheme_borders(text), offsets)
    else:
        converted = from_utf16(text, offsets)
    return [(s, e, label) for (s, e), (_, _, label) in zip(converted, spans, strict=True)]


def read_mentions(
    text: str, spans: Sequence[Triple], known: Layer | None, *, graphemes: bool
) -> tuple[list[Mention], list[tuple[Triple, str]]]:
    """The mentions behind an annotator's spans, and the spans that no text holds, with the reason.

    A mention that equals one of the layer `known` (same span and label) keeps its id, candidates
    and source. It has no link: who marks spans judges no link. Others have an empty id.
    """
    twins: dict[Triple, list[Mention]] = {}
    for mention in known.mentions if known else ():
        twins.setdefault((mention.start, mention.end, mention.label), []).append(mention)
    refused: list[tuple[Triple, str]] = []
    try:
        converted = from_page_offsets(text, spans, graphemes=graphemes)
    except OffsetError:
        converted, refused = _convert_singly(text, spans, graphemes)
    mentions = []
    for start, end, label in converted:
        twin = twins.get((start, end, label))
        if twin:
            mentions.append(msgspec.structs.replace(twin.pop(0), links=()))
        else:
            mentions.append(Mention(id="", start=start, end=end, label=label))
    return mentions, refused


def _convert_singly(
    text: str, spans: Sequence[Triple], graphemes: bool
) -> tuple[list[Triple], list[tuple[Triple, str]]]:
    converted: list[Triple] = []
    refused: list[tuple[Triple, str]] = []
    for span in spans:
        try:
            converted += from_page_offsets(text, [span], graphemes=graphemes)
        except CorpusError as error:
            refused.append((span, error.message))
    return converted, refused
