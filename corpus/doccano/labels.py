"""Label types: names that Doccano keeps apart, colours that can be read, keys that are unique."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from corpus.errors import DataError

_LONGEST = 100  # what a label type's name may have; the import takes more and then cannot edit it

# Dark enough for white text at a contrast of 4.5 : 1 and more (WCAG 2 AA), hues far apart,
# neighbours in the list different in lightness too, for those who see few colours.
PALETTE = (
    "#1565c0",
    "#b71c1c",
    "#2e7d32",
    "#6a1b9a",
    "#8d4004",
    "#006875",
    "#ad1457",
    "#37474f",
    "#4e5d00",
    "#283593",
    "#5d4037",
    "#00695c",
)
TEXT_COLOUR = "#ffffff"
_KEYS = "abcdefghijklmnopqrstuvwxyz0123456789"


def check_labels(labels: Iterable[str]) -> list[str]:
    """The label names, sorted. Raises DataError for those that Doccano would mix up or cut."""
    names = sorted(set(labels))
    seen: dict[str, str] = {}
    for name in names:
        if not 1 <= len(name) <= _LONGEST:
            raise DataError(
                f"label {name[:40]!r} has {len(name)} characters, Doccano's label types 1 to "
                f"{_LONGEST}",
                "rename it in the documents",
            )
        if name != name.strip():
            raise DataError(
                f"label {name!r} begins or ends with a blank, which nobody sees in Doccano",
                "rename it in the documents",
            )
        if not name.isprintable():
            raise DataError(
                f"label {name!r} has a character that cannot be shown", "rename it in the documents"
            )
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            raise DataError(
                f"labels {twin!r} and {name!r} differ only in case", "rename one in the documents"
            )
    return names


def plan_span_types(
    labels: Sequence[str], existing: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The label types to create so that every label has one, each with a colour and a key.

    The key is the first free letter of the name, else any free key; past 36 types there is none.
    Raises DataError where a label differs from an existing type only in case or outer blanks.
    """
    texts = [str(one["text"]) for one in existing]
    check_against(labels, texts)
    taken = {one.get("suffix_key") for one in existing if not one.get("prefix_key")}
    used = [str(one.get("background_color")) for one in existing]
    plans = []
    for name in labels:
        if name in texts:
            continue
        key = next(
            (key for key in (*name.lower(), *_KEYS) if key in _KEYS and key not in taken), None
        )
        taken.add(key)
        colour = min(PALETTE, key=used.count)
        used.append(colour)
        plans.append(
            {
                "text": name,
                "prefix_key": None,
                "suffix_key": key,
                "background_color": colour,
                "text_color": TEXT_COLOUR,
            }
        )
    return plans


def check_against(labels: Iterable[str], texts: Iterable[str]) -> None:
    """Raises DataError where a label is nearly, but not quite, a type that is there."""
    known = list(texts)
    folded = {text.strip().casefold(): text for text in known}
    for name in labels:
        near = folded.get(name.casefold())
        if near is not None and name not in known:
            raise DataError(
                f"label {name!r} is not the project's label type {near!r}, but nearly",
                "rename one of them",
            )
