"""compression: what is written is read, and a cut or damaged file never passes for a whole one."""

import bz2
import gzip
import io
import subprocess
import sys
from pathlib import Path

import pytest
from backports import zstd

from corpus.cli import run
from corpus.compression import SUFFIXES, bare_name
from corpus.errors import StoreError
from corpus.files import atomic_output, open_input
from corpus.store import read_documents, read_lines

UNPACK = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".zst": zstd.decompress}
TEXT = b"".join(b'{"id": "%d", "text": "Article %d."}\n' % (n, n * n) for n in range(3000))


def packed(path: Path) -> bytes:
    with atomic_output(path) as sink:
        sink.write(TEXT)
    return path.read_bytes()


def test_every_suffix_is_tried_here() -> None:
    assert set(UNPACK) == set(SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read_and_is_the_same_each_time(tmp_path: Path, suffix: str) -> None:
    first = packed(tmp_path / f"a.jsonl{suffix}")
    assert first == packed(tmp_path / f"b.jsonl{suffix}")
    assert len(first) < len(TEXT) / 2
    assert UNPACK[suffix](first) == TEXT
    with open_input(tmp_path / f"a.jsonl{suffix}") as source:
        assert source.read() == TEXT


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_two_files_one_after_the_other_are_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"two{suffix}"
    path.write_bytes(packed(tmp_path / f"one{suffix}") * 2)
    with open_input(path) as source:
        assert source.read() == TEXT * 2


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_was_cut_anywhere_is_an_error(tmp_path: Path, suffix: str) -> None:
    whole = packed(tmp_path / f"whole.jsonl{suffix}")
    path = tmp_path / f"cut.jsonl{suffix}"
    for size in (len(whole) - 1, len(whole) - 5, len(whole) // 2, 20):
        path.write_bytes(whole[:size])
        with pytest.raises(StoreError) as caught:
            list(read_lines(path))
        assert str(caught.value) == (
            f"{path}: cannot be read to its end (compressed file ended before the end-of-stream "
            "marker was reached); the file was cut or is damaged; make it again"
        )


@pytest.mark.parametrize("kind", ["jsonl", "csv", "txt", "html", "json", "parquet"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_damaged_article_is_a_reject_of_convert(
    tmp_path: Path, suffix: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = bytearray(packed(tmp_path / f"whole.{kind}{suffix}"))
    whole[len(whole) // 2] ^= 0xFF
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / f"bad.{kind}{suffix}").write_bytes(whole)
    output = tmp_path / "documents.jsonl"
    assert run(["convert", str(folder), "-o", str(output)]) == 1
    assert "bad." in Path(f"{output}.rejects.jsonl").read_text()
    assert "Traceback" not in capsys.readouterr().err


def test_zstandard_goes_through_every_step(tmp_path: Path) -> None:
    source = tmp_path / "news.jsonl.zst"
    packed(source)
    output = tmp_path / "documents.jsonl.zst"
    assert run(["convert", str(source), "-o", str(output)]) == 0
    assert len(list(read_documents(output))) == 3000
    assert run(["check", str(tmp_path)]) == 0
    command = [sys.executable, "-m", "corpus", "convert", "-", "-o", "-", "--input-format", "jsonl"]
    ran = subprocess.run(command, input=source.read_bytes(), capture_output=True)
    assert ran.returncode == 0
    assert len(io.BytesIO(ran.stdout).readlines()) == 3000


@pytest.mark.parametrize(
    ("path", "bare"),
    [("a/b.jsonl.GZ", "a/b.jsonl"), ("b.spacy", "b.spacy"), ("x.gz.zst", "x.gz"), ("gz", "gz")],
)
def test_bare_name_drops_one_compression(path: str, bare: str) -> None:
    assert bare_name(path) == bare
