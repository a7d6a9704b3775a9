import json
import zipfile

import pytest

from corpus.doccano.exports import (
    ExportFile,
    Place,
    RowIndex,
    hash_export,
    read_place,
    read_rows,
    unpack_export,
)
from corpus.errors import DoccanoError


def zipped(path, *members, date=(2024, 1, 1, 0, 0, 0)):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, date), content)
    return path


def test_unpack_export_names_its_files_itself(tmp_path):
    archive = zipped(tmp_path / "full.zip", ("bob@x.jsonl", "{}\n"), ("ann.jsonl", "{}\n"))
    files = unpack_export(archive, tmp_path)
    assert [(file.author, file.path.name) for file in files] == [
        ("ann", "full-0.jsonl"),
        ("bob@x", "full-1.jsonl"),
    ]


@pytest.mark.parametrize(
    "name", ["../all.jsonl", "/etc/all.jsonl", "a/all.jsonl", "all.txt", "folder.jsonl/"]
)
def test_unpack_export_writes_nothing_outside(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = zipped(tmp_path / "full.zip", (name, "{}\n"))
    with pytest.raises(DoccanoError) as caught:
        unpack_export(archive, inside)
    assert caught.value.message == (f"the export holds {name!r}, which is no file of an annotator")
    assert list(inside.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full.zip", "inside"]


def test_unpack_export_refuses_a_bomb_before_it_writes(tmp_path):
    bomb = tmp_path / "full.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("all.jsonl", bytes(100_000_001))
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(DoccanoError) as caught:
        unpack_export(bomb, inside)
    assert caught.value.message == (
        f"the export of {bomb.stat().st_size:,} bytes would unpack to 1 files of 100,000,001 bytes"
    )
    assert list(inside.iterdir()) == []


def test_unpack_export_writes_no_more_than_a_member_announces(tmp_path):
    archive = zipped(tmp_path / "full.zip", ("all.jsonl", "x" * 5000))
    lying = archive.read_bytes().replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    archive.write_bytes(lying)
    with pytest.raises(DoccanoError, match=r"^the export is no whole zip file \("):
        unpack_export(archive, tmp_path)
    assert all(path.stat().st_size <= 50 for path in tmp_path.glob("*.jsonl"))


def test_unpack_export_refuses_many_files(tmp_path):
    names = [(f"{number}.jsonl", "") for number in range(10_001)]
    archive = zipped(tmp_path / "full.zip", *names)
    with pytest.raises(DoccanoError, match=r"would unpack to 10,001 files of 0 bytes"):
        unpack_export(archive, tmp_path)


def test_unpack_export_says_that_a_zip_is_cut(tmp_path):
    archive = zipped(tmp_path / "full.zip", ("all.jsonl", "{}\n" * 999))
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(DoccanoError, match="the export is no whole zip file"):
        unpack_export(archive, tmp_path)


def test_hash_export_is_of_the_content_and_not_of_the_zip_s_dates(tmp_path):
    members = ("ann.jsonl", "{}\n"), ("bob.jsonl", "\n")
    hashes = set()
    for number, date in enumerate([(2024, 1, 1, 0, 0, 0), (2025, 2, 2, 2, 2, 2)]):
        archive = zipped(tmp_path / f"{number}.zip", *members, date=date)
        hashes.add(hash_export(unpack_export(archive, tmp_path)))
    other = zipped(tmp_path / "2.zip", ("ann.jsonl", "{}\n\n"), ("bob.jsonl", ""))
    assert len(hashes) == 1
    assert hash_export(unpack_export(other, tmp_path)) not in hashes


def test_read_rows_splits_on_lf_only_and_an_empty_export_has_none(tmp_path):
    path = tmp_path / "all.jsonl"
    texts = ["a\u2028b\u0085c", "d\x0be"]
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    path.write_bytes("\n".join(lines).encode() + b"\n")
    file = ExportFile("all", path)
    rows = list(read_rows(file))
    assert [row.text for _, row in rows] == texts
    assert [read_place(file, place).text for place, _ in rows] == texts
    path.write_bytes(b"\n")
    assert list(read_rows(file)) == []


def test_row_index_finds_lines_and_knows_who_was_not_asked_for(tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_bytes(b"one\ntwo\nthree\n")
    index = RowIndex(path)
    assert index.add("2", Place(4, 4))
    assert index.add("1", Place(0, 4))
    assert index.add("3", Place(8, 6))
    assert not index.add("1", Place(8, 6))
    assert index.line("2") == b"two\n"
    assert index.line("4") is None
    assert index.peek("1") == b"one\n"
    assert list(index.unseen()) == ["1", "3"]
    index.close()
