"""One server over the wire: logged in, tried again where that does no harm, foreign errors mapped.

What reads, or does the same however often it is done, is tried again with a growing pause. Any
other call is made once: after an error nobody knows whether the server did it, so its caller
looks. The one exception is a call that never left, because nobody listened.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from doccano_client import DoccanoClient
from requests.exceptions import ChunkedEncodingError
from urllib3.exceptions import NewConnectionError

from corpus.doccano.answers import PASSING, body_of, fault_of, refusal, stranger
from corpus.doccano.settings import ServerSettings
from corpus.errors import (
    DoccanoAuthError,
    DoccanoBusyError,
    DoccanoError,
    DoccanoUnreachableError,
)
from corpus.store import atomic_output

_log = logging.getLogger(__name__)

TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two bytes; the server's own limit is 30
PAGE_SIZE = 1000  # a list of more takes so long that the web server may be killed over it
PAUSE = 0.5  # seconds before the second try, doubled before each further one
_TRIES = 6
_LONGEST_PAUSE = 30.0  # however long the server asks to be left alone
_LOGGED_OUT = "Authentication credentials were not provided."
_IDEMPOTENT = frozenset({"GET", "DELETE", "PATCH"})


class Wire:
    """A session with one server; every method raises DoccanoError and nothing else."""

    def __init__(self, settings: ServerSettings) -> None:
        self.url = settings.url.rstrip("/")
        self._settings = settings
        # Its constructor logs in without a time limit and takes any answer for a success.
        self._client = DoccanoClient.__new__(DoccanoClient)
        self._client.baseurl = f"{self.url}/"
        self.session = self._client.session = requests.Session()
        if urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1"):
            self.session.trust_env = False  # no proxy leads to this machine itself
        self.session.headers["referer"] = self._client.baseurl
        self.session.request = partial(
            self.session.request, timeout=TIMEOUT, verify=settings.ca_bundle or True
        )
        self._log_in()

    def json(self, method: str, path: str, *, again: bool = False, **options: Any) -> Any:
        """The decoded answer; an answer that is no JSON counts as none."""
        return self._try(method, path, again, options, lambda answer: answer.json())

    def request(
        self, method: str, path: str, *, again: bool = False, **options: Any
    ) -> requests.Response:
        """The answer, a success; `again`: the call may be made twice without harm.

        What DELETE names and the server does not have is deleted.
        """
        return cast(
            requests.Response, self._try(method, path, again, options, lambda answer: answer)
        )

    def download(self, path: str, target: Path, **options: Any) -> None:
        """The answer's bytes stand whole at `target`."""

        def store(answer: requests.Response) -> None:
            if not any(name in answer.headers for name in ("Content-Length", "Transfer-Encoding")):
                raise requests.ConnectionError("a cut header")  # of an end nobody could see
            with answer, atomic_output(target) as sink:
                for block in answer.iter_content(1 << 20):
                    sink.write(block)

        self._try("GET", path, True, {**options, "stream": True}, store)

    def pages(self, path: str) -> Iterator[Any]:
        """The entries of a list, page by page; those that come meanwhile may be among them."""
        offset = 0
        while True:
            page = self.json("GET", path, params={"limit": PAGE_SIZE, "offset": offset})
            yield from page["results"]
            offset += PAGE_SIZE
            if not page["next"]:
                return

    def _try(
        self,
        method: str,
        path: str,
        again: bool,
        options: Mapping[str, Any],
        read: Callable[[requests.Response], Any],
    ) -> Any:
        """What `read` makes of the answer, tried again as the file says."""
        harmless = again or method in _IDEMPOTENT
        for number in range(1, _TRIES + 1):
            pause = PAUSE * 2.0 ** (number - 1)
            try:
                answer = self._send(method, path, options)
                if answer.ok or (method == "DELETE" and answer.status_code == 404):
                    with self._mapped():
                        return read(answer)
            except DoccanoUnreachableError as error:
                if number == _TRIES or not (harmless or _never_sent(error)):
                    raise
            else:
                if answer.status_code not in PASSING or number == _TRIES or not harmless:
                    break
                pause = max(pause, _asked_pause(answer))
            _log.info("%s %s is tried again in %g s", method, path, pause)
            time.sleep(pause)
        call = f"{self.url}/v1/{path}: {method}"
        raise refusal(call, answer.status_code, body_of(answer), self._settings.username)

    def _send(self, method: str, path: str, options: Mapping[str, Any]) -> requests.Response:
        url = f"{self.url}/v1/{path}"
        with self._mapped():
            began = time.monotonic()
            answer = self.session.request(method, url, **options)
            _tell_call(method, path, options, answer, began)
            if answer.status_code == 403 and _LOGGED_OUT in answer.text:
                # The session ended; the server did nothing, so the call may be made again.
                self._log_in()
                answer = self.session.request(method, url, **options)
        return cast(requests.Response, answer)

    def _log_in(self) -> None:
        for number in range(1, _TRIES + 1):
            try:
                self._log_in_once()
            except (DoccanoBusyError, DoccanoUnreachableError) as error:
                # A wrong address or certificate is said at once; what broke off is tried again.
                cut = isinstance(error.__cause__, requests.ConnectionError | ChunkedEncodingError)
                busy = isinstance(error, DoccanoBusyError)
                final = _never_sent(error) or _not_trusted(error)
                if number == _TRIES or final or not (busy or cut):
                    raise
            else:
                return
            time.sleep(PAUSE * 2.0 ** (number - 1))

    def _log_in_once(self) -> None:
        self.session.headers.pop("X-CSRFToken", None)
        self.session.cookies.clear()
        credentials = {"username": self._settings.username, "password": self._settings.password}
        with self._mapped():
            began = time.monotonic()
            answer = self._client.post("v1/auth/login/", data=credentials, as_json=False)
            _tell_call("POST", "auth/login/", {}, answer, began)
            body = body_of(answer)
        if answer.status_code in (400, 401, 403) and body is not None:
            raise DoccanoAuthError(
                f"{self.url}: Doccano refuses the name or the password of "
                f"{self._settings.username!r}",
                "check DOCCANO_USERNAME and DOCCANO_PASSWORD",
            )
        if answer.status_code in PASSING:
            raise refusal(
                f"{self.url}: the login", answer.status_code, body, self._settings.username
            )
        if not answer.ok or "csrftoken" not in self.session.cookies:
            raise stranger(self.url)
        self._client._set_csrf_header()

    @contextlib.contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except requests.RequestException as error:
            what, hint = fault_of(error)
            if self._settings.embedded and isinstance(error, requests.ConnectionError):
                hint = "type `corpus doccano up`"
            raise DoccanoUnreachableError(f"{self.url} {what}", hint) from error


def _tell_call(
    method: str, path: str, options: Mapping[str, Any], answer: requests.Response, began: float
) -> None:
    """Log a call and its duration; never what it sends, where names and passwords may stand."""
    asked = "&".join(f"{name}={value}" for name, value in options.get("params", {}).items())
    place = f"{path}?{asked}" if asked else path
    spent = (time.monotonic() - began) * 1000
    _log.info("%s %s: %d in %.0f ms", method, place, answer.status_code, spent)


def _never_sent(error: DoccanoError) -> bool:
    """Whether nobody listened, so that the server cannot have done anything."""
    cause = error.__cause__
    if not isinstance(cause, requests.ConnectionError) or not cause.args:
        return False
    return isinstance(getattr(cause.args[0], "reason", None), NewConnectionError)


def _not_trusted(error: DoccanoError) -> bool:
    """Whether the certificate was refused, as it would be again."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error.__cause__)


def _asked_pause(answer: requests.Response) -> float:
    """How many seconds the server asks for before the next try, within reason."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_PAUSE) if asked.isdecimal() else 0.0
