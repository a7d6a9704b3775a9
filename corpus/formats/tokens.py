"""Documents and tokens: which tokens a text has, and mentions brought onto their borders."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import spacy
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Doc

from corpus.formats.keeps import Misaligned
from corpus.model import Change, Document, Mention, Token
from corpus.offsets import covering_range, token_range

NOT_LEARNABLE = "kept in the file, not learnable by this tokenizer"
NEUTRAL = "xx"
_REMEMBERED = 1 << 17  # words of which a tokenizer keeps the tokens, about 100 bytes each
_HELD = 1 << 19  # words of a vocabulary, 300 bytes each: a large corpus has ever more of them


class Fitted(NamedTuple):
    """A document whose mentions all lie on token borders.

    The tokens are those of the Doc, but for what stands in `pieces`, by number, in the place of
    one; `starts` and `ends` are their borders in code points. `split` are the mentions for which
    tokens were split; `changes` lists each mention that was repaired or rejected on the way.
    """

    document: Document
    starts: list[int]
    ends: list[int]
    pieces: dict[int, list[Token]]
    split: tuple[Mention, ...]
    changes: tuple[Change, ...]


@cache
def blank_language(lang: str) -> Any:
    """spaCy's blank pipeline of a language code; `xx` where it has none that works here.

    A language is without one if spaCy does not know it, or if its tokenizer needs a package that
    is not installed (Japanese, Korean, Thai, Vietnamese). Its words have no attributes (shape,
    like_num …): no tokenizer asks for them, and they take half the time of a new word. Its
    tokenizer remembers more words than spaCy's 10,000, the first that come: a corpus has more.
    """
    code = lang.replace("_", "-").partition("-")[0].lower()
    try:
        nlp = spacy.blank(code or NEUTRAL)
    except ImportError:
        nlp = spacy.blank(NEUTRAL)
    nlp.vocab.lex_attr_getters = {}
    if hasattr(nlp.tokenizer, "max_cache_size"):  # some languages have a tokenizer of their own
        nlp.tokenizer.max_cache_size = _REMEMBERED
    return nlp


def has_tokenizer(lang: str) -> bool:
    """Whether `blank_language` is that language's own, or none was asked for."""
    return lang in ("", NEUTRAL) or blank_language(lang).lang != NEUTRAL


def make_doc(document: Document) -> Any:
    """A spaCy Doc of exactly the document's text, with its tokens or its language's.

    Raises ValueError where the tokens do not give the text back, or spaCy cannot hold it.
    """
    nlp = _language_with_room(document.lang)
    if document.tokens is not None:
        return _doc_of(nlp, document.text, document.tokens)
    doc = nlp.tokenizer(document.text)
    if _size(doc) != len(document.text):
        # A tokenizer of its own may lose blanks; the neutral one never does.
        doc = blank_language(NEUTRAL).tokenizer(document.text)
    return doc


def _language_with_room(lang: str) -> Any:
    """The blank pipeline of a language, made anew where its vocabulary is full.

    A Doc keeps the vocabulary that it was made with, and a word has the same hash in all.
    """
    nlp = blank_language(lang)
    if len(nlp.vocab) > _HELD:
        blank_language.cache_clear()
        nlp = blank_language(lang)
    return nlp


@cache
def _sentencizer() -> Any:
    return spacy.blank(NEUTRAL).create_pipe("sentencizer")


def rule_sentences(document: Document) -> tuple[tuple[int, int], ...]:
    """The sentences that spaCy's rule-based sentencizer finds: each ends at `.`, `!` or `?`."""
    doc = _sentencizer()(make_doc(document))
    return tuple((sentence.start_char, sentence.end_char) for sentence in doc.sents)


def _doc_of(nlp: Any, text: str, tokens: Sequence[tuple[int, int, bool]]) -> Any:
    words = [text[start:end] for start, end, _ in tokens]
    spaces = [space for _, _, space in tokens]
    if "".join(w + " " if s else w for w, s in zip(words, spaces, strict=True)) != text:
        raise ValueError("its tokens do not give back its text")
    return Doc(nlp.vocab, words=words, spaces=spaces)


def _size(doc: Any) -> int:
    if not len(doc):
        return 0
    last = doc[-1]
    return int(last.idx) + len(last.text_with_ws)


def token_borders(doc: Any) -> tuple[list[int], list[int]]:
    """Where the tokens of a Doc start and end, in code points."""
    borders = doc.to_array([IDX, LENGTH]).astype("int64")
    return borders[:, 0].tolist(), (borders[:, 0] + borders[:, 1]).tolist()


