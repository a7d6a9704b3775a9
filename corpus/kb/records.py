"""What a source of entities gives: records, redirects, and what cannot be taken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from corpus.model import NIL

LONGEST_ALIAS = 300
"""Code points. No newspaper writes a longer name; a longer alias is a slip in the source."""

ANY_LANGUAGE = "mul"
"""Wikidata's code for a name that is the same in all languages."""

_ID = re.compile(r"\S{1,200}")


class Alias(Struct, frozen=True):
    """A surface form; count is how often it meant this entity, 0 where the source is silent."""

    text: str
    lang: str = ""
    count: int = 0


class Record(Struct, frozen=True):
    """An entity, or more aliases of one, as one line of a source says; `where` is file:line.

    With `joins` it says something about an entity that another source must have named.
    """

    where: str
    id: str
    label: str = ""
    type: str = ""
    description: str = ""
    count: int = 0
    aliases: tuple[Alias, ...] = ()
    joins: bool = False


class Redirect(Struct, frozen=True):
    """The entity that is called `id` here or was once is now `target`."""

    where: str
    id: str
    target: str


class Bad(Struct, frozen=True):
    """A line or an alias that cannot be taken: where it stands, whose it is and why not."""

    where: str
    id: str
    reason: str


Item = Record | Redirect | Bad


class Selection(Struct, frozen=True):
    """What is taken of a large source; `left_out` counts what is not, by reason.

    `classes` are Wikidata's, as they stand in P31; `types` adds to the table class -> type, and
    `supertype` is asked for the type of a class that has none. No classes or languages mean all.
    """

    classes: frozenset[str] = frozenset()
    langs: tuple[str, ...] = ()
    min_sitelinks: int = 0
    types: dict[str, str] = {}
    supertype: Callable[[str], str] = lambda _: ""
    left_out: Counter[str] = msgspec.field(default_factory=Counter)

    def speaks(self, lang: str) -> bool:
        """Whether names of that language are taken; those of no or of any language always are."""
        return not self.langs or not lang or lang == ANY_LANGUAGE or lang in self.langs

    def pick(self, by_lang: Mapping[str, str]) -> str:
        """The text in the first language asked for that has one, else English, else any."""
        for lang in (*(self.langs or ("en",)), ANY_LANGUAGE, ""):
            if lang in by_lang:
                return by_lang[lang]
        if self.langs or not by_lang:
            return ""
        return by_lang[min(by_lang)]


def checked(item: Item) -> Item:
    """The item, or what is wrong with its id or its counts."""
    if isinstance(item, Bad):
        return item
    for id in (item.id, item.target) if isinstance(item, Redirect) else (item.id,):
        if not _ID.fullmatch(id) or id == NIL:
            reason = f"{id[:40]!r} is no id: 1-200 characters without blanks, and not {NIL}"
            return Bad(item.where, "", reason)
    if isinstance(item, Record) and (
        item.count < 0 or any(alias.count < 0 for alias in item.aliases)
    ):
        return Bad(item.where, item.id, "a count is below 0")
    return item


def problem_of_alias(alias: str) -> str:
    """Why an alias cannot be taken, or nothing."""
    if not any(char.isprintable() and not char.isspace() for char in alias):
        return "an empty alias"
    if len(alias) > LONGEST_ALIAS:
        return f"an alias of {len(alias)} characters (at most {LONGEST_ALIAS}): {alias[:30]!r}…"
    if "\0" in alias:
        return f"an alias with U+0000: {alias!r}"
    return ""
