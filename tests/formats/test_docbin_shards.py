"""One DocBin or many, from documents one by one."""

import resource

import pytest

from corpus.cli import run
from corpus.errors import DataError, UsageError
from corpus.formats.docbin_reader import read_docbin
from corpus.formats.docbin_shards import docbin_shards
from corpus.model import Layer, Mention, make_document
from corpus.store import manifest_path, write_documents


def document(number):
    mention = Mention("1", 0, 4, "GPE")
    return make_document(
        f"d{number}", f"Kyiv {number}", layers=(Layer("gold", mentions=(mention,)),)
    )


def test_each_shard_is_there_as_soon_as_it_is_full(tmp_path):
    path = tmp_path / "d.spacy"
    with docbin_shards(path, shard_size=2) as shards:
        for number in range(5):
            shards.add(document(number))
            there = sorted(tmp_path.glob("d-*.spacy"))
            assert there == shards.paths[: number // 2]
    assert (shards.documents, shards.tokens) == (5, 10)
    found = [[each.id for each in read_docbin(shard)] for shard in shards.paths]
    assert found == [["d0", "d1"], ["d2", "d3"], ["d4"]]


def test_a_shard_that_is_not_whole_is_given_up(tmp_path):
    with pytest.raises(RuntimeError), docbin_shards(tmp_path / "d.spacy", shard_size=2) as shards:
        for number in range(3):
            shards.add(document(number))
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["d-00000.spacy"]


def test_an_error_at_the_end_gives_the_file_up(tmp_path):
    twice = Layer("gold", mentions=(Mention("1", 0, 1, "X"), Mention("1", 0, 1, "Y")))
    with (
        pytest.raises(DataError, match="a mention id stands twice"),
        docbin_shards(tmp_path / "d.spacy") as shards,
    ):
        shards.add(document(0))
        shards.add(make_document("twice", "a", layers=(twice,)))
    assert list(tmp_path.iterdir()) == []


def test_another_command_s_output_is_no_shard(tmp_path):
    other = tmp_path / "d-00001.spacy"
    other.write_bytes(b"of another command")
    manifest_path(other).write_text("{}")
    with (
        pytest.raises(UsageError) as caught,
        docbin_shards(tmp_path / "d.spacy", shard_size=1) as shards,
    ):
        shards.add(document(0))
        shards.add(document(1))
    assert str(caught.value) == f"{other}: is the output of another command; give another -o"
    assert other.read_bytes() == b"of another command"


@pytest.mark.parametrize(
    "command",
    [
        ["split", "gold.jsonl", "-o", "splits", "--shard-size", "1"],
        ["export", "gold.jsonl", "-o", "training", "--format", "spacy", "--shard-size", "1"],
        ["export", "gold.jsonl", "-o", "gold.spacy", "--shard-size", "1"],
    ],
    ids=lambda command: " ".join(command[:5:4]),
)
def test_many_shards_need_few_open_files(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    write_documents([document(number) for number in range(150)], "gold.jsonl")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        assert run(command) == 0
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(list(tmp_path.rglob("*-*.spacy"))) == 150
