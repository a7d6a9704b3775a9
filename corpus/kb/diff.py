"""What one state of a knowledge base says otherwise than another, entity by entity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from corpus.kb.cards import Entity
from corpus.kb.knowledge_base import KB

_FIELDS = ("label", "type", "description", "count")


class Difference(Struct, frozen=True, omit_defaults=True):
    """An entity that is in one of the two, or other in each.

    `fields` has (before, after) of what changed; aliases are `text` or `text@lang`; `now` is
    where the newer one redirects an id that went.
    """

    id: str
    change: Literal["added", "removed", "changed"]
    label: str
    type: str = ""
    now: str = ""
    fields: dict[str, tuple[str | int, str | int]] = {}
    aliases_added: tuple[str, ...] = ()
    aliases_removed: tuple[str, ...] = ()
    aliases_recounted: int = 0


class Totals(Struct):
    """How many of each kind of difference there were, and how many entities are the same."""

    added: int = 0
    removed: int = 0
    redirected: int = 0
    changed: int = 0
    same: int = 0
    aliases_added: int = 0
    aliases_removed: int = 0
    aliases_recounted: int = 0

    def take(self, difference: Difference) -> None:
        """Count one more."""
        setattr(self, difference.change, getattr(self, difference.change) + 1)
        self.redirected += bool(difference.now)
        self.aliases_added += len(difference.aliases_added)
        self.aliases_removed += len(difference.aliases_removed)
        self.aliases_recounted += difference.aliases_recounted


def diff_kbs(old: KB, new: KB, totals: Totals) -> Iterator[Difference]:
    """The differences by id, both sides read once in that order; `totals` are whole at the end."""
    for before, after in _side_by_side(old, new):
        found = _difference(old, before, new, after)
        if found is None:
            totals.same += 1
        else:
            totals.take(found)
            yield found


def _side_by_side(old: KB, new: KB) -> Iterator[tuple[Entity | None, Entity | None]]:
    befores, afters = old.entities(), new.entities()
    before, after = next(befores, None), next(afters, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before.id < after.id):
            yield before, None
            before = next(befores, None)
        elif before is None or after.id < before.id:
            yield None, after
            after = next(afters, None)
        else:
            yield before, after
            before, after = next(befores, None), next(afters, None)


def _difference(old: KB, before: Entity | None, new: KB, after: Entity | None) -> Difference | None:
    was = _aliases(old, before) if before else {}
    now = _aliases(new, after) if after else {}
    gone = tuple(sorted(was.keys() - now.keys()))
    fresh = tuple(sorted(now.keys() - was.keys()))
    if before is None and after is not None:
        return Difference(after.id, "added", after.label, after.type, aliases_added=fresh)
    if after is None and before is not None:
        target = new.target_of(before.id) or ""
        return Difference(
            before.id, "removed", before.label, before.type, target, aliases_removed=gone
        )
    assert before is not None and after is not None
    fields = {
        name: (getattr(before, name), getattr(after, name))
        for name in _FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    recounted = sum(was[alias] != now[alias] for alias in was.keys() & now.keys())
    if not (fields or gone or fresh or recounted):
        return None
    return Difference(
        after.id, "changed", after.label, after.type, "", fields, fresh, gone, recounted
    )


def _aliases(kb: KB, entity: Entity) -> dict[str, int]:
    return {
        f"{alias.text}@{alias.lang}" if alias.lang else alias.text: alias.count
        for alias in kb.aliases(entity.number)
    }
