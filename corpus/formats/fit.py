"""A Document as a format can hold it, and everything that this costs: what `Keeps` says, applied.

An export writes the fitted document, reads the file again, and must find exactly that: so what
is lost is what the ledger lists, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from corpus.formats.changes import MentionChanges
from corpus.formats.keeps import Keeps, Unfit, Wish
from corpus.formats.layers import choose_layer
from corpus.formats.tally import Tally
from corpus.model import (
    NIL,
    Document,
    Layer,
    Link,
    Mention,
    count_mentions,
    sort_mentions,
    with_ids,
)

UNNAMED = "gold"
"""The layer's name after reading a format that holds none."""

UNLABELLED = "ENTITY"
"""The label after reading a format that holds none."""


class Fitted(NamedTuple):
    """The document as the format holds it, or None where it holds nothing of it.

    `mentions` were to be written: those of the chosen layer, or of all where several fit.
    """

    document: Document | None
    mentions: int
    tally: Tally


def fit_document(document: Document, wish: Wish) -> Fitted:
    """The document reduced to what the format holds, each loss listed or counted in the tally.

    What concerns one mention or document is a Change; what the format holds of no document is
    counted. Mentions of layers that were not chosen are counted: they stay where they are.
    """
    tally = Tally()
    if wish.keeps.layers:
        return _fit_all(document, wish, tally)
    layer = choose_layer(document, wish.layer)
    if layer is None:
        name = repr(wish.layer) if wish.layer else "to write"
        reason = f"it has no layer {name}; without one it would read as having no entities"
        return _nothing(document, (), reason)
    for other in document.layers:
        if other is not layer:
            tally.note(f"mentions of layer {other.name!r}, not exported", len(other.mentions))
    changes = MentionChanges(document, layer)
    layer = replace(layer, mentions=tuple(_fit_mentions(document, layer, wish, changes, tally)))
    alone = replace(document, layers=(layer,))
    try:
        alone = _fit_text(alone, wish, changes, tally)
    except ValueError as error:
        return _nothing(document, changes.mentions, str(error))
    reason = wish.unfit(alone, None) if wish.unfit else ""
    if reason:
        return _nothing(document, changes.mentions, reason)
    alone = _fit_fields(alone, wish, tally)
    tally.take(changes.listed())
    return Fitted(alone, len(changes.mentions), tally)


def _fit_text(document: Document, wish: Wish, changes: MentionChanges, tally: Tally) -> Document:
    if wish.keeps.text in ("words", "spaced words"):
        from corpus.formats.words import as_words

        return as_words(document, wish, changes, tally)
    if wish.keeps.text == "sentences":
        from corpus.formats.sentences import as_sentences

        return as_sentences(document, wish, changes, tally)
    return document


def _fit_all(document: Document, wish: Wish, tally: Tally) -> Fitted:
    mentions = count_mentions(document)
    if wish.misaligned != "split":
        from corpus.formats.tokens import fit_to_tokens, make_doc

        fitted = fit_to_tokens(document, make_doc(document), wish.misaligned)
        tally.take(fitted.changes)
        document = fitted.document
    if wish.keeps.makes_sentences and document.sentences is None:
        from corpus.formats.tokens import rule_sentences

        document = replace(document, sentences=rule_sentences(document))
        tally.note("documents whose sentences spaCy's sentencizer made")
    return Fitted(document, mentions, tally)


def _nothing(document: Document, mentions: tuple[Mention, ...], reason: str) -> Fitted:
    tally = Tally()
    only = Layer("", mentions=mentions)
    tally.reject_document(replace(document, layers=(only,)), reason)
    return Fitted(None, len(mentions), tally)


def _fit_mentions(
    document: Document, layer: Layer, wish: Wish, changes: MentionChanges, tally: Tally
) -> Iterator[Mention]:
    held = list(sort_mentions(layer.mentions))
    if wish.unfit is not None:
        held = [m for m in held if not _refused(document, m, wish.unfit, changes)]
    for mention in held:
        yield _fit_mention(mention, wish, changes, tally)


def _refused(document: Document, mention: Mention, unfit: Unfit, changes: MentionChanges) -> bool:
    reason = unfit(document, mention)
    if reason:
        changes.add("rejected", mention, reason)
    return bool(reason)


def _fit_mention(mention: Mention, wish: Wish, changes: MentionChanges, tally: Tally) -> Mention:
    keeps, title = wish.keeps, wish.title
    fitted = mention
    if not keeps.labels and mention.label != UNLABELLED:
        tally.note(f"mentions whose label {title} cannot hold")
        fitted = replace(fitted, label=UNLABELLED)
    if not keeps.candidates and mention.candidates:
        tally.note(f"mentions whose candidates {title} cannot hold")
        fitted = replace(fitted, candidates=())
    if not keeps.sources and (mention.source or mention.votes or mention.decisions):
        tally.note(f"mentions whose source and votes {title} cannot hold")
        fitted = replace(fitted, source="", votes=(), decisions=())
    if mention.links and keeps.links == "none":
        tally.note(f"mentions whose links {title} cannot hold")
        return replace(fitted, links=())
    links = tuple(_fit_links(mention.links, keeps))
    if links != mention.links:
        reduced = replace(fitted, links=links)
        changes.add("repaired", mention, f"not all its links fit {title}", reduced)
        fitted = reduced
    if not keeps.kb and any(link.kb or link.kb_hash for link in links):
        tally.note(f"mentions whose links' knowledge base {title} cannot name")
        fitted = replace(fitted, links=tuple(replace(one, kb="", kb_hash="") for one in links))
    return fitted


def _fit_links(links: tuple[Link, ...], keeps: Keeps) -> Iterator[Link]:
    seen: set[str] = set()
    for link in sorted(links, key=lambda one: one.role) if keeps.links != "all" else links:
        if (link.role == "metonymic" and not keeps.roles) or (link.target == NIL and not keeps.nil):
            continue
        kind = {"one": "any", "one a role": link.role}.get(keeps.links)
        if kind in seen:
            continue
        if kind:
            seen.add(kind)
        yield link


def _fit_fields(document: Document, wish: Wish, tally: Tally) -> Document:
    """The document without the fields that the format holds of none."""
    keeps, title = wish.keeps, wish.title
    (layer,) = document.layers
    for field, empty in (("lang", ""), ("meta", {}), ("tokens", None), ("sentences", None)):
        if not getattr(keeps, field) and getattr(document, field) != empty:
            what = "language" if field == "lang" else field
            tally.note(f"documents whose {what} {title} cannot hold")
            document = replace(document, **{field: empty})
    if keeps.text == "exact" and not keeps.all:
        # No tokens at all, or none of an empty text: a list of annotations does not tell.
        tokens, sentences = document.tokens or None, document.sentences or None
        document = replace(document, tokens=tokens, sentences=sentences)
    if not keeps.layer and layer != Layer(UNNAMED, mentions=layer.mentions):
        tally.note(f"layers whose name, state or comments {title} cannot hold")
        layer = Layer(UNNAMED, mentions=layer.mentions)
    mentions = sort_mentions(layer.mentions)
    if not keeps.mention_ids:
        fresh = with_ids(replace(mention, id="") for mention in mentions)
        pairs = zip(mentions, fresh, strict=True)
        tally.note(f"mentions whose id {title} cannot hold", sum(a.id != b.id for a, b in pairs))
        mentions = fresh
    return replace(document, layers=(replace(layer, mentions=mentions),))
