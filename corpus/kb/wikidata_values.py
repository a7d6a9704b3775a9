"""Statements of a Wikidata dump whose values are items, in the forms of all its years."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Value(Struct, rename={"number": "numeric-id"}):
    """An item as a value: by its id, or, until 2016, by its number alone."""

    id: str = ""
    number: int = 0


class Data(Struct):
    """A value with its kind left out."""

    value: Value


class Snak(Struct):
    """What is said; no datavalue where it is unknown or none."""

    datavalue: Data | None = None


class Statement(Struct):
    """One statement; `rank` is preferred, normal or deprecated."""

    mainsnak: Snak
    rank: str = "normal"


def items_of(statements: Sequence[Statement]) -> list[str]:
    """The ids that they name, preferred statements first, without the deprecated."""
    stated = [one for one in statements if one.rank != "deprecated"]
    stated.sort(key=lambda one: one.rank != "preferred")
    values = [one.mainsnak.datavalue.value for one in stated if one.mainsnak.datavalue]
    return [value.id or f"Q{value.number}" for value in values]
