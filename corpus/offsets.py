"""Code points <-> UTF-16 units <-> grapheme clusters <-> tokens: the only place of conversion.

Inside `corpus` an offset is a Unicode code point. JavaScript (and so Doccano's page) counts
UTF-16 units, or grapheme clusters in a project's `grapheme_mode`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from corpus.errors import OffsetError

Span = tuple[int, int]

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def to_utf16(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans in UTF-16 units instead of code points."""
    spans = list(spans)
    _check_spans(spans, len(text))
    astral = [match.start() for match in _ASTRAL.finditer(text)]
    if not astral:
        return spans
    return [(s + bisect_left(astral, s), e + bisect_left(astral, e)) for s, e in spans]


def from_utf16(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans in code points instead of UTF-16 units.

    Raises OffsetError for a span outside the text or inside a surrogate pair.
    """
    # The k-th astral code point at code point p begins at unit p + k and takes two units.
    astral = [match.start() + k for k, match in enumerate(_ASTRAL.finditer(text))]
    units = len(text) + len(astral)
    converted = []
    for start, end in spans:
        _check_spans([(start, end)], units)
        converted.append((_unit_to_codepoint(astral, start), _unit_to_codepoint(astral, end)))
    return converted


def _unit_to_codepoint(astral: Sequence[int], unit: int) -> int:
    before = bisect_left(astral, unit)
    if before and astral[before - 1] + 1 == unit:
        raise OffsetError(f"UTF-16 offset {unit} lies inside a surrogate pair")
    return unit - before


def to_borders(borders: Sequence[int], spans: Iterable[Span]) -> list[Span]:
    """The spans counted in units whose sorted borders (0 … len(text)) are given.

    Raises OffsetError for a code point that is no border.
    """
    converted = []
    for start, end in spans:
        _check_spans([(start, end)], borders[-1] if borders else 0)
        units = []
        for position in (start, end):
            unit = bisect_left(borders, position)
            if unit == len(borders) or borders[unit] != position:
                raise OffsetError(f"offset {position} lies inside a unit")
            units.append(unit)
        converted.append((units[0], units[1]))
    return converted


def from_borders(borders: Sequence[int], spans: Iterable[Span]) -> list[Span]:
    """The spans in code points instead of units whose sorted borders are given.

    Raises OffsetError for a span outside the text.
    """
    spans = list(spans)
    _check_spans(spans, len(borders) - 1)
    return [(borders[start], borders[end]) for start, end in spans]


def token_range(starts: Sequence[int], ends: Sequence[int], start: int, end: int) -> Span | None:
    """The token range [first, last) that covers exactly start-end, or None off token borders.

    `starts` and `ends` are the sorted code point borders of the tokens.
    """
    first = bisect_left(starts, start)
    last = bisect_left(ends, end)
    if first < len(starts) and starts[first] == start and last < len(ends) and ends[last] == end:
        return (first, last + 1) if first <= last else None
    return None


def covering_range(starts: Sequence[int], ends: Sequence[int], start: int, end: int) -> Span:
    """The smallest token range [first, last) whose tokens touch start-end; empty if none does."""
    first = bisect_right(ends, start)
    last = bisect_left(starts, end)
    return (first, max(first, last))


def _check_spans(spans: Iterable[Span], size: int) -> None:
    for start, end in spans:
        if not 0 <= start <= end <= size:
            raise OffsetError(f"span {start}-{end} lies outside a text of {size} units")
