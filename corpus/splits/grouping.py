"""What may not be torn apart: texts joined by equal source, event or day, or as near-duplicates."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from corpus.errors import UsageError
from corpus.model import Document

NEAR_DUPLICATES = "near-duplicates"
KINDS = (NEAR_DUPLICATES, "source", "event", "day")

_SOURCE_KEYS = ("publisher", "outlet", "credit", "publication_title")
_ADDRESS_KEYS = ("source", "url", "uri", "link")
_DATE_KEYS = ("date", "published", "pubDate", "date_published")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


def parse_kinds(text: str) -> tuple[str, ...]:
    """The kinds of a list like `near-duplicates,day`, each once; `meta.KEY` is a kind too.

    Raises UsageError for another word; `none` is an empty list.
    """
    named = [each.strip() for each in text.split(",") if each.strip()]
    if named == ["none"]:
        return ()
    for each in named:
        if each not in KINDS and not re.fullmatch(r"meta\..+", each):
            raise UsageError(
                f"--keep-together {each}: no such kind",
                f"give {', '.join(KINDS)}, meta.KEY or none, with commas between",
            )
    if not named:
        raise UsageError("--keep-together: names nothing", "give none to tear all apart")
    return tuple(dict.fromkeys(named))


def group_of(document: Document, kind: str) -> str | None:
    """What documents of one group have in common, or None where this one does not say."""
    if kind == "day":
        found = day_of(document)
        return found.isoformat() if found else None
    if kind == "source":
        return _source_of(document)
    return _value(document, "event" if kind == "event" else kind.removeprefix("meta."))


def _value(document: Document, key: str) -> str | None:
    for place in (document.meta, document.meta.get("fields")):
        value: Any = place.get(key) if isinstance(place, dict) else None
        if isinstance(value, str | int | float) and str(value).strip():
            return str(value).strip()
    return None


def _source_of(document: Document) -> str | None:
    """Who published it: as the metadata names it, else the host of its address."""
    for key in _SOURCE_KEYS:
        if value := _value(document, key):
            return value.casefold()
    for key in _ADDRESS_KEYS:
        try:
            host = urlsplit(_value(document, key) or "").hostname
        except ValueError:
            continue
        if host:
            return host.removeprefix("www.")
    return None


def day_of(document: Document) -> date | None:
    """The day that the metadata names: ISO 8601, or as in a feed (`Tue, 7 Dec 2021 …`)."""
    for key in _DATE_KEYS:
        value = _value(document, key) or ""
        try:
            if match := _DAY.match(value):
                return date(*map(int, match.groups()))
            if value:
                return parsedate_to_datetime(value).date()
        except (ValueError, TypeError):
            continue
    return None


class Groups:
    """Numbers from 0, joined two by two; a group is named by its least number."""

    def __init__(self) -> None:
        self._above = array("I")

    def add(self) -> int:
        """A number of its own."""
        self._above.append(len(self._above))
        return len(self._above) - 1

    def find(self, number: int) -> int:
        """The name of the number's group."""
        above = self._above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        low, high = sorted((self.find(one), self.find(other)))
        self._above[high] = low

    def places(self) -> npt.NDArray[np.int32]:
        """Which group each number belongs to, the groups counted from 0 in the order of names."""
        names = np.array(self._above, np.uint32)
        while not np.array_equal(above := names[names], names):
            names = above
        number = np.cumsum(names == np.arange(len(names)), dtype=np.int32) - 1
        return number[names]


def join_pairs(groups: Groups, pairs: Iterable[tuple[int, int]]) -> None:
    """Join each pair."""
    for one, other in pairs:
        groups.join(one, other)


def join_equal(groups: Groups, values: array[int], numbers: array[int]) -> None:
    """Join the numbers that have the same value."""
    ordered = np.argsort(np.asarray(values), kind="stable")
    found = np.asarray(values)[ordered]
    again = np.flatnonzero(found[1:] == found[:-1])
    those = np.asarray(numbers)[ordered]
    join_pairs(groups, zip(those[again].tolist(), those[again + 1].tolist(), strict=True))
