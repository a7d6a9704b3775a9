"""Mentions and sentences as spaCy stores them: token columns and span groups.

Source: spacy/tokens/span_group.pyx and spacy/tokens/_dict_proxies.py.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from spacy.attrs import ENT_IOB, ENT_KB_ID, ENT_TYPE
from spacy.strings import get_string_id

from corpus.formats.docbin_record import kb_id_of
from corpus.model import Layer, Mention
from corpus.offsets import token_range

Array = npt.NDArray[np.uint64]

ENTITY_ATTRS = tuple(sorted((ENT_IOB, ENT_TYPE, ENT_KB_ID)))
NO_GROUPS = msgspec.msgpack.encode([])
_INSIDE, _OUTSIDE, _BEGIN = 1, 2, 3  # spaCy's ENT_IOB; 0 is not annotated
_NOT_START = np.uint64(2**64 - 1)  # SENT_START -1


def entity_columns(
    mentions: Sequence[Mention], starts: Sequence[int], ends: Sequence[int]
) -> Array:
    """ENTITY_ATTRS of every token: these mentions and, elsewhere, no entity."""
    columns = np.zeros((len(starts), len(ENTITY_ATTRS)), dtype=np.uint64)
    iob, label, kb_id = (columns[:, ENTITY_ATTRS.index(a)] for a in (ENT_IOB, ENT_TYPE, ENT_KB_ID))
    iob[:] = _OUTSIDE
    for mention in mentions:
        first, last = _tokens_of(mention, starts, ends)
        iob[first:last] = _INSIDE
        iob[first] = _BEGIN
        label[first:last] = get_string_id(mention.label)
        kb_id[first:last] = get_string_id(kb_id_of(mention))
    return columns


def _tokens_of(mention: Mention, starts: Sequence[int], ends: Sequence[int]) -> tuple[int, int]:
    found = token_range(starts, ends, mention.start, mention.end)
    if found is None:
        raise ValueError(f"mention {mention.id} at {mention.start}-{mention.end} fits no tokens")
    return found


def sentence_starts(sentences: Sequence[tuple[int, int]], starts: Sequence[int]) -> Array:
    """SENT_START of every token: 1 where a sentence starts, and at the first token."""
    column = np.full(len(starts), _NOT_START, dtype=np.uint64)
    begun = {start for start, _ in sentences}
    column[[at for at, start in enumerate(starts) if at == 0 or start in begun]] = 1
    return column


def sentences_of(
    column: Array, starts: Sequence[int], ends: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """The sentences (start, end) in code points that a SENT_START column says."""
    firsts = np.flatnonzero(column == 1).tolist()
    lasts = [*firsts, len(starts)][1:]
    return tuple((starts[first], ends[last - 1]) for first, last in zip(firsts, lasts, strict=True))


def span_groups(
    layers: Sequence[Layer], names: Sequence[str], starts: Sequence[int], ends: Sequence[int]
) -> bytes:
    """SpanGroups.to_bytes: a map from each group's bytes to the names that it goes by."""
    if not layers:
        return NO_GROUPS
    groups: dict[bytes, list[str]] = {}
    for layer, name in zip(layers, names, strict=True):
        spans = [_span(mention, starts, ends) for mention in layer.mentions]
        group = {"name": name, "attrs": {}, "spans": spans}
        groups[msgspec.msgpack.encode(group)] = [name]
    return msgspec.msgpack.encode(groups)


def _span(mention: Mention, starts: Sequence[int], ends: Sequence[int]) -> bytes:
    """SpanGroup.to_bytes: id, kb_id, label, start, end, start_char, end_char; big-endian."""
    first, last = _tokens_of(mention, starts, ends)
    hashes = map(get_string_id, (mention.id, kb_id_of(mention), mention.label))
    return struct.pack(">QQQllll", *hashes, first, last, mention.start, mention.end)
