"""Plain text: one file, one article."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.articles.encoding import decode_bytes
from corpus.articles.raw import RawArticle, Unreadable
from corpus.errors import DataError


def read_text(data: bytes) -> Iterator[RawArticle | Unreadable]:
    """The file as an article."""
    try:
        text, encoding = decode_bytes(data)
    except DataError as error:
        yield Unreadable(error.message)
        return
    yield RawArticle(text, encoding=encoding)