def fit_to_tokens(document: Document, doc: Any, misaligned: Misaligned) -> Fitted:
    """The document and tokens changed as `misaligned` says, until every mention fits.

    split: tokens are split at the mention's borders. expand: the mention grows to the tokens
    that it touches. reject: it is left out. A mention outside the text is always left out.
    """
    starts, ends = token_borders(doc)
    changes: list[Change] = []
    cut: list[Mention] = []
    layers = []
    for layer in document.layers:
        mentions = []
        for mention in layer.mentions:
            fitted, change = _fit(mention, starts, ends, document.text, misaligned)
            if change is not None:
                changes.append(
                    msgspec.structs.replace(change, document=document.id, layer=layer.name)
                )
            if fitted is not None:
                mentions.append(fitted)
                if change is not None and misaligned == "split":
                    cut.append(fitted)
        layers.append(msgspec.structs.replace(layer, mentions=tuple(mentions)))
    if changes:
        document = msgspec.structs.replace(document, layers=tuple(layers))
    pieces = _cut_tokens(starts, ends, len(document.text), cut) if cut else {}
    for at in sorted(pieces, reverse=True):
        starts[at : at + 1] = [piece.start for piece in pieces[at]]
        ends[at : at + 1] = [piece.end for piece in pieces[at]]
    return Fitted(document, starts, ends, pieces, tuple(cut), tuple(changes))


def _fit(
    mention: Mention, starts: Sequence[int], ends: Sequence[int], text: str, misaligned: Misaligned
) -> tuple[Mention | None, Change | None]:
    start, end = mention.start, mention.end
    if not 0 <= start < end <= len(text):
        return None, _rejected(mention, f"it lies outside the text of {len(text)} code points")
    if token_range(starts, ends, start, end) is not None:
        return mention, None
    if misaligned == "reject":
        return None, _rejected(mention, "its borders are not token borders")
    first, last = covering_range(starts, ends, start, end)
    if misaligned == "split":
        old = [text[starts[at] : ends[at]] for at in range(first, last)]
        borders = sorted({start, end, *starts[first:last], *ends[first:last]})
        # The blank between two tokens is none, unless the mention cuts there.
        between = {*ends[first:last]} - {*starts[first:last]}
        new = [
            text[s:e] for s, e in pairwise(borders) if s not in between or s == start or e == end
        ]
        return mention, _repaired(mention, NOT_LEARNABLE, {"tokens": old}, {"tokens": new})
    if first == last:
        return None, _rejected(mention, "it holds no token to grow to")
    grown = msgspec.structs.replace(mention, start=starts[first], end=ends[last - 1])
    return grown, _repaired(mention, "expanded to token borders", _facts(mention), _facts(grown))


def _facts(mention: Mention) -> dict[str, Any]:
    return {"start": mention.start, "end": mention.end, "label": mention.label}


def _repaired(
    mention: Mention, reason: str, before: dict[str, Any], after: dict[str, Any]
) -> Change:
    where = f"{mention.start}-{mention.end}"
    return Change("repaired", "", reason, where, mention=mention.id, before=before, after=after)


def _rejected(mention: Mention, reason: str) -> Change:
    where = f"{mention.start}-{mention.end}"
    return Change("rejected", "", reason, where, mention=mention.id, before=_facts(mention))


def _cut_tokens(
    starts: Sequence[int], ends: Sequence[int], size: int, cut: Sequence[Mention]
) -> dict[int, list[Token]]:
    """What stands in the place of each token that is cut at a border of these mentions.

    The blank after a token belongs to no token, so a mention that begins or ends with it makes
    it one.
    """
    blanks = {
        place
        for mention in cut
        for place in (mention.start, mention.end - 1)
        if _holds(ends, place) and not _holds(starts, place)
    }
    touched = {bisect_left(ends, place) for place in blanks}
    inside: dict[int, list[int]] = {}
    for border in sorted({border for mention in cut for border in (mention.start, mention.end)}):
        at = bisect_right(starts, border) - 1
        if starts[at] < border < ends[at]:
            inside.setdefault(at, []).append(border)
    pieces = {}
    for at in touched | inside.keys():
        start, end, found = starts[at], ends[at], []
        for border in inside.get(at, ()):
            found.append(Token(start, border, False))
            start = border
        is_blank_next = (starts[at + 1] if at + 1 < len(starts) else size) > end
        found.append(Token(start, end, is_blank_next and end not in blanks))
        if end in blanks:
            found.append(Token(end, end + 1, False))
        pieces[at] = found
    return pieces


def _holds(numbers: Sequence[int], number: int) -> bool:
    """Whether a sorted sequence holds the number."""
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number
