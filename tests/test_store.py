"""store: what is written is read back, and what is broken is named to the column."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import StoreError, UsageError
from corpus.files import atomic_output, shard_path
from corpus.model import Change, Document, Layer, make_document
from corpus.store import (
    decode_line,
    encode_line,
    manifest_path,
    read_documents,
    read_lines,
    read_records,
    write_documents,
    write_records,
    write_shards,
)

AWKWARD = "a\u2028b\u0085c\x0b\x0c\x1c\r\n\ufeff\u202e😀e\u0301\0"


def documents(count: int) -> list[Document]:
    return [make_document(str(n), f"text {n}") for n in range(count)]


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.booleans()))
def test_line_survives_and_is_one_line(text: str, meta: dict[str, object]) -> None:
    document = make_document("id", text, meta=meta)
    line = encode_line(document)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_line(line, Document, "here") == document


def test_encode_line_gives_the_same_bytes_whatever_the_order_of_meta() -> None:
    one = make_document("a", "", meta={"b": 1, "a": {"d": 1, "c": 2}})
    two = make_document("a", "", meta={"a": {"c": 2, "d": 1}, "b": 1})
    assert encode_line(one) == encode_line(two)


@pytest.mark.parametrize("name", ["d.jsonl", "d.jsonl.gz"])
def test_documents_survive_with_line_breaks_that_are_text(tmp_path: Path, name: str) -> None:
    written = [make_document("a", AWKWARD), *documents(3)]
    assert write_documents(written, tmp_path / name) == 4
    assert list(read_documents(tmp_path / name)) == written


def test_write_documents_passes_on_what_the_stream_raises_and_writes_nothing(
    tmp_path: Path,
) -> None:
    def broken() -> Iterator[Document]:
        yield from documents(2)
        raise StoreError("line 3 is broken")

    with pytest.raises(StoreError, match=r"^line 3 is broken$"):
        write_documents(broken(), tmp_path / "d.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_read_lines_splits_on_lf_only_and_passes_over_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(b'"a\xe2\x80\xa8b"\r\n\r\n\n"c\x85"\n"end"')
    assert list(read_lines(path)) == [
        (1, b'"a\xe2\x80\xa8b"\r\n'),
        (4, b'"c\x85"\n'),
        (5, b'"end"'),
    ]


def test_read_documents_takes_crlf_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(b"".join(encode_line(d)[:-1] + b"\r\n" for d in documents(3)))
    assert list(read_documents(path)) == documents(3)


def test_broken_line_17_is_named_with_file_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    lines = [encode_line(d) for d in documents(20)]
    lines[16] = '{"type":"document/1","id":"éé😀" "text":""}\n'.encode()
    path.write_bytes(b"".join(lines))
    with pytest.raises(StoreError) as caught:
        list(read_documents(path))
    assert str(caught.value) == (
        f"{path}:17:33: JSON is malformed: expected ',' or '}}'; mend that line"
    )


START = b'{"type":"document/1","id":"a"'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (START + b"\r\n", "here:30: Input data was truncated; mend that line"),
        (
            START + b',"text":"\xc3\xa9\xff"}',
            "here:40: the line is not UTF-8; save the file as UTF-8",
        ),
        (
            START + b',"text":"\xed\xa0\x80"}',
            "here:39: the line is not UTF-8; save the file as UTF-8",
        ),
        (
            START + rb',"text":"\ud83d","sha256":""}',
            "here:45: JSON is malformed: unexpected end of escaped utf-16 surrogate pair; mend "
            "that line",
        ),
        (
            b"\xef\xbb\xbf" + START,
            "here:1: the file begins with a byte order mark; mend that line",
        ),
        (
            START + b"}",
            "here: Object missing required field `text`; see schemas/ for what a record holds",
        ),
        (b"[]", "here: Expected `object`, got `array`; see schemas/ for what a record holds"),
        (
            START + b',"text":"","sha256":"","txet":1}',
            "here: Object contains unknown field `txet`; see schemas/ for what a record holds",
        ),
        (
            START + b',"text":"","sha256":"","meta":{"a":' + b"[" * 20_000,
            "here: nested too deep; mend that line",
        ),
        (
            START.replace(b"/1", b"/2") + b"}",
            "here: is 'document/2', this corpus reads 'document/1'; use the version of corpus "
            "that wrote it",
        ),
        (
            b'{"type":"change/1"}',
            "here: is 'change/1', this corpus reads 'document/1'; give a file of that type",
        ),
    ],
)
def test_decode_line_names_each_kind_of_damage(line: bytes, message: str) -> None:
    with pytest.raises(StoreError) as caught:
        decode_line(line, Document, "here")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            make_document("a", "", meta={"v": "\ud83d"}),
            "document 'a': cannot be written as JSON ('utf-8' codec can't encode character "
            "'\\ud83d' in position 0: surrogates not allowed); reject it, or mend the text or "
            "metadata it comes from",
        ),
        (
            Change(kind="rejected", document="b", reason="", before={"v": object()}),
            "change 'b': cannot be written as JSON (Encoding objects of type object is "
            "unsupported); reject it, or mend the text or metadata it comes from",
        ),
    ],
)
def test_encode_line_names_the_record_that_json_cannot_hold(record: object, message: str) -> None:
    with pytest.raises(StoreError) as caught:
        encode_line(record)
    assert str(caught.value) == message


GOOD_GZIP = gzip.compress(b'{"a": 1}\n' * 10_000, mtime=0)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (
            GOOD_GZIP[:-20],
            "compressed file ended before the end-of-stream marker was reached",
        ),
        (GOOD_GZIP[:5], "compressed file ended before the end-of-stream marker was reached"),
        (GOOD_GZIP[:-8] + bytes(4) + GOOD_GZIP[-4:], "crc check failed 0 != "),
        (GOOD_GZIP[:14] + b"\xff\xff\xff" + GOOD_GZIP[17:], "error -"),
    ],
)
def test_read_lines_names_a_damaged_gzip(tmp_path: Path, damaged: bytes, reason: str) -> None:
    path = tmp_path / "d.jsonl.gz"
    path.write_bytes(damaged)
    with pytest.raises(StoreError) as caught:
        list(read_lines(path))
    assert str(caught.value).startswith(f"{path}: cannot be read to its end ({reason}")
    assert str(caught.value).endswith("; the file was cut or is damaged; make it again")


def test_read_documents_names_the_document_that_is_unsound(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    write_records([*documents(2), Document(id="odd", text="x", sha256="")], path)
    with pytest.raises(StoreError) as caught:
        list(read_documents(path))
    assert str(caught.value) == (
        f"{path}: document 'odd': sha256 is not that of the text: the text was changed after "
        f"convert; run: corpus check {path}"
    )


@pytest.mark.parametrize("after", range(8))
def test_read_documents_after_the_first_ones_reads_on_across_shards(
    tmp_path: Path, after: int
) -> None:
    path = tmp_path / "d.jsonl.gz"
    write_shards(documents(6), path, write_documents, 2)
    (tmp_path / "d-00003.jsonl.gz").write_bytes(b"\n")
    (tmp_path / "d-00001.jsonl.gz").write_bytes(
        b"\n" + gzip.decompress((tmp_path / "d-00001.jsonl.gz").read_bytes())
    )
    assert list(read_documents(path, after=after)) == documents(6)[after:]


def test_read_documents_does_not_look_at_the_first_ones(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    write_documents(documents(2), path)
    path.write_bytes(b"{}\n" + path.read_bytes())
    assert list(read_documents(path, after=1)) == documents(2)


LONG = "é" * 3000  # some twenty of them are one piece of a file


@pytest.mark.parametrize("name", ["d.jsonl", "d.jsonl.gz", "d.jsonl.zst", "d.jsonl.bz2"])
@pytest.mark.parametrize("end", [b"\n", b"", b"\n\n \n"], ids=["ended", "open", "blank"])
def test_files_of_many_pieces_are_read_whole(tmp_path: Path, name: str, end: bytes) -> None:
    long = [make_document(str(n), LONG[n:]) for n in range(90)]
    long.insert(45, make_document("longer than a piece", "x" * 200_000))
    with atomic_output(tmp_path / name) as sink:
        sink.write(b"".join(map(encode_line, long)).rstrip(b"\n") + end)
    assert list(read_documents(tmp_path / name)) == long
    assert list(read_documents(tmp_path / name, after=46)) == long[46:]


@pytest.mark.parametrize("blank", [b"", b"\n", b" \n\n"])
def test_line_of_a_late_error_is_counted_over_pieces(tmp_path: Path, blank: bytes) -> None:
    path = tmp_path / "d.jsonl"
    lines = [encode_line(make_document(str(n), LONG)) for n in range(90)]
    lines[5] += blank
    lines[70] = b"{'a'}\n"
    path.write_bytes(b"".join(lines))
    read, found = read_documents(path), []
    with pytest.raises(StoreError) as caught:
        found.extend(iter(lambda: next(read).id, None))
    assert len(found) == 70
    number = 71 + blank.count(b"\n")
    assert str(caught.value).startswith(f"{path}:{number}:2: JSON is malformed")


@pytest.mark.parametrize("lines", [3, 60])
def test_a_record_over_two_lines_is_none(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "d.jsonl"
    content = [encode_line(make_document(str(n), LONG)) for n in range(lines)]
    content[-2] = content[-2].replace(b',"text"', b',\n"text"')
    path.write_bytes(b"".join(content))
    with pytest.raises(StoreError, match=f"^{path}:{lines - 1}:"):
        list(read_documents(path))


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'{"a":1}{"a":2}\n\n', "1:9"),
        (b'{"a":1}{"a":2}\n', "1:9"),
        (b'{"a":1} {"a":2,\n"b":3}\n', "1:10"),
        (b'{"a":1}\n{"a":{}\n}{"a":2}\n', "2:8"),
        (b'{"a":[{}\n,{}\n]}{"a":2}{"a":3}\n', "1:9"),
    ],
)
def test_lines_that_hold_not_just_one_record_are_none(
    tmp_path: Path, content: bytes, where: str
) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=f"^{path}:{where}: "):
        list(read_records(path, dict))


def test_documents_of_a_slow_pipe_come_when_their_line_ends(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    with open(write_end, "wb", buffering=0) as sink:
        read = read_documents(f"/dev/fd/{read_end}")
        for document in documents(3):
            sink.write(encode_line(document))
            assert next(read) == document
    assert list(read) == []
    os.close(read_end)


def test_read_records_leaves_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl.gz"
    write_records([{"a": n} for n in range(10)], path)
    records = read_records(path, dict[str, int])
    assert next(records) == {"a": 0}
    records.close()  # a ResourceWarning would fail this test


def write_plain(stream: object, path: Path) -> int:
    return write_documents(stream, path)  # type: ignore[arg-type] - any iterable will do here


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (4, [2, 2]), (5, [2, 2, 1])])
def test_write_shards_cuts_the_stream(tmp_path: Path, count: int, sizes: list[int]) -> None:
    path = tmp_path / "d.jsonl"
    paths = write_shards(documents(count), path, write_plain, 2)
    assert paths == [shard_path(path, number) for number in range(len(sizes))]
    assert [len(list(read_documents(shard))) for shard in paths] == sizes
    assert list(read_documents(path)) == documents(count)


def test_write_shards_removes_the_shards_of_a_longer_run(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    write_shards(documents(6), path, write_plain, 2)
    (tmp_path / "d-20241.jsonl").write_text("somebody's")
    (tmp_path / "d-00000.txt").write_text("somebody's")
    assert len(write_shards(documents(2), path, write_plain, 2)) == 1
    names = sorted(found.name for found in tmp_path.iterdir())
    assert names == ["d-00000.jsonl", "d-00000.txt", "d-20241.jsonl"]


def test_write_shards_leaves_a_file_with_a_manifest_of_its_own(tmp_path: Path) -> None:
    path, other = tmp_path / "d.jsonl", tmp_path / "d-00001.jsonl"
    other.write_text("of another command")
    manifest_path(other).write_text("{}")
    manifest_path(tmp_path / "e-00000.jsonl").write_text("{}")
    write_shards(documents(2), path, write_plain)
    write_shards(documents(2), path, write_plain, 2)
    with pytest.raises(UsageError) as caught:
        write_shards(documents(3), path, write_plain, 2)
    assert str(caught.value) == f"{other}: is the output of another command; give another -o"
    with pytest.raises(UsageError):
        write_shards([], tmp_path / "e.jsonl", write_plain, 2)
    assert other.read_text() == "of another command"


def test_write_shards_never_leaves_both_the_file_and_its_shards(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    for shard_size, count in ((None, 3), (2, 4), (None, 2), (1, 3)):
        write_shards(documents(count), path, write_plain, shard_size)
        assert list(read_documents(path)) == documents(count)
    assert not path.exists()


def test_read_documents_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        list(read_documents(tmp_path / "none.jsonl"))


def test_documents_on_disk_hold_no_default_fields(tmp_path: Path) -> None:
    write_documents(documents(1), tmp_path / "d.jsonl")
    record = json.loads((tmp_path / "d.jsonl").read_text())
    assert list(record) == ["type", "id", "text", "sha256"]


def test_empty_tuples_are_left_out_however_they_were_made():
    empty = tuple(name for name in ())  # before Python 3.11 another object than ()
    layer = Layer("gold", comments=empty, mentions=empty)
    line = encode_line(make_document("d", ":[]", meta={"kept": []}, layers=(layer,)))
    assert line.endswith(b'"meta":{"kept":[]},"layers":[{"name":"gold"}]}\n')
    assert b'"text":":[]"' in line
