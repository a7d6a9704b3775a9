"""One uvicorn in this process, until it is told to stop."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
from collections.abc import Iterator
from typing import Any

from corpus.errors import UsageError

GRACE = 10  # seconds that requests under way have to end
CROWD = 64  # connections at once; a further one is answered 503


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections there; port 0 is a free one. Raises UsageError if refused."""
    try:
        [family, *_, address], *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return socket.create_server(address[:2], family=family, reuse_port=False)
    except OSError as error:
        number = error.errno or 0  # below 0: a name that leads nowhere
        reason = os.strerror(number) if number > 0 else error.strerror
        raise UsageError(
            f"cannot listen on {host}, port {port}: {reason}",
            "stop the program that has it, or give another --host or --port",
        ) from error


def run_app(app: Any, listening: socket.socket) -> None:
    """The app is served until SIGINT or SIGTERM; requests under way are answered first."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        limit_concurrency=CROWD,
        timeout_graceful_shutdown=GRACE,
    )
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    with _stoppable():
        uvicorn.Server(config).run(sockets=[listening])


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """A signal that has stopped the server ends nothing else: uvicorn raises it once more."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    try:
        yield
    finally:
        for number, old in zip(numbers, before, strict=True):
            signal.signal(number, old)
