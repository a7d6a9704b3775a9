"""gs:// by the code of s3://: an emulator of Google's REST over real HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import fsspec.config
import pytest
from gcp_storage_emulator.server import Server, create_server

from corpus.errors import RemoteError
from corpus.files import atomic_output
from corpus.places import matching
from corpus.remote import find_object, list_objects, open_object, written_object
from corpus.remote.buckets import PART

# aiohttp's word on how gcsfs sends what is less than a part.
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")

BUCKET = "corpus-test"
URL = f"gs://{BUCKET}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[tuple[Server, str]]:
    """The emulator and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET) as server:
        yield server, f"http://127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def bucket(emulator, monkeypatch):
    server, address = emulator
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # else it waits for gRPC
    monkeypatch.setitem(fsspec.config.conf, "gs", {"token": "anon"})
    from gcsfs import GCSFileSystem  # which reads the environment once

    GCSFileSystem.clear_instance_cache()
    yield
    server.wipe(keep_buckets=True)
    GCSFileSystem.clear_instance_cache()


def get(name: str) -> bytes:
    with open_object(f"{URL}/{name}") as source:
        return source.read()


def put(name: str, content: bytes) -> None:
    with written_object(f"{URL}/{name}") as sink:
        sink.write(content)


def names() -> list[str]:
    return [each.url.removeprefix(f"{URL}/") for each in list_objects(URL)]


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, 2 * PART + 17])
def test_objects_of_every_size_are_written_whole(size: int) -> None:
    content = os.urandom(size)
    with atomic_output(f"{URL}/out.bin") as sink:
        for at in range(0, size, 1 << 20):
            sink.write(content[at : at + (1 << 20)])
        assert names() == []
    assert get("out.bin") == content
    assert find_object(f"{URL}/out.bin").size == size


def test_what_stops_the_writing_leaves_the_old_object() -> None:
    # Of less than a part: the emulator knows no end to an upload but a good one.
    put("out.jsonl", b"old")
    with pytest.raises(ValueError), written_object(f"{URL}/out.jsonl") as sink:
        sink.write(b"new")
        raise ValueError
    assert get("out.jsonl") == b"old"


def test_an_object_replaced_while_it_is_read_is_an_error() -> None:
    put("big.bin", os.urandom(3_000_000))
    with open_object(f"{URL}/big.bin") as source:
        source.read(10)
        put("big.bin", os.urandom(3_000_000))
        with pytest.raises(RemoteError) as caught:
            source.read()
    assert str(caught.value) == f"{URL}/big.bin: was replaced while it was read; run it again"


def test_every_stage_reads_and_writes_buckets(run_cli, make_kb, tmp_path) -> None:
    kb = make_kb({"id": "Q1", "label": "Minsk", "type": "city", "aliases": ["Minsk"]})
    for name in ("news/a.jsonl", "news/deep/b.jsonl"):
        lines = [json.dumps({"text": f"The OSCE met in Minsk. {name} {n}."}) for n in range(40)]
        put(name, "\n".join(lines).encode())
        local = tmp_path / name
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_text("\n".join(lines))
    for command in (
        ["convert", f"{URL}/news", "-o", f"{URL}/documents.jsonl.gz"],
        ["suggest", f"{URL}/documents.jsonl.gz", "-o", f"{URL}/silver.jsonl", "--kb", kb],
        ["export", f"{URL}/silver.jsonl", "-o", f"{URL}/silver.spacy", "--shard-size", "30"],
        ["convert", f"{URL}/news/*.jsonl", "-o", f"{URL}/each/{{}}.jsonl"],
        ["check", URL, "--kb", kb],
    ):
        ran = run_cli(command)
        assert ran.code == 0, ran.err or ran.out
    again = run_cli(["convert", f"{URL}/news", "-o", f"{URL}/documents.jsonl.gz"])
    assert again.out.startswith(f"{URL}/documents.jsonl.gz is up to date\n")
    assert run_cli(["convert", tmp_path / "news", "-o", tmp_path / "d.jsonl.gz"]).code == 0
    assert get("documents.jsonl.gz") == (tmp_path / "d.jsonl.gz").read_bytes()
    assert list(matching(f"{URL}/silver-*.spacy")) == [
        f"{URL}/silver-{number:05}.spacy" for number in range(3)
    ]


def test_what_is_not_there_is_named(run_cli, tmp_path) -> None:
    ran = run_cli(["convert", f"{URL}/none.jsonl", "-o", "-"])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {URL}/none.jsonl: no such object or folder; check bucket and name\n",
    )
    (tmp_path / "a.txt").write_text("Minsk.")
    ran = run_cli(["convert", tmp_path / "a.txt", "-o", "gs://no-such-bucket/a.jsonl"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: gs://no-such-bucket/a.jsonl.manifest.json: there is no such bucket; make "
        "it first, or mend -o\n",
    )


def test_the_library_prints_nothing_of_its_own() -> None:
    # Without credentials, it would tell so at length before each call.
    code = "from corpus.cli import main; main()"
    command = [sys.executable, "-c", code, "convert", f"{URL}/none.jsonl", "-o", "-"]
    env = {**os.environ, "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "true", "NO_GCE_CHECK": "true"}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)
    assert (ran.returncode, ran.stderr) == (
        2,
        f"corpus: error: {URL}/none.jsonl: no such object or folder; check bucket and name\n",
    )
