"""What is known of an object before it is read."""

from __future__ import annotations

from typing import NamedTuple


class Found(NamedTuple):
    """An object: its address, its bytes (-1 if not told), and a mark that changes when it does."""

    url: str
    size: int
    version: str
