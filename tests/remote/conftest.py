"""An S3 of its own (moto, over real HTTP) that breaks as a test says, and a web server with TLS."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.certificates import make_authority

DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


@dataclass
class Bucket:
    """A new bucket: what is in it, and what goes wrong with it."""

    name: str
    client: Any
    denied: set[str] = field(default_factory=set)
    cut: dict[str, int] = field(default_factory=dict)
    after_get: dict[str, Callable[[], None]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def get(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def names(self) -> list[str]:
        listed = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        return sorted(each["Key"] for each in listed)

    def uploads(self) -> list[str]:
        """The uploads that are neither completed nor taken back."""
        listed = self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])
        return [each["Key"] for each in listed]


class Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None: ...
    def log(self, *_: object) -> None: ...


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Any]:
    """The address of an S3; `server.bucket` is the one whose faults it shows."""
    moto = DomainDispatcherApplication(create_backend_app)

    def answer(environ: Any, start: Any) -> Any:
        bucket, path = server.bucket, environ["PATH_INFO"]
        key = path.split("/", 2)[-1]
        method = environ["REQUEST_METHOD"]
        if bucket is None or environ.get("HTTP_X_TEST"):
            return moto(environ, start)
        bucket.asked.append((method, key, environ.get("HTTP_RANGE", "")))
        if key in bucket.denied:
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [] if method == "HEAD" else [DENIED]
        body = moto(environ, start)
        if method == "GET" and bucket.cut.get(key, 0):
            bucket.cut[key] -= 1
            return half(b"".join(body))
        if method == "GET" and key in bucket.after_get:
            content = list(body)
            bucket.after_get.pop(key)()
            return content
        return body

    def half(content: bytes) -> Iterator[bytes]:
        yield content[: len(content) // 2]
        raise ConnectionAbortedError("the test cuts the connection")

    server: Any = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    server.bucket = None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bucket(s3_server: Any, monkeypatch: pytest.MonkeyPatch, request: Any) -> Iterator[Bucket]:
    """A bucket of this test alone, and the environment that leads there."""
    address = f"http://127.0.0.1:{s3_server.port}"
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    mark = lambda params, **_: params["headers"].update({"X-Test": "1"})  # noqa: E731
    client.meta.events.register("before-call.s3", mark)
    name = f"bucket-{abs(hash(request.node.nodeid)) % 10**12}"
    client.create_bucket(Bucket=name)
    made = Bucket(name, client)
    s3_server.bucket = made
    yield made
    s3_server.bucket = None
    client.close()


@dataclass
class Web:
    """A web server: `answers` by path are (status, headers, body)."""

    url: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def web(tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A web server with a certificate that the environment trusts."""
    authority = make_authority(tmp_path_factory.mktemp("authority"))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.asked.append((self.path, self.headers.get("Authorization", "")))
            status, headers, body = made.answers.get(self.path.partition("?")[0], (404, {}, b""))
            self.send_response(status)
            if "Transfer-Encoding" not in headers and "X-No-Length" not in headers:
                headers = {"Content-Length": str(len(body)), **headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
            time.sleep(float(headers.get("X-Wait", 0)))
            self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = authority().wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.path))
    made = Web(f"https://127.0.0.1:{server.server_port}")
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
