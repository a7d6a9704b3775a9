"""Docs that spaCy or another tool put into a DocBin, read through spaCy's own Doc."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import srsly
from spacy.attrs import DEP, HEAD, LEMMA, MORPH, ORTH, POS, TAG
from spacy.tokens import Doc
from spacy.vocab import Vocab

from corpus.formats.docbin_fields import DocBinRow
from corpus.formats.docbin_record import plain_links
from corpus.formats.tokens import token_borders
from corpus.manifest import Stage
from corpus.model import Change, Document, Layer, Mention, Token, make_document, with_ids

_NOT_CARRIED = {
    TAG: "TAG",
    POS: "POS",
    MORPH: "MORPH",
    LEMMA: "LEMMA",
    DEP: "DEP",
    HEAD: "HEAD",
}


class ForeignReader:
    """Docs of one foreign DocBin as Documents; holds the vocabulary that they share."""

    def __init__(
        self, attrs: Sequence[int], strings: Iterable[str], *, layer: str, stage: Stage | None
    ) -> None:
        self._attrs = list(attrs)
        self._unused_strings = list(strings)
        self._vocab: Any = None
        self._layer = layer
        self._stage = stage

    def read(self, row: DocBinRow, fallback_id: str) -> Document:
        """The row as a Document: text, tokens, sentences, entities, span groups, user data."""
        if self._vocab is None:
            self._vocab = Vocab()
            for string in self._unused_strings:
                self._vocab.strings.add(string)
            self._unused_strings.clear()
        doc = self._doc(row)
        meta, id, lang = self._user_data(row, fallback_id)
        starts, ends = token_borders(doc)
        spaces = [bool(token.whitespace_) for token in doc]
        self._note_columns(row)
        return make_document(
            id,
            doc.text,
            lang=lang,
            meta=meta,
            tokens=tuple(map(Token, starts, ends, spaces)),
            sentences=_sentences(doc),
            layers=tuple(self._layers(doc, id)),
        )

    def _doc(self, row: DocBinRow) -> Any:
        spaces = None if row.unknown_spaces else row.spaces.tolist()
        orths = row.tokens[:, self._attrs.index(ORTH)]
        doc = Doc(self._vocab, words=orths, spaces=spaces)
        doc.from_array(self._attrs, row.tokens)
        if row.groups:
            doc.spans.from_bytes(row.groups)
        return doc

    def _user_data(self, row: DocBinRow, fallback_id: str) -> tuple[dict[str, Any], str, str]:
        meta: dict[str, Any] = {}
        id, lang = fallback_id, ""
        data = srsly.msgpack_loads(row.user_data, use_list=False) if row.user_data else {}
        for key, value in dict(data).items():
            plain = _as_json(value)
            if key == "id" and isinstance(value, str | int) and str(value):
                id = str(value)
            elif key == "lang" and isinstance(value, str):
                lang = value
            elif isinstance(key, str) and plain is not msgspec.UNSET:
                meta[key] = plain
            else:
                self._note("user data of spaCy that is no JSON, not carried")
        if row.cats:
            meta.setdefault("cats", dict(row.cats))
        return meta, id, lang

    def _layers(self, doc: Any, id: str) -> Iterator[Layer]:
        groups = {
            name: Layer(name, mentions=self._mentions(group, id, name))
            for name, group in doc.spans.items()
        }
        if any(token.ent_iob for token in doc):
            mentions = self._mentions(doc.ents, id, self._layer)
            twin = groups.get(self._layer)
            facts = {(m.start, m.end, m.label) for m in twin.mentions} if twin else set()
            # A group of the layer's name that holds the entities too says it all.
            if twin is None or not {(m.start, m.end, m.label) for m in mentions} <= facts:
                name = self._layer if twin is None else f"{self._layer}:ents"
                yield Layer(name, mentions=mentions)
        yield from groups.values()

    def _mentions(self, spans: Iterable[Any], id: str, layer: str) -> tuple[Mention, ...]:
        mentions = []
        seen: set[str] = set()
        for span in spans:
            name = span.id_ if span.id_ not in seen else ""
            seen.add(name)
            mention = Mention(
                name, span.start_char, span.end_char, span.label_, plain_links(span.kb_id_)
            )
            if mention.start >= mention.end:
                self._reject(mention, id, layer, "it covers no token")
            elif not mention.label.strip():
                self._reject(mention, id, layer, "it has no label")
            else:
                mentions.append(mention)
        return with_ids(mentions)

    def _reject(self, mention: Mention, id: str, layer: str, reason: str) -> None:
        if self._stage is None:
            return
        self._stage.mentions.received += 1
        self._stage.mentions.rejected += 1
        where = f"{mention.start}-{mention.end}"
        before = {"start": mention.start, "end": mention.end, "label": mention.label}
        self._stage.record(Change("rejected", id, reason, where, layer, mention.id, before=before))

    def _note_columns(self, row: DocBinRow) -> None:
        for attr, name in _NOT_CARRIED.items():
            if attr in self._attrs and row.tokens[:, self._attrs.index(attr)].any():
                self._note(f"documents with {name} of tokens, not carried")

    def _note(self, name: str) -> None:
        if self._stage is not None:
            notes = self._stage.manifest.notes
            notes[name] = notes.get(name, 0) + 1


def _sentences(doc: Any) -> tuple[tuple[int, int], ...] | None:
    # Of a single token spaCy always says that it is annotated.
    if len(doc) < 2 or not doc.has_annotation("SENT_START"):
        return None
    return tuple((sent.start_char, sent.end_char) for sent in doc.sents)


def _as_json(value: object) -> Any:
    """The value as JSON reads it back; UNSET where JSON cannot hold it."""
    try:
        return msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, ValueError, msgspec.MsgspecError):
        return msgspec.UNSET
