"""Files behind an address, s3://, gs:// and https://: the one door of the network for files.

What is below is loaded when the first address is met, so that files of this machine pay nothing.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from corpus.addresses import scheme_of
from corpus.errors import UsageError
from corpus.remote.found import Found

__all__ = [
    "Found",
    "find_object",
    "list_objects",
    "open_object",
    "remove_object",
    "written_object",
]


def find_object(url: str) -> Found | None:
    """The object at the address; None where there is none. Raises RemoteError."""
    if scheme_of(url) == "https":
        from corpus.remote.web import find_page

        return find_page(url)
    from corpus.remote import buckets

    return buckets.find_object(url)


def list_objects(url: str, prefix: str = "") -> list[Found]:
    """The objects below the folder at the address whose path there begins so, sorted."""
    if scheme_of(url) == "https":
        raise UsageError(f"{url}: a web server lists no files", "give the address of each file")
    from corpus.remote import buckets

    return buckets.list_objects(url, prefix)


def open_object(url: str) -> io.BufferedReader:
    """The bytes of the object as they come; only one in a bucket can be seeked.

    One that ends too soon or is replaced meanwhile is a RemoteError, never an end. Raises
    UsageError if there is none.
    """
    if scheme_of(url) == "https":
        from corpus.remote.web import open_page

        return open_page(url)
    from corpus.remote import buckets

    return buckets.open_object(url)


def remove_object(url: str) -> None:
    """There is no object at the address, of a bucket, any more."""
    from corpus.remote import buckets

    buckets.remove_object(url)


@contextlib.contextmanager
def written_object(url: str) -> Iterator[BinaryIO]:
    """A sink whose bytes are the object, of a bucket, once the block ends well, and not before."""
    from corpus.remote import buckets

    with buckets.written_object(url) as sink:
        yield sink
