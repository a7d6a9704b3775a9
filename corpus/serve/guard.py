"""Who may ask: requests to our own name, with our token, and not too large."""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

OPEN = "/health"  # the one path that needs no token
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Rules(NamedTuple):
    """The names that we answer to, the token to show, and how many bytes a body may have."""

    names: Collection[str]
    token: str
    max_bytes: int


class RefusedError(Exception):
    """A request that is not served: the status, and why."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(status, reason)


def guarded(app: Any, rules: Rules) -> Any:
    """The ASGI app behind these rules; a refused request never reaches it.

    The name is looked at first: a web page that lets its own name lead to 127.0.0.1 (DNS
    rebinding) learns nothing, not even whether a token is right.
    """

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        try:
            check_head(scope["path"], _headers(scope), rules)
            body = await _read(receive, rules.max_bytes)
        except RefusedError as refusal:
            await _refuse(send, refusal)
            return
        await app(scope, _replay(body, receive), send)

    return asgi


def check_head(path: str, headers: dict[str, list[str]], rules: Rules) -> None:
    """Raises RefusedError unless name, token and announced size are as they must be."""
    hosts = headers.get("host", [])
    if len(hosts) != 1 or name_of(hosts[0]) not in rules.names:
        raise RefusedError(421, "this server does not go by that name")
    if path != OPEN:
        shown = headers.get("authorization", [""])[0].encode()
        if not hmac.compare_digest(shown, f"Bearer {rules.token}".encode()):
            raise RefusedError(401, "the token is missing or wrong")
    size = headers.get("content-length", ["0"])[0]
    if not size.isascii() or not size.isdecimal() or int(size) > rules.max_bytes:
        raise RefusedError(413, f"the body has more than {rules.max_bytes} bytes")


def name_of(host: str) -> str:
    """The name in a Host header, without port and brackets; nothing if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if "@" not in host else ""
    except ValueError:
        return ""


def _headers(scope: Any) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return headers


async def _read(receive: Any, limit: int) -> bytes:
    """The whole body, which may come in pieces and without its size."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise RefusedError(400, "the request ended before its body")
        body += message.get("body", b"")
        if len(body) > limit:
            raise RefusedError(413, f"the body has more than {limit} bytes")
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes, receive: Any) -> Any:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Any:
        return pending.pop() if pending else await receive()

    return replay


async def _refuse(send: Any, refusal: RefusedError) -> None:
    body = json.dumps({"detail": refusal.reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
