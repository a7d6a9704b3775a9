"""Objects in buckets, s3:// and gs://, by fsspec; credentials are its libraries' own business.

They take them from the environment and from their configuration files, and from nowhere else.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from corpus.addresses import scheme_of, shown, url_of
from corpus.errors import CorpusError, DependencyError, RemoteError, UsageError
from corpus.remote.found import Found

PART = 16 << 20
"""Bytes that an upload sends at once; a bucket takes 10,000 such parts."""

_BLOCKS = 1 << 16, 8 << 20  # the first read of an object, and the largest
_PACKAGES = {"s3": "s3fs", "gs": "gcsfs"}
_CREDENTIALS = {
    "s3": "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS, or run: gcloud auth application-default login",
}

# What goes wrong is our error, in one line; without a handler they print tracebacks of their own.
for _library in ("gcsfs", "google.auth", "s3fs"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


def find_object(url: str) -> Found | None:
    """The object at the address; None where there is none. Raises RemoteError."""
    try:
        with _telling(url):
            info = _filesystem(url).info(url_of(url))
    except FileNotFoundError:
        return None
    return _found(url, info) if info["type"] == "file" else None


def list_objects(url: str, prefix: str = "") -> list[Found]:
    """The objects below the folder at the address whose path there begins so, sorted."""
    folder = url_of(url).rstrip("/") + "/"
    try:
        with _telling(url):
            listed = _filesystem(url).find(folder, detail=True, prefix=prefix)
    except FileNotFoundError:
        return []
    files = (info for info in listed.values() if info["type"] == "file")
    found = (_found(f"{scheme_of(url)}://{info['name']}", info) for info in files)
    # An object of the folder's own name is listed too, and marks that stand for folders.
    return sorted(each for each in found if each.url.startswith(folder) and each.url[-1] != "/")


def _found(url: str, info: dict[str, Any]) -> Found:
    version = info.get("ETag") or info.get("etag") or info.get("generation") or ""
    return Found(url, int(info["size"]), str(version).strip('"'))


def remove_object(url: str) -> None:
    """There is no object at the address any more."""
    with contextlib.suppress(FileNotFoundError), _telling(url):
        _filesystem(url).rm_file(url_of(url))


def open_object(url: str) -> io.BufferedReader:
    """The bytes of the object, fetched in blocks as they are read; they can be seeked.

    One that ends too soon or is replaced meanwhile is a RemoteError, never an end. Raises
    UsageError if there is none.
    """
    try:
        with _telling(url):
            opened = _filesystem(url).open(url_of(url), "rb", cache_type="none")
    except FileNotFoundError as error:
        raise UsageError(f"{url}: no such object", "check the bucket and the name") from error
    return io.BufferedReader(_Object(url, opened), _BLOCKS[0])


class _Object(io.RawIOBase):
    """An object as a raw stream; its blocks grow, so that a look at its beginning stays cheap."""

    def __init__(self, url: str, opened: Any) -> None:
        self._url = url
        self._opened = opened
        self._found = _found(url, opened.details)
        self._at = 0
        self._block = b""
        self._start = 0
        self._size = _BLOCKS[0]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._opened.size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        if not self._start <= self._at < self._start + len(self._block):
            self._fetch()
        start = self._at - self._start
        data = self._block[start : start + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _fetch(self) -> None:
        wanted = max(0, min(self._size, self._opened.size - self._at))
        self._start, self._size = self._at, min(2 * self._size, _BLOCKS[1])
        self._block = b""
        if not wanted:
            return
        with _telling(self._url):
            self._opened.seek(self._at)
            self._block = self._opened.read(wanted)
            # s3fs asks for the version that it opened; gcsfs takes what stands there now.
            if scheme_of(self._url) == "gs" and find_object(self._url) != self._found:
                raise RemoteError(f"{self._url}: was replaced while it was read", "run it again")
        if len(self._block) != wanted:
            raise RemoteError(
                f"{self._url}: ended at byte {self._at + len(self._block)} of {self._opened.size}",
                "run it again",
            )

    def close(self) -> None:
        self._block = b""
        self._opened.close()
        super().close()


@contextlib.contextmanager
def written_object(url: str) -> Iterator[BinaryIO]:
    """A sink whose bytes are the object at the address once the block ends well, and not before.

    Sent in parts as they come; a block that fails takes them back. Raises RemoteError.
    """
    sink = _Parts(url)
    try:
        yield cast(BinaryIO, sink)
    except BaseException:
        sink.discard()
        raise
    sink.commit()


class _Parts:
    """Bytes on their way to an object: a small one is sent at once, a large one in parts."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._held = bytearray()
        self._upload: Any = None

    def write(self, data: bytes) -> int:
        size = len(memoryview(data).cast("B"))
        self._held += data
        if len(self._held) >= PART:
            self._send()
        return size

    def _send(self) -> None:
        with _telling(self._url, self._no_bucket()):
            if self._upload is None:
                options: dict[str, Any] = {"block_size": PART, "autocommit": False}
                self._upload = _filesystem(self._url).open(url_of(self._url), "wb", **options)
            self._upload.write(bytes(self._held))
        self._held.clear()

    def flush(self) -> None:
        """Nothing: a part has its own size."""

    def commit(self) -> None:
        with _telling(self._url, self._no_bucket()):
            if self._upload is None:
                _filesystem(self._url).pipe_file(url_of(self._url), bytes(self._held))
                return
        try:
            self._send()
            with _telling(self._url):
                self._upload.close()
                self._upload.commit()
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        if self._upload is not None:
            with contextlib.suppress(Exception):  # the error that led here is the one to tell
                self._upload.discard()
            self._upload.closed = True  # else its end would send what is left

    def _no_bucket(self) -> RemoteError:
        return RemoteError(f"{self._url}: there is no such bucket", "make it first, or mend -o")


def _filesystem(url: str) -> Any:
    """fsspec's file system for the address, nothing of a listing kept. Raises DependencyError."""
    scheme = scheme_of(url)
    try:
        import fsspec

        return fsspec.filesystem(scheme, use_listings_cache=False)
    except ImportError as error:
        raise DependencyError(
            f"{url}: {_PACKAGES[scheme]} is not installed", f"pip install 'corpus[{scheme}]'"
        ) from error


@contextlib.contextmanager
def _telling(url: str, missing: CorpusError | None = None) -> Iterator[None]:
    """The library's errors in one line each; of its words only what holds no secret."""
    try:
        yield
    except CorpusError:
        raise
    except FileNotFoundError as error:
        if missing is None:
            raise
        raise missing from error
    except PermissionError as error:
        raise RemoteError(f"{url}: access is denied", _CREDENTIALS[scheme_of(url)]) from error
    except Exception as error:
        raise _named(url, error) from error


def _named(url: str, error: Exception) -> RemoteError:
    names = {kind.__name__ for kind in type(error).__mro__}
    scheme = scheme_of(url)
    if names & {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError"}:
        public = f"; if it is public: FSSPEC_{scheme.upper()}_ANON=true" if scheme == "s3" else ""
        return RemoteError(f"{url}: there are no credentials", _CREDENTIALS[scheme] + public)
    if "FileExpired" in names:
        return RemoteError(f"{url}: was replaced while it was read", "run it again")
    if names & {"EndpointConnectionError", "ConnectTimeoutError", "ClientConnectorError"}:
        return RemoteError(f"{url}: no answer from the server of its bucket", "try again later")
    words = " ".join(shown(error).split()) or type(error).__name__
    return RemoteError(f"{url}: the transfer failed ({words[:200].lower()})", "run it again")
