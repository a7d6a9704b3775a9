"""The folder of a knowledge base: which file holds what, and how it appears whole or not at all.

    name.kb/
      kb.json            KBInfo: name, version, hash, rules, counts, sources
      entities.sqlite    entity, alias (as the source spelt it), source: what people ask about
      cards.jsonl        of each entity what ranking asks of it
      cards.u64          entity number -> where its line begins in it
      keys.marisa        folded alias -> key number, a memory-mapped trie
      offsets.u64        key number -> its first posting, one more than there are keys
      postings.u32       (entity number, weight, flags) a posting, by descending weight

The last five are read in place: opening costs the same at any size, and processes share them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from corpus.addresses import is_remote
from corpus.errors import KBError, UsageError

FORMAT = "kb/2"
INFO, ENTITIES, KEYS = "kb.json", "entities.sqlite", "keys.marisa"
OFFSETS, POSTINGS = "offsets.u64", "postings.u32"
CARDS, CARD_STARTS = "cards.jsonl", "cards.u64"
FILES = (INFO, ENTITIES, CARDS, CARD_STARTS, KEYS, OFFSETS, POSTINGS)


class Posting(NamedTuple):
    """One entity that an alias may mean; weight is a count, 1 if none is known. u32 on disk."""

    entity: int
    weight: int
    flags: int


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that the knowledge base was made from."""

    path: str
    sha256: str


class KBInfo(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=FORMAT):
    """What a reader must know before the other files: kb.json.

    `hash` is of the entities, aliases, counts and rules, not of the files' bytes. `odd_starts`
    are the first two characters of keys that begin with no letter or digit, `lower_starts` the
    first words of keys that a text may spell with a small letter.
    """

    name: str
    version: str
    hash: str
    rules: tuple[str, ...]
    entities: int
    aliases: int
    keys: int
    postings: int
    longest: int
    types: dict[str, int]
    odd_starts: tuple[str, ...]
    lower_starts: tuple[str, ...]
    sources: tuple[Source, ...]


def read_info(path: Path) -> KBInfo:
    """The kb.json of a folder. Raises UsageError if there is none, KBError if it is broken."""
    if is_remote(path):
        raise UsageError(
            f"{path}: a knowledge base is mapped into memory, from this machine's disk",
            "copy its folder here first",
        )
    try:
        raw = (path / INFO).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: no knowledge base ({INFO} cannot be read)",
            "make one: corpus kb build SOURCE -o NAME.kb",
        ) from error
    try:
        kind = msgspec.json.decode(raw, type=dict[str, object]).get("type")
        if kind != FORMAT:
            raise KBError(
                f"{path}: built as {kind!r}, this version reads {FORMAT!r}",
                "build it again: corpus kb build SOURCE -o NAME.kb",
            )
        return msgspec.json.decode(raw, type=KBInfo)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise KBError(
            f"{path / INFO}: {error}", "build it again: corpus kb build SOURCE -o NAME.kb"
        ) from error
