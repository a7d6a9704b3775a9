"""A knowledge base as spaCy's InMemoryLookupKB on disk, for its entity_linker.

It looks mentions up by their exact text, so the rules of matching go into its aliases: each
surface is an alias of its own, with the candidates and priors that it has here.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from math import sqrt
from pathlib import Path

from msgspec import Struct

from corpus.errors import KBError
from corpus.files import atomic_folder
from corpus.kb.candidates import firing
from corpus.kb.cards import Entity
from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import Folding
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import Posting
from corpus.model import NIL, Document

FILES = ("contents", "strings.json")
LENGTH = 64
"""Numbers in a vector of hashed words."""

Encode = Callable[[Sequence[str]], Iterable[Sequence[float]]]
"""Texts -> a vector for each, all of one length."""

_BATCH = 256
_WORD = re.compile(r"\w+")


class Exported(Struct):
    """What stands in spaCy's knowledge base, and what the documents ask for that it has not."""

    entities: int = 0
    aliases: int = 0
    without_description: int = 0
    surfaces_without_candidates: int = 0
    links: int = 0
    links_among_candidates: int = 0


def export_kb(
    kb: KB, output: str | Path, *, encode: Encode, surfaces: Iterable[str] | None = None
) -> Exported:
    """spaCy's knowledge base in the folder, which appears whole or not at all.

    With `surfaces` those alone are aliases, and the entities those that they may mean; else all
    aliases as the sources spell them. Priors of an alias sum to 1. Raises KBError if none is left.
    """
    exported = Exported()
    wanted = sorted(set(surfaces)) if surfaces is not None else kb.alias_texts()
    candidates: dict[str, list[Posting]] = {}
    for surface in wanted:
        postings = kb.lookup(surface)
        found = firing(postings, surface) or postings
        if found:
            candidates[surface] = found
        else:
            exported.surfaces_without_candidates += 1
    if not candidates:
        raise KBError(
            f"{kb.path}: knows none of the surfaces in the documents",
            "give documents with mentions, or no --docs for all aliases",
        )
    numbers = sorted({one.entity for postings in candidates.values() for one in postings})
    with atomic_folder(output, "a knowledge base") as folder:
        _write(kb, folder, candidates, numbers, encode, exported)
    exported.aliases = len(candidates)
    return exported


def surfaces_of(documents: Iterable[Document], kb: KB, exported: Exported) -> Iterator[str]:
    """The surfaces of all mentions; counts the literal links of gold that a surface can reach."""
    for document in documents:
        for layer in document.layers:
            for mention in layer.mentions:
                surface = document.text[mention.start : mention.end]
                yield surface
                for link in mention.links if layer.name == "gold" else ():
                    if link.role == "literal" and link.target != NIL:
                        exported.links += 1
                        exported.links_among_candidates += _reaches(kb, surface, link.target)


def _reaches(kb: KB, surface: str, target: str) -> bool:
    entity = kb.find(target)
    postings = kb.lookup(surface)
    found = firing(postings, surface) or postings
    return entity is not None and any(one.entity == entity.number for one in found)


def _write(
    kb: KB,
    folder: Path,
    candidates: dict[str, list[Posting]],
    numbers: list[int],
    encode: Encode,
    exported: Exported,
) -> None:
    from spacy.kb import InMemoryLookupKB
    from spacy.vocab import Vocab

    theirs = None
    entities = map(kb.entity, numbers)
    while batch := list(islice(entities, _BATCH)):
        texts = [describe(entity) for entity in batch]
        for entity, vector in zip(batch, encode(texts), strict=True):
            if theirs is None:
                theirs = InMemoryLookupKB(Vocab(), len(vector))
            theirs.add_entity(entity.id, float(entity.count), vector)
            exported.without_description += not entity.description
    exported.entities = len(numbers)
    assert theirs is not None  # candidates are of entities
    for surface, postings in sorted(candidates.items()):
        total = sum(one.weight for one in postings)
        theirs.add_alias(
            surface,
            [kb.entity(one.entity).id for one in postings],
            [one.weight / total for one in postings],
        )
    theirs.to_disk(folder)


def describe(entity: Entity) -> str:
    """What the vector of an entity stands for: its label, type and description."""
    text = entity.label + (f", {entity.type}" if entity.type else "")
    return f"{text}: {entity.description}" if entity.description else text


def hashed_words(folding: Folding, length: int = LENGTH) -> Encode:
    """Vectors of unit length; each word, folded, adds or takes 1 at a place that is its own.

    The same text has the same vector everywhere; texts that share words have vectors near each
    other. Function words do not count. No model is needed, and nothing is in it but the words.
    """

    def encode(texts: Sequence[str]) -> Iterator[Sequence[float]]:
        for text in texts:
            vector = array("f", bytes(4 * length))
            for word in _WORD.findall(folding.fold(text).key):
                if word in COMMON_WORDS:
                    continue
                number = int.from_bytes(
                    hashlib.blake2b(word.encode(), digest_size=8).digest(), "big"
                )
                vector[number % length] += 1 if number >> 63 else -1
            size = sqrt(sum(value * value for value in vector)) or 1.0
            yield [value / size for value in vector]

    return encode


def model_vectors(pipeline: object, name: str) -> Encode:
    """Vectors of a loaded spaCy pipeline: its word vectors, else the mean of its tok2vec.

    Raises KBError where it has neither, as a transformer.
    """

    def encode(texts: Sequence[str]) -> Iterator[Sequence[float]]:
        for doc in pipeline.pipe(texts):  # type: ignore[attr-defined]  # spaCy has no types
            vector = [float(value) for value in doc.vector]
            if not vector:
                raise KBError(
                    f"the pipeline {name!r} gives no vectors (no word vectors, no tok2vec)",
                    "give another --model, or none for vectors of hashed words",
                )
            yield vector

    return encode
