"""Objects of a bucket: read and written, whole or not at all."""

import os
import subprocess
import sys
import textwrap

import pytest

from corpus.errors import DependencyError, RemoteError, UsageError
from corpus.files import atomic_output, open_input
from corpus.remote import find_object, list_objects, open_object, written_object
from corpus.remote.buckets import PART


def test_a_missing_library_is_named_with_its_extra(run_cli, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(DependencyError) as caught:
        find_object("gs://bucket/x.jsonl")
    assert str(caught.value) == (
        "gs://bucket/x.jsonl: gcsfs is not installed; pip install 'corpus[gs]'"
    )


def big(bucket, size: int = 3_000_000) -> bytes:
    content = os.urandom(size)
    bucket.put("big.bin", content)
    return content


def test_a_connection_cut_once_is_mended(bucket) -> None:
    content = big(bucket)
    bucket.cut["big.bin"] = 2
    with open_object(f"{bucket.url}/big.bin") as source:
        assert source.read() == content


def test_an_object_replaced_while_it_is_read_is_an_error(bucket) -> None:
    big(bucket)
    with open_object(f"{bucket.url}/big.bin") as source:
        source.read(10)
        bucket.put("big.bin", os.urandom(3_000_000))
        with pytest.raises(RemoteError) as caught:
            source.read()
    assert str(caught.value) == (
        f"{bucket.url}/big.bin: was replaced while it was read; run it again"
    )


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, 2 * PART + 17])
def test_objects_of_every_size_are_written_whole(bucket, size: int) -> None:
    content = os.urandom(size)
    with atomic_output(f"{bucket.url}/out.bin") as sink:
        for at in range(0, size, 1 << 20):
            sink.write(content[at : at + (1 << 20)])
        assert bucket.names() == []
    assert bucket.get("out.bin") == content
    assert bucket.uploads() == []


@pytest.mark.parametrize("size", [10, PART + 10])
@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_what_stops_the_writing_leaves_the_old_object(bucket, size: int, stop) -> None:
    bucket.put("out.jsonl", b"old")
    with pytest.raises(stop), written_object(f"{bucket.url}/out.jsonl") as sink:
        sink.write(b"x" * size)
        raise stop
    assert bucket.get("out.jsonl") == b"old"
    assert bucket.uploads() == []


def test_a_refused_part_is_an_error_and_leaves_nothing(bucket) -> None:
    with pytest.raises(RemoteError) as caught, written_object(f"{bucket.url}/out.bin") as sink:
        sink.write(b"x" * (PART + 1))
        bucket.denied.add("out.bin")
        sink.write(b"x" * PART)
    assert str(caught.value).startswith(f"{bucket.url}/out.bin: access is denied; ")
    assert bucket.names() == []


def test_the_beginning_of_an_object_costs_no_more_than_it(bucket) -> None:
    big(bucket, 30_000_000)
    with open_input(f"{bucket.url}/big.bin") as source:
        source.read(1000)
    ranges = [asked for method, key, asked in bucket.asked if method == "GET" and asked]
    assert ranges == ["bytes=0-65535"]


@pytest.mark.long
def test_memory_does_not_grow_with_the_object(bucket) -> None:
    big(bucket, 200_000_000)
    code = """
        import resource, sys
        from corpus.files import atomic_output, open_input
        import s3fs
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with open_input(sys.argv[1]) as source, atomic_output(sys.argv[2]) as sink:
            while block := source.read(1 << 20):
                sink.write(block)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), f"{bucket.url}/big.bin"]
    ran = subprocess.run([*command, f"{bucket.url}/copy.bin"], capture_output=True, check=True)
    assert int(ran.stdout) < 160
    assert len(list_objects(bucket.url)) == 2
    assert find_object(f"{bucket.url}/copy.bin").size == 200_000_000


def test_a_seek_reads_what_stands_there(bucket) -> None:
    content = big(bucket)
    with open_object(f"{bucket.url}/big.bin") as source:
        source.seek(-5, os.SEEK_END)
        assert source.read() == content[-5:]
        source.seek(1000)
        assert source.read(5) == content[1000:1005]


def test_an_object_that_is_not_there_cannot_be_opened(bucket) -> None:
    with pytest.raises(UsageError) as caught:
        open_object(f"{bucket.url}/none")
    assert str(caught.value) == f"{bucket.url}/none: no such object; check the bucket and the name"
