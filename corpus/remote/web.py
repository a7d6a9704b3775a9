"""Files of web servers, read once from beginning to end over https."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from corpus.addresses import url_of
from corpus.errors import RemoteError, UsageError
from corpus.remote.found import Found

if TYPE_CHECKING:
    from requests import Response

_PATIENCE = (10, 60)  # seconds to connect, and for the next bytes
_HOPS = 5
_WAY_OUT = "try again later, or fetch it first and give the file"


def find_page(url: str) -> Found | None:
    """The file at the address; None where there is none. Raises RemoteError."""
    with contextlib.closing(_get(url)) as answer:
        if answer.status_code in (404, 410):
            return None
        _refuse_bad(url, answer)
        return Found(url, _size(url, answer), _version(answer))


def open_page(url: str) -> io.BufferedReader:
    """The bytes of the file as the server sends them. One that ends too soon is a RemoteError."""
    answer = _get(url)
    try:
        if answer.status_code in (404, 410):
            raise UsageError(f"{url}: no such file on that server", "check the address")
        _refuse_bad(url, answer)
        raw = _Page(url, answer, _size(url, answer))
    except BaseException:
        answer.close()
        raise
    return io.BufferedReader(raw, 1 << 20)


def _get(url: str) -> Response:
    """The server's answer, its body not read yet; redirects are followed to https alone."""
    import requests

    place = url_of(url)
    _refuse_credentials(url, place)
    for _ in range(_HOPS):
        with _telling(url):
            answer = requests.get(
                place,
                stream=True,
                timeout=_PATIENCE,
                allow_redirects=False,
                headers={"Accept-Encoding": "identity"},  # the file itself, not a packed copy
            )
        if not answer.is_redirect:
            return answer
        answer.close()
        place = urljoin(place, answer.headers["location"])
        if urlsplit(place).scheme != "https":
            raise RemoteError(f"{url}: leads to an address that is not https", _WAY_OUT)
    raise RemoteError(f"{url}: leads from address to address, {_HOPS} times", _WAY_OUT)


def _refuse_credentials(url: str, place: str) -> None:
    if re.search(r"\s", place):
        raise UsageError(f"{url.split()[0]}: a blank stands in the address", "write it as %20")
    if "@" in urlsplit(place).netloc:
        raise UsageError(
            f"{url}: a password stands in the address, and so in the shell's history",
            "put it into ~/.netrc",
        )


def _refuse_bad(url: str, answer: Response) -> None:
    status = answer.status_code
    if status in (401, 403):
        raise RemoteError(
            f"{url}: access is denied ({status})",
            "put the password into ~/.netrc; a signed address may have expired",
        )
    if status != 200:
        raise RemoteError(f"{url}: the server answers {status} {answer.reason}", _WAY_OUT)


def _size(url: str, answer: Response) -> int:
    """Its bytes; -1 where only its last piece tells the end. Raises RemoteError if nothing does."""
    if answer.headers.get("transfer-encoding", "").lower() == "chunked":
        return -1
    size = answer.headers.get("content-length", "")
    if not size.isdecimal():
        raise RemoteError(
            f"{url}: the server does not say how long the file is, so its end cannot be known",
            "fetch it first and give the file",
        )
    return int(size)


def _version(answer: Response) -> str:
    return str(answer.headers.get("etag") or answer.headers.get("last-modified") or "").strip('"')


class _Page(io.RawIOBase):
    """A server's answer as a raw stream."""

    def __init__(self, url: str, answer: Response, size: int) -> None:
        self._url = url
        self._answer = answer
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _telling(self._url, at=self._at):
            data: bytes = self._answer.raw.read(len(buffer))
        if not data and self._size not in (-1, self._at):
            raise RemoteError(f"{self._url}: ended at byte {self._at} of {self._size}", _WAY_OUT)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._answer.close()
        super().close()


@contextlib.contextmanager
def _telling(url: str, at: int | None = None) -> Iterator[None]:
    """The library's errors in one line each; its own words may hold the whole address."""
    import requests
    import urllib3

    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise RemoteError(f"{url}: no answer within {_PATIENCE[1]} s", _WAY_OUT) from error
    except requests.exceptions.SSLError as error:
        raise RemoteError(f"{url}: its certificate is not trusted", _trust()) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        reason: Any = f"the connection broke after byte {at}" if at is not None else "no connection"
        raise RemoteError(f"{url}: {reason}", _WAY_OUT) from error


def _trust() -> str:
    return "of an own authority name the file of certificates in REQUESTS_CA_BUNDLE"
