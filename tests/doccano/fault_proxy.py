"""A TCP proxy before the real Doccano that fails by a schedule drawn from a seed.

It reads one request a connection, decides, and forwards the bytes as they are. What it does to
a request it does once: the same call made again may fare better.
"""

from __future__ import annotations

import contextlib
import random
import socket
import socketserver
import struct
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

KINDS = (
    "drop the request",
    "drop the response",
    "delay",
    "truncate the response",
    "duplicate",
    "500",
    "502",
    "429",
    "500 after it was done",
    "reset in the middle of the upload",
)
_ANSWERS = {"500": "Internal Server Error", "502": "Bad Gateway", "429": "Too Many Requests"}


@dataclass
class Schedule:
    """What happens to which request: each is hit with `rate`, until `most` have been."""

    seed: int
    rate: float = 0.25
    most: int = 12
    done: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    def choose(self, line: str) -> tuple[str, random.Random]:
        """What happens to the request of this first line, and the dice for how much of it."""
        with self._lock:
            hit = self._random.random() < self.rate
            kind = self._random.choice(KINDS)
            dice = random.Random(self._random.random())
            if not hit or len(self.done) >= self.most:
                return "", dice
            self.done.append((kind, line))
            return kind, dice


class FaultProxy:
    """Listens on a port of its own while the block lasts; `url` is the address for the client."""

    def __init__(self, target: str, schedule: Schedule) -> None:
        parts = urlsplit(target)
        self.schedule = schedule
        self._target = (str(parts.hostname), int(parts.port or 80))
        proxy = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    proxy._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(30)
        head, body = _read_head(client)
        if not head:
            return None
        line = head.split(b"\r\n", 1)[0].decode()
        kind, dice = self.schedule.choose(line)
        size = _content_length(head)
        if kind == "reset in the middle of the upload" and size:
            return self._cut_upload(client, head, body, size, dice)
        while len(body) < size:
            block = client.recv(1 << 16)
            if not block:
                return None
            body += block
        return self._answer(client, head + body, kind, dice)

    def _answer(
        self, client: socket.socket, request: bytes, kind: str, dice: random.Random
    ) -> None:
        if kind.startswith(("drop the request", "reset")):
            return _reset(client)
        if kind in _ANSWERS:
            return _say(client, kind)
        if kind == "delay":
            time.sleep(dice.uniform(0.05, 0.4))
        response = self._forward(request)
        if kind == "duplicate":
            again = self._forward(request)
            response = dice.choice((response, again))
        if kind == "drop the response":
            return _reset(client)
        if kind == "500 after it was done":
            return _say(client, "500")
        if kind == "truncate the response":
            response = response[: dice.randrange(1, len(response))]
        client.sendall(response)
        return None

    def _forward(self, request: bytes) -> bytes:
        with socket.create_connection(self._target, timeout=60) as server:
            server.sendall(request)
            blocks = []
            while block := server.recv(1 << 16):
                blocks.append(block)
        return b"".join(blocks)

    def _cut_upload(
        self, client: socket.socket, head: bytes, body: bytes, size: int, dice: random.Random
    ) -> None:
        """Doccano gets a part of the body, then both sides lose each other."""
        with socket.create_connection(self._target, timeout=60) as server:
            server.sendall(head + body[: dice.randrange(0, size)])
            _linger(server)
        _reset(client)


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        block = client.recv(1 << 16)
        if not block:
            return b"", b""
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    # Both sides close after one answer, so its end is seen.
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n", body


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _linger(one: socket.socket) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _reset(client: socket.socket) -> None:
    _linger(client)
    client.close()


def _say(client: socket.socket, status: str) -> None:
    body = b"<html>no</html>"
    head = (
        f"HTTP/1.1 {status} {_ANSWERS[status]}\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    client.sendall(head.encode() + body)
