"""Addresses of objects that are not on this machine's disk, as text: nothing is opened here.

A Path folds the two slashes of `s3://bucket/key` into one: both spellings mean the same object.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

SCHEMES = ("s3", "gs", "https")

_REMOTE = re.compile(rf"({'|'.join(SCHEMES)}):/")
_USER = re.compile(r"\b([a-z][a-z0-9+]*):/{1,2}[^\s/@]*@")
# A query may hold a signature. It ends at a blank, or before the line that a message names.
_QUERY = re.compile(r"\b(https?://?[^\s?#]+)[?#]\S*?(?=(?:[:#]\d+)*[:;,)]?(?:\s|$))")
_FOLDED = re.compile(rf"\b({'|'.join(SCHEMES)}):/(?=[^/])")


def is_remote(path: str | Path) -> bool:
    """Whether the path is an address of one of SCHEMES."""
    return _REMOTE.match(str(path)) is not None


def is_on_web(path: str | Path) -> bool:
    """Whether it is an address of a web server, where nothing is listed and nothing written."""
    return scheme_of(path) == "https"


def scheme_of(path: str | Path) -> str:
    """`s3`, `gs` or `https`; of a path on this machine nothing."""
    found = _REMOTE.match(str(path))
    return found[1] if found else ""


def url_of(path: str | Path) -> str:
    """The address with both of its slashes; another path as it is."""
    return _FOLDED.sub(r"\1://", str(path), count=1) if is_remote(path) else str(path)


def shown(text: object) -> str:
    """The text with its addresses as anybody may see them: no name, password or query in them."""
    cut = _USER.sub(r"\1://", str(text))
    return _FOLDED.sub(r"\1://", _QUERY.sub(r"\1", cut))


def file_name(path: str | Path) -> str:
    """The path that tells a file's kind by its end: of an address without its query."""
    if scheme_of(path) != "https":
        return str(path)
    return unquote(re.split("[?#]", url_of(path), maxsplit=1)[0])
