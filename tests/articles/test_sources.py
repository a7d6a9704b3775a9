"""From arguments to files: order, names, kinds, and what is passed over."""

import gzip

import pytest

from corpus.articles.readers import READERS
from corpus.articles.sources import find_sources
from corpus.errors import UsageError


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")


def test_folder_is_read_sorted_and_hidden_files_are_counted(tmp_path):
    make(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt", "a.txt", ".x.txt", ".git/y.txt")
    found = find_sources([tmp_path])
    assert [s.name for s in found.sources] == ["a.txt", "b.txt", "a/z.txt", "a/b/c.txt"]
    assert found.skipped == {"hidden": 2}


def test_names_are_relative_to_what_was_typed(tmp_path):
    make(tmp_path, "in/sub/a.txt")
    named = find_sources([tmp_path / "in" / "sub" / "a.txt"]).sources
    globbed = find_sources([f"{tmp_path}/*/sub/*.txt"]).sources
    assert [s.name for s in (*named, *globbed)] == ["a.txt", "in/sub/a.txt"]


def test_a_file_named_twice_is_read_once(tmp_path):
    make(tmp_path, "a.txt")
    found = find_sources([tmp_path, tmp_path / "a.txt"])
    assert [s.name for s in found.sources] == ["a.txt"]
    assert found.skipped == {"named twice": 1}


def test_what_corpus_wrote_into_the_folder_is_passed_over(tmp_path):
    make(tmp_path, "a.txt", "o.jsonl", "o.jsonl.manifest.json", "o.jsonl.rejects.jsonl")
    make(tmp_path, "p-00000.jsonl", "p.jsonl.manifest.json")
    found = find_sources([tmp_path], output=tmp_path / "q.jsonl")
    assert [s.name for s in found.sources] == ["a.txt"]
    assert found.skipped == {"written by corpus": 5}


def test_shards_stand_for_the_name_they_share(tmp_path):
    make(tmp_path, "a-00000.txt", "a-00001.txt")
    names = [s.name for s in find_sources([tmp_path / "a.txt"]).sources]
    assert names == ["a-00000.txt", "a-00001.txt"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.TXT", "x", "text"),
        ("a.txt.gz", "x", "text"),
        ("a.htm", "x", "html"),
        ("a.jsonl", '{"text": "x"}', "jsonl"),
        ("a.jsonl", '{"type":"document/1","id":"a"}', "documents"),
        ("a.xml", '<?xml version="1.0"?><rss/>', "feed"),
        ("a.xml", "<a:feed xmlns:a='x'/>", "feed"),
        ("a.xml", "<!DOCTYPE nitf><nitf/>", "newsml"),
        ("noname", "\ufeff<!DOCTYPE html><p>", "html"),
        ("noname", '[{"text": "x"}]', "json"),
        ("noname", "[1] a footnote", "text"),
        ("noname", '{"text": "x"}', "jsonl"),
        ("a.foo", "x", "text"),
        ("a.spacy", "x", "docbin"),
    ],
)
def test_kind_is_told_by_suffix_else_by_content(tmp_path, name, content, kind):
    path = tmp_path / name
    data = content.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    (source,) = find_sources([path], others={".spacy": "docbin"}).sources
    assert (source.kind, source.problem) == (kind, "")


def test_unknown_files_of_a_folder_become_problems(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    (tmp_path / "b.xml").write_text("<doc/>")
    (tmp_path / "c.log").write_text("x")
    problems = [s.problem for s in find_sources([tmp_path]).sources]
    assert problems[0] == "a PNG image, not an article"
    assert problems[1] == "XML, but neither RSS, Atom, NewsML-G2 nor NITF"
    assert problems[2].startswith("not of a known kind (.atom .csv ")
    assert problems[2].endswith("); to read it all the same, give --input-format")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("nowhere", "{}/nowhere: no such file or folder; check the path"),
        ("*.foo", "{}/*.foo: the pattern matches nothing; check the pattern"),
        (
            "empty",
            "{}/empty: nothing to read in it; give a file, or a folder with articles in it",
        ),
    ],
)
def test_what_is_not_there_is_named(tmp_path, argument, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as error:
        find_sources([f"{tmp_path}/{argument}"])
    assert str(error.value) == message.format(tmp_path)


def test_every_suffix_has_one_reader():
    suffixes = [suffix for reader in READERS.values() for suffix in reader.suffixes]
    assert len(suffixes) == len(set(suffixes))
