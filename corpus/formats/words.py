"""Documents as formats hold them that have a token a line: the text is what stands in the lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from msgspec.structs import replace

from corpus.formats.changes import MentionChanges
from corpus.formats.keeps import Wish
from corpus.formats.tally import Tally
from corpus.formats.tokens import fit_to_tokens, make_doc
from corpus.model import (
    Document,
    Mention,
    Token,
    longest_mentions,
    make_document,
    sort_mentions,
)
from corpus.offsets import token_range

Spans = list[tuple[int, int]]


def as_words(document: Document, wish: Wish, changes: MentionChanges, tally: Tally) -> Document:
    """The document of one layer over the text that its tokens give, line by line.

    Blank tokens are left out; between two words stands a blank, or what stood there where the
    format says so. Mentions move with their words; one that begins or ends with a blank is a
    reject. Raises ValueError where the tokens do not give the text back.
    """
    (layer,) = document.layers
    fitted = fit_to_tokens(document, make_doc(document), wish.misaligned)
    by_id = {mention.id: mention for mention in layer.mentions}
    for change in fitted.changes:
        mention = by_id[change.mention]
        changes.add(change.kind, mention, change.reason)
    text = document.text
    words = [
        (start, end)
        for start, end in zip(fitted.starts, fitted.ends, strict=True)
        if not text[start:end].isspace()
    ]
    tokens = _tokens(text, words, spaced=wish.keeps.text == "spaced words")
    moved = list(_moved(fitted.document.layers[0].mentions, words, tokens, changes))
    mentions = list(_unnested(moved, by_id, changes, wish))
    written = "".join(
        text[start:end] + " " * token.space_after
        for (start, end), token in zip(words, tokens, strict=True)
    )
    if written != text:
        tally.note(f"documents whose blanks {wish.title} cannot hold exactly")
    if document.tokens is None:
        tally.note(f"documents tokenized to be written as {wish.title}")
    sentences = None
    if wish.keeps.sentences:
        sentences = _sentences(document, words, tokens, mentions, wish, tally)
    return make_document(
        document.id,
        written,
        lang=document.lang,
        meta=document.meta,
        tokens=tokens,
        sentences=sentences,
        layers=(replace(layer, mentions=tuple(mentions)),),
    )


def _moved(
    mentions: Iterable[Mention], words: Spans, tokens: Sequence[Token], changes: MentionChanges
) -> Iterator[Mention]:
    starts, ends = [start for start, _ in words], [end for _, end in words]
    for mention in mentions:
        found = token_range(starts, ends, mention.start, mention.end)
        if found is None:
            changes.add("rejected", mention, "it begins or ends with a blank")
        else:
            start, end = tokens[found[0]].start, tokens[found[1] - 1].end
            yield replace(mention, start=start, end=end)


def _unnested(
    moved: list[Mention], by_id: dict[str, Mention], changes: MentionChanges, wish: Wish
) -> Iterator[Mention]:
    """The longest mentions; where the format nests, those inside one of them too, without links."""
    outer = list(longest_mentions(moved))
    yield from outer
    chosen = {mention.id for mention in outer}
    rest = [mention for mention in moved if mention.id not in chosen]
    inner: set[str] = set()
    if wish.keeps.overlap == "nested":
        inside = (m for m in rest if any(o.start <= m.start and m.end <= o.end for o in outer))
        inner = {mention.id for mention in longest_mentions(inside)}
    for mention in rest:
        if mention.id not in inner:
            changes.add("rejected", by_id[mention.id], "it overlaps a longer mention")
        elif mention.links:
            bare = replace(mention, links=())
            reason = f"{wish.title} holds no links of nested mentions"
            changes.add("repaired", by_id[mention.id], reason, bare)
            yield bare
        else:
            yield mention


def _tokens(text: str, words: Spans, *, spaced: bool) -> tuple[Token, ...]:
    tokens = []
    at = 0
    for (start, end), (following, _) in zip(words, [*words[1:], (-1, -1)], strict=True):
        space = following >= 0 and not (spaced and following == end)
        after = at + end - start
        tokens.append(Token(at, after, space))
        at = after + space
    return tuple(tokens)


def _sentences(
    document: Document,
    words: Spans,
    tokens: tuple[Token, ...],
    mentions: list[Mention],
    wish: Wish,
    tally: Tally,
) -> tuple[tuple[int, int], ...]:
    """The sentences as groups of words; one of all words where the document has none."""
    if document.sentences is None and tokens:
        tally.note(f"documents without sentences, one sentence in {wish.title}")
    firsts = [0] if tokens else []
    starts = [start for start, _ in words]
    in_order = sort_mentions(mentions)
    begins = [mention.start for mention in in_order]
    reach = list(accumulate((mention.end for mention in in_order), max))
    for start, _ in document.sentences or ():
        found = bisect_left(starts, start)
        if not 0 < found < len(tokens) or found <= firsts[-1]:
            continue
        at = tokens[found].start
        before = bisect_left(begins, at)
        if before and reach[before - 1] > at:
            tally.note(f"sentence borders inside a mention, which {wish.title} cannot hold")
        else:
            firsts.append(found)
    return tuple(_spans(firsts, tokens))


def _spans(firsts: list[int], tokens: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
    for first, last in zip(firsts, [*firsts[1:], len(tokens)], strict=False):
        yield tokens[first].start, tokens[last - 1].end
