"""TLS in front of a real Doccano: verified, by an authority of one's own where one is named."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from corpus.doccano.client import Doccano
from corpus.doccano.settings import read_settings
from corpus.errors import DoccanoUnreachableError, UsageError
from tests.certificates import make_authority
from tests.conftest import find_free_port

NOT_TRUSTED = (
    "has a certificate that is not to be trusted; let DOCCANO_CA_BUNDLE name the file with your "
    "authority's certificate"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Makes server certificates; `authority.path` is its own."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def tls_in_front(url: str, context: ssl.SSLContext):
    """The https address of a proxy that passes bytes on to the plain server."""
    there = urlsplit(url)
    listening = socket.create_server(("127.0.0.1", find_free_port()))

    def pump(source, sink):
        with suppress(OSError):
            while block := source.recv(65536):
                sink.sendall(block)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve(raw):
        try:
            with (
                context.wrap_socket(raw, server_side=True) as here,
                socket.create_connection((there.hostname, there.port)) as behind,
            ):
                back = threading.Thread(target=pump, args=(behind, here), daemon=True)
                back.start()
                pump(here, behind)
                back.join(20)
        except OSError:  # the client did not trust us
            raw.close()

    def accept():
        with suppress(OSError):
            while True:
                raw, _ = listening.accept()
                threading.Thread(target=serve, args=(raw,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@pytest.mark.server
def test_an_authority_of_one_s_own_is_refused_unless_it_is_named(
    doccano, authority, monkeypatch, tmp_path
):
    with tls_in_front(doccano.url, authority()) as url:
        monkeypatch.setenv("DOCCANO_URL", url)
        with monkeypatch.context() as patch, pytest.raises(DoccanoUnreachableError) as error:
            patch.setattr("corpus.doccano.wire.time.sleep", pytest.fail)  # it is said at once
            Doccano(read_settings(tmp_path))
        assert str(error.value) == f"{url} {NOT_TRUSTED}"

        monkeypatch.setenv("DOCCANO_CA_BUNDLE", str(authority.path))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "another"))  # ours counts
        client = Doccano(read_settings(tmp_path))
        fields = {"name": f"tls {os.urandom(3).hex()}", "description": "x"}
        fields |= {"project_type": "SequenceLabeling", "resourcetype": "SequenceLabelingProject"}
        id = int(client.create_project(fields)["id"])
        assert client.import_rows(id, [b'{"text": "over TLS", "label": []}\n'], "rows") == []
        client.export_project(id, tmp_path / "full.zip")
        assert (tmp_path / "full.zip").read_bytes()[:2] == b"PK"
        client.delete_project(id)


@pytest.mark.server
def test_a_certificate_of_another_address_is_refused(doccano, authority, monkeypatch, tmp_path):
    with tls_in_front(doccano.url, authority("127.0.0.9")) as url:
        monkeypatch.setenv("DOCCANO_URL", url)
        monkeypatch.setenv("DOCCANO_CA_BUNDLE", str(authority.path))
        with pytest.raises(DoccanoUnreachableError) as error:
            Doccano(read_settings(tmp_path))
        assert str(error.value) == f"{url} {NOT_TRUSTED}"


@pytest.fixture
def three(monkeypatch):
    monkeypatch.setenv("DOCCANO_URL", "https://doccano.example")
    monkeypatch.setenv("DOCCANO_USERNAME", "ann")
    monkeypatch.setenv("DOCCANO_PASSWORD", "x")


def test_the_bundle_may_stand_in_dotenv(three, authority, tmp_path):
    (tmp_path / ".env").write_text(f"DOCCANO_CA_BUNDLE={authority.path}\n")
    settings = read_settings(tmp_path)
    assert settings.ca_bundle == str(authority.path)
    assert settings == replace(settings, password="x")


def test_a_bundle_alone_names_no_server(monkeypatch, authority, tmp_path):
    monkeypatch.setenv("DOCCANO_CA_BUNDLE", str(authority.path))
    with pytest.raises(UsageError, match=r"^no Doccano server is known"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "no such file or directory"), (b"no PEM", "it holds no certificate in PEM")],
)
def test_a_bundle_that_is_none_is_usage(three, monkeypatch, tmp_path, content, reason):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("DOCCANO_CA_BUNDLE", str(path))
    with pytest.raises(UsageError) as error:
        read_settings(tmp_path)
    assert str(error.value) == (
        f"DOCCANO_CA_BUNDLE: {path}: {reason}; name the file with your authority's certificate"
    )
