"""The nouns that everything passes around; text stands apart from its annotations.

Every offset is a Unicode code point of `Document.text`, end exclusive. Records are frozen
and slotted; their JSON is what `store` reads and writes and `schemas/` describes. A record
type carries its version (`document/1`), so that a file of another version is named as such.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

NIL = "NIL"
"""The link target that says: judged to be absent from the knowledge base."""

Role = Literal["literal", "metonymic"]
State = Literal["confirmed", "touched", "untouched"]
Task = Literal["spans", "links"]
Meta = dict[str, Any]


class Token(NamedTuple):
    """One token: text[start:end], and whether one U+0020 that is no token follows it."""

    start: int
    end: int
    space_after: bool


class Candidate(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One entity offered for a mention: prior P(entity | alias) and the score it ranks by."""

    kb_id: str
    prior: float
    score: float
    label: str = ""


class Link(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """The chosen kb_id, or NIL; `kb` and `kb_hash` name the knowledge base it was chosen from."""

    target: str
    role: Role = "literal"
    kb: str = ""
    kb_hash: str = ""


class Mention(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A labelled span of one layer; no link means not judged, NIL means judged absent.

    In gold `votes` are the ids of the votes for and against it, `decisions` the ids of what
    settled them, or `rule:<name>`.
    """

    id: str
    start: int
    end: int
    label: str
    links: tuple[Link, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    source: str = ""
    votes: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


class Layer(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """One author's mentions: `silver` (machine), `annotator:<name>` (a person) or `gold`.

    `state` is what Doccano can prove: confirmed by the person, touched (differs from what
    was pushed), or untouched, which never means "no entities". `round` counts annotation passes.
    `blind`: the suggestions were kept from the annotator, to measure what they do to people.
    """

    name: str
    task: Task = "spans"
    round: int = 1
    state: State | None = None
    comments: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    blind: bool = False


class Document(
    Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="document/1",
):
    """A text that never changes after `convert`, its metadata, tokens, sentences and layers.

    `sha256` is of the text's UTF-8 bytes. `tokens` and `sentences` are None unless the source
    brought them; sentences are (start, end) code points.
    """

    id: str
    text: str
    sha256: str
    lang: str = ""
    meta: Meta = {}
    tokens: tuple[Token, ...] | None = None
    sentences: tuple[tuple[int, int], ...] | None = None
    layers: tuple[Layer, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        # A default is left out of the JSON only if it is the very same object, which it is not
        # after a plain pickle: what comes from a worker process would be written otherwise.
        return _unpickle, (msgspec.msgpack.encode(self),)


def _unpickle(packed: bytes) -> Document:
    return msgspec.msgpack.decode(packed, type=Document)


class Change(
    Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="change/1",
):
    """One entry of a stage's ledger: what was repaired or rejected, where and why.

    `where` is the file, line or offset; `before` and `after` hold what changed (a mention's
    start, end and label, say). A Change without `mention` speaks of the whole document.
    """

    kind: Literal["repaired", "rejected"]
    document: str
    reason: str
    where: str = ""
    layer: str = ""
    mention: str = ""
    before: Meta = {}
    after: Meta = {}


def text_sha256(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def make_document(id: str, text: str, **fields: Any) -> Document:
    """A Document whose sha256 is that of its text."""
    return Document(id=id, text=text, sha256=text_sha256(text), **fields)


def layer_of(document: Document, name: str, task: Task = "spans") -> Layer | None:
    """The document's layer of that name and task, or None."""
    for layer in document.layers:
        if layer.name == name and layer.task == task:
            return layer
    return None


def with_layer(document: Document, layer: Layer) -> Document:
    """The document with this layer, in place of one of equal name, task and round."""
    key = (layer.name, layer.task, layer.round)
    kept = tuple(old for old in document.layers if (old.name, old.task, old.round) != key)
    return msgspec.structs.replace(document, layers=(*kept, layer))


def with_ids(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """The mentions sorted, those with an empty id named `start-end:label`, `#2` … for twins."""
    named = []
    mentions = sort_mentions(mentions)
    seen = {mention.id for mention in mentions}
    for mention in mentions:
        if not mention.id:
            base = f"{mention.start}-{mention.end}:{mention.label}"
            fresh, twin = base, 1
            while fresh in seen:
                twin += 1
                fresh = f"{base}#{twin}"
            seen.add(fresh)
            mention = msgspec.structs.replace(mention, id=fresh)
        named.append(mention)
    return tuple(named)


def count_mentions(document: Document) -> int:
    """The number of mentions in all layers: what the manifests' mention counts count."""
    return sum(len(layer.mentions) for layer in document.layers)


def sort_mentions(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Mentions by start, then longest first, then label and id: the order on disk."""
    return tuple(sorted(mentions, key=lambda m: (m.start, -m.end, m.label, m.id)))


def longest_mentions(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """The longest mentions that do not overlap, by start; ties go to the earlier, then the label.

    What `doc.ents` can hold. The rest still stand in the span group.
    """
    chosen: list[Mention] = []
    starts: list[int] = []
    ends: list[int] = []
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start, m.label, m.id)):
        at = bisect_left(starts, mention.start)
        after_previous = at == 0 or ends[at - 1] <= mention.start
        before_next = at == len(starts) or mention.end <= starts[at]
        if after_previous and before_next:
            starts.insert(at, mention.start)
            ends.insert(at, mention.end)
            chosen.append(mention)
    yield from sorted(chosen, key=lambda m: m.start)


def is_bare_and_sound(document: Document) -> bool:
    """Whether `problems_of` finds nothing, told sooner for a text alone; False may mean either."""
    if document.layers or document.tokens is not None or document.sentences or not document.id:
        return False
    try:
        return document.sha256 == text_sha256(document.text)
    except UnicodeEncodeError:
        return False


def problems_of(document: Document) -> Iterator[str]:
    """What is wrong inside one document: hash, tokens, sentences, spans, ids; nothing if sound."""
    try:
        if document.sha256 != text_sha256(document.text):
            yield "sha256 is not that of the text: the text was changed after convert"
    except UnicodeEncodeError as error:
        yield f"the text holds a lone surrogate at {error.start}"
    if not document.id:
        yield "the document has an empty id"
    if document.tokens is not None:
        yield from _token_problems(document.text, document.tokens)
    size = len(document.text)
    position = 0
    for start, end in document.sentences or ():
        if not position <= start < end <= size:
            yield (
                f"sentence {start}-{end} does not lie between the one before, which ends at "
                f"{position}, and the end of the text at {size}"
            )
        position = end
    names: set[tuple[str, str, int]] = set()
    for layer in document.layers:
        key = (layer.name, layer.task, layer.round)
        if key in names:
            yield f"layer {layer.name!r} ({layer.task}, round {layer.round}) stands twice"
        names.add(key)
        if not layer.name:
            yield "a layer has an empty name"
        yield from _mention_problems(layer, size)


def _token_problems(text: str, tokens: Iterable[Token]) -> Iterator[str]:
    position = 0
    for token in tokens:
        if token.start != position or not token.start < token.end <= len(text):
            yield f"token {token.start}-{token.end} does not follow the one before at {position}"
            return
        position = token.end + token.space_after
        if token.space_after and text[token.end : position] != " ":
            yield f"token {token.start}-{token.end} says that a blank follows, the text does not"
            return
    if position != len(text):
        yield f"the tokens end at {position}, the text at {len(text)}"


def _mention_problems(layer: Layer, size: int) -> Iterator[str]:
    ids: set[str] = set()
    for mention in layer.mentions:
        if not mention.id:
            yield f"a mention of layer {layer.name!r} at {mention.start}-{mention.end} has no id"
        if not 0 <= mention.start < mention.end <= size:
            yield (
                f"mention {mention.id} of layer {layer.name!r} at {mention.start}-{mention.end} "
                f"lies outside the text of {size} code points"
            )
        if not mention.label.strip():
            yield f"mention {mention.id} of layer {layer.name!r} has an empty label"
        if mention.id in ids:
            yield f"mention id {mention.id} stands twice in layer {layer.name!r}"
        for link in mention.links:
            if not link.target:
                yield (
                    f"mention {mention.id} of layer {layer.name!r} has a link without target; NIL "
                    "says absent, no link says not judged"
                )
        ids.add(mention.id)
