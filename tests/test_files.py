"""files: found with their shards, opened, and replaced only when they are whole."""

import errno
import gzip
import io
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from corpus.errors import UsageError
from corpus.files import (
    atomic_output,
    find_shards,
    is_stream,
    locked_folder,
    open_input,
    remove_partials,
    shard_path,
    unsharded_path,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_open_input_decompresses_by_content_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "plainly.jsonl"
    path.write_bytes(gzip.compress(b"a\nb\n"))
    with open_input(path) as source:
        assert source.read() == b"a\nb\n"


def test_open_input_reads_gzip_from_standard_input(monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(b"a\n"))))
    assert open_input("-").read() == b"a\n"


@pytest.mark.parametrize(
    ("name", "reason"), [("none.jsonl", "no such file or directory"), ("", "is a directory")]
)
def test_open_input_names_what_cannot_be_read(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_input(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {reason}; give a file that can be read"


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_atomic_output_keeps_the_old_file_whatever_stops_it(
    tmp_path: Path, stop: type[BaseException], name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"old")
    with pytest.raises(stop), atomic_output(path) as sink:
        sink.write(b"new" * 100_000)
        raise stop
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [name]


def test_atomic_output_shows_nothing_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with atomic_output(path) as sink:
        sink.write(b"x" * 1_000_000)
        assert not path.exists()
    assert path.stat().st_size == 1_000_000
    assert names(tmp_path) == ["out"]


def test_atomic_output_gives_the_same_gzip_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        with atomic_output(tmp_path / name) as sink:
            sink.write(b"text" * 5000)
    first = (tmp_path / "a.gz").read_bytes()
    assert first == (tmp_path / "b.gz").read_bytes()
    assert first[3:8] == b"\0\0\0\0\0"  # no name, no time
    assert gzip.decompress(first) == b"text" * 5000


def test_atomic_output_writes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    with atomic_output(tmp_path / "link") as sink:
        sink.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_atomic_output_leaves_a_device_a_device() -> None:
    with atomic_output("/dev/null") as sink:
        sink.write(b"gone")
    assert Path("/dev/null").is_char_device()
    assert is_stream("/dev/null")
    assert not is_stream("/dev")


def test_atomic_output_says_which_folder_to_make(tmp_path: Path) -> None:
    path = tmp_path / "my runs" / "out.jsonl"
    with pytest.raises(UsageError) as caught, atomic_output(path):
        pytest.fail("the block must not begin")
    assert str(caught.value) == (
        f"{path}: there is no folder {path.parent}; make it first: mkdir -p '{path.parent}'"
    )


def test_atomic_output_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught, atomic_output(tmp_path):
        pytest.fail("the block must not begin")
    assert str(caught.value) == f"{tmp_path}: is a folder; give the name of a file in it"


def run_python(code: str, *args: object, **kwargs: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **kwargs)


WRITE = """
    import os, sys
    from corpus.errors import CorpusError
    from corpus.files import atomic_output
    if os.geteuid() == 0 and "--nobody" in sys.argv:
        os.setegid(65534), os.seteuid(65534)
    try:
        with atomic_output(sys.argv[1]) as sink:
            for _ in range(1000):
                sink.write(os.urandom(4096))
    except CorpusError as error:
        sys.exit(f"{type(error).__name__} {error}")
"""


def test_atomic_output_names_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:  # tmp_path's parents are closed to others
        Path(place).chmod(0o555)
        ran = run_python(WRITE, f"{place}/out", "--nobody")
        assert names(Path(place)) == []
    assert ran.stderr == (
        f"UsageError {place}/out: cannot be written (permission denied); give another -o\n"
    )


@pytest.mark.parametrize("name", ["out", "out.gz"])
def test_atomic_output_keeps_the_old_file_when_a_limit_is_reached(
    tmp_path: Path, name: str
) -> None:
    import resource

    path = tmp_path / name
    path.write_bytes(b"old")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    ran = run_python(WRITE, path, preexec_fn=limit)
    assert ran.stderr == (
        f"StoreError {path}: writing failed (file too large); free some room and run it again\n"
    )
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [name]


def test_atomic_output_keeps_the_old_file_when_the_disk_is_full(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root can mount the full disk; the limit above takes the same way")
    try:
        (tmp_path / "out").write_bytes(b"old")
        ran = run_python(WRITE, tmp_path / "out")
        assert ran.stderr == (
            f"StoreError {tmp_path}/out: writing failed (no space left on device); free some "
            "room and run it again\n"
        )
        assert (tmp_path / "out").read_bytes() == b"old"
        assert names(tmp_path) == ["out"]
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_atomic_output_lets_other_system_errors_through(tmp_path: Path) -> None:
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    with pytest.raises(ConnectionRefusedError), atomic_output(tmp_path / "out"):
        raise refused


def test_killed_run_leaves_the_old_file_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    code = """
        import sys, time
        from corpus.files import atomic_output
        with atomic_output(sys.argv[1]) as sink:
            sink.write(b"half")
            print("writing", flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        [partial] = set(names(tmp_path)) - {"out"}
        assert partial == f".out.{process.pid}.partial"
        remove_partials(path)
        assert partial in names(tmp_path), "that of a living process was removed"
        process.kill()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [partial, "out"]
    with atomic_output(path) as sink:
        sink.write(b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["out"]


def test_remove_partials_leaves_what_is_not_ours(tmp_path: Path) -> None:
    for name in (".out.x.partial", ".other.999999999.partial", f".out.{os.getpid()}.partial"):
        (tmp_path / name).touch()
    before = names(tmp_path)
    remove_partials(tmp_path / "out")
    assert names(tmp_path) == before


def test_locked_folder_is_held_until_its_block_ends_however_it_ends(tmp_path: Path) -> None:
    with (
        locked_folder(tmp_path, ".lock", "pull"),
        pytest.raises(UsageError) as caught,
        locked_folder(tmp_path, ".lock", "pull"),
    ):
        pass
    assert str(caught.value) == (
        f"{tmp_path}: another pull is working there; wait for it, or give another -o"
    )
    with pytest.raises(KeyError), locked_folder(tmp_path, ".lock", "pull"):
        raise KeyError
    with locked_folder(tmp_path, ".lock", "pull"), locked_folder(tmp_path, ".other", "curve"):
        pass


def test_shard_path_numbers_before_the_first_dot() -> None:
    assert shard_path("a/documents.jsonl.gz", 3) == Path("a/documents-00003.jsonl.gz")
    assert unsharded_path("a/documents-00003.jsonl.gz") == Path("a/documents.jsonl.gz")
    assert unsharded_path("a/documents.jsonl") == Path("a/documents.jsonl")


def test_find_shards_prefers_the_file_then_shards_then_the_glob(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    shards = [shard_path(path, number) for number in range(3)]
    for shard in shards:
        shard.touch()
    (tmp_path / "dx-00000.jsonl").touch()
    assert find_shards(path) == shards
    assert find_shards(tmp_path / "d-*.jsonl") == shards
    assert find_shards(tmp_path / "*.jsonl") == [*shards, tmp_path / "dx-00000.jsonl"]
    path.touch()
    assert find_shards(path) == [path]
    assert find_shards("-") == ["-"]


def test_find_shards_misses_a_shard_between_others(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    shard_path(path, 0).touch()
    shard_path(path, 2).touch()
    with pytest.raises(UsageError) as caught:
        find_shards(path)
    assert str(caught.value) == (
        f"{path}: its shard {shard_path(path, 1)} is missing; make it again, or name the shards "
        "that are there by a glob"
    )


def test_find_shards_says_that_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_shards(tmp_path / "*.jsonl")
    assert str(caught.value) == (
        f"{tmp_path}/*.jsonl: no such file; check the path; a glob must match something"
    )
