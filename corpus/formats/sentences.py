"""Documents as formats hold them that give the text sentence by sentence, with places kept."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from corpus.formats.changes import MentionChanges
from corpus.formats.keeps import Wish
from corpus.formats.tally import Tally
from corpus.formats.tokens import fit_to_tokens, make_doc
from corpus.model import Document, make_document

Spans = list[tuple[int, int]]


def as_sentences(document: Document, wish: Wish, changes: MentionChanges, tally: Tally) -> Document:
    """The document of one layer, in sentences that hold every word.

    Nothing moves: what stands between sentences becomes blanks, what follows the last is cut. A
    mention that begins or ends with a blank is a reject.
    Raises ValueError where the tokens do not give the text back.
    """
    (layer,) = document.layers
    fitted = fit_to_tokens(document, make_doc(document), wish.misaligned)
    by_id = {mention.id: mention for mention in layer.mentions}
    for change in fitted.changes:
        changes.add(change.kind, by_id[change.mention], change.reason)
    text = document.text
    borders = zip(fitted.starts, fitted.ends, strict=True)
    words = [(start, end) for start, end in borders if not text[start:end].isspace()]
    mentions = []
    for mention in fitted.document.layers[0].mentions:
        surface = text[mention.start : mention.end]
        if surface[0].isspace() or surface[-1].isspace():
            changes.add("rejected", by_id[mention.id], "it begins or ends with a blank")
        else:
            mentions.append(mention)
    sentences = _sentences(document, words)
    if document.sentences is None and words:
        tally.note(f"documents without sentences, one sentence in {wish.title}")
    if document.tokens is not None:
        tally.note(f"documents whose tokens {wish.title} cannot hold")
    written = _blanked(text, sentences)
    if written != text:
        tally.note(f"documents whose blanks {wish.title} cannot hold exactly")
    return make_document(
        document.id,
        written,
        lang=document.lang,
        meta=document.meta,
        sentences=tuple(sentences) or None,
        layers=(replace(layer, mentions=tuple(mentions)),),
    )


def _sentences(document: Document, words: Spans) -> Spans:
    firsts = [0] if words else []
    for start, _ in document.sentences or ():
        found = next((at for at, word in enumerate(words) if word[0] >= start), 0)
        if firsts and found > firsts[-1]:
            firsts.append(found)
    return [
        (words[first][0], words[last - 1][1]) for first, last in pairwise([*firsts, len(words)])
    ]


def _blanked(text: str, sentences: Spans) -> str:
    parts, at = [], 0
    for start, end in sentences:
        # As many units of UTF-16 as stood there: blanks outside of sentences are never astral.
        parts += [" " * (start - at), text[start:end]]
        at = end
    return "".join(parts)
