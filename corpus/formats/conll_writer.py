"""Documents as CoNLL: see `conll` for a sample of the format.

Two columns divided by a tab, IOB2 tags, `-DOCSTART- (id)` before each document: readers that
know nothing of ids pass over that line. Tokens that are blanks are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from corpus.files import atomic_output
from corpus.formats.conll import DOCSTART
from corpus.formats.layers import choose_layer, shown_mentions
from corpus.formats.tally import Tally, settle
from corpus.formats.tokens import (
    Misaligned,
    fit_to_tokens,
    make_doc,
    token_borders,
)
from corpus.manifest import Stage
from corpus.model import Change, Document, Layer, Mention
from corpus.offsets import token_range

_BREAKS = re.compile(r"[\t\n\r]")


def write_conll(
    documents: Iterable[Document],
    path: str | Path,
    *,
    layer: str | None = None,
    misaligned: Misaligned = "split",
    stage: Stage | None = None,
) -> int:
    """The number of documents now in the CoNLL file, which appears whole or not at all.

    `layer` is the one written (see `choose_layer`). What CoNLL cannot hold is a reject: other
    layers' mentions, those that overlap a longer one, a document that has no layer to write.
    `stage` is told, having counted it as kept; without one a reject raises DataError.
    """
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            tally = Tally()
            try:
                text = "".join(_written(document, layer, misaligned, tally))
            except ValueError as error:
                tally = Tally()
                tally.reject_document(document, str(error))
            else:
                sink.write(text.encode("utf-8"))
                count += 1
            settle(tally, stage, path)
    return count


def _written(
    document: Document, name: str | None, misaligned: Misaligned, tally: Tally
) -> Iterator[str]:
    chosen = choose_layer(document, name)
    if chosen is None:
        raise ValueError("it has no layer to write; without one every token would read as O")
    if _BREAKS.search(document.id):
        raise ValueError("its id holds a tab or a line break")
    for other in document.layers:
        if other is not chosen:
            tally.take(_left_out(document, other, other.mentions, "CoNLL holds one layer"))
    alone = msgspec.structs.replace(document, layers=(chosen,))
    fitted = fit_to_tokens(alone, make_doc(document), misaligned)
    (layer,) = fitted.document.layers
    writable = [mention for mention in layer.mentions if not _BREAKS.search(mention.label)]
    shown = shown_mentions(document.text, msgspec.structs.replace(layer, mentions=tuple(writable)))
    held = {mention.id for mention in shown}
    # A mention that was repaired, but is not written after all, is a reject alone.
    tally.take(c for c in fitted.changes if c.kind == "rejected" or c.mention in held)
    rest = [mention for mention in layer.mentions if mention.id not in held]
    reason = "it overlaps a longer mention, or begins or ends with a blank"
    tally.take(_left_out(document, layer, rest, reason))
    links = sum(bool(mention.links) for mention in shown)
    tally.note("mentions whose links CoNLL cannot hold", links)
    yield f"{DOCSTART} ({document.id})\n\n"
    yield from _rows(document, fitted.doc, shown)


def _left_out(
    document: Document, layer: Layer, mentions: Iterable[Mention], reason: str
) -> Iterator[Change]:
    for mention in mentions:
        where = f"{mention.start}-{mention.end}"
        before = {"start": mention.start, "end": mention.end, "label": mention.label}
        yield Change("rejected", document.id, reason, where, layer.name, mention.id, before=before)


def _rows(document: Document, doc: object, mentions: Sequence[Mention]) -> Iterator[str]:
    text = document.text
    starts, ends = token_borders(doc)
    tags = ["O"] * len(starts)
    for mention in mentions:
        found = token_range(starts, ends, mention.start, mention.end)
        if found is None:
            raise ValueError(f"mention {mention.id} fits no tokens")
        first, last = found
        tags[first:last] = [f"I-{mention.label}"] * (last - first)
        tags[first] = f"B-{mention.label}"
    breaks = {start for start, _ in document.sentences or ()}
    row = ""
    for start, end, tag in zip(starts, ends, tags, strict=True):
        word = text[start:end]
        if row and start in breaks:
            yield "\n"
        if word.isspace():
            continue
        if word == DOCSTART or _BREAKS.search(word):
            raise ValueError(f"token {start}-{end} is nothing that CoNLL can hold")
        row = f"{word}\t{tag}\n"
        yield row
    yield "\n"
