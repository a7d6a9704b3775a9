"""The Big List of Naughty Strings as articles: each a Document that gives its string back."""

import json
from pathlib import Path

import pytest

from corpus.articles.cleaning import original_text
from corpus.articles.conversion import article_pieces, convert_piece
from corpus.articles.raw import ConvertOptions, Source
from corpus.model import Change

BLNS = Path(__file__).parents[3] / "shared" / "data" / "blns" / "blns.json"


@pytest.mark.skipif(not BLNS.is_file(), reason="the list is not part of the repository")
def test_each_string_comes_back_or_is_a_listed_reject(tmp_path):
    strings = json.loads(BLNS.read_text("utf-8"))
    path = tmp_path / "blns.jsonl"
    path.write_text("".join(json.dumps({"text": s}) + "\n" for s in strings), "utf-8")
    options = ConvertOptions()
    source = Source(0, str(path), "blns.jsonl", "jsonl")
    found = [c for p in article_pieces(source, options) for c in convert_piece(p, options)]
    assert [c.row for c in found] == list(range(1, len(strings) + 1))
    for string, each in zip(strings, found, strict=True):
        if isinstance(each.result, Change):
            assert not string.strip(" \t\r\n\ufeff")
            assert each.result.reason == "it has no text"
        else:
            assert original_text(each.result) == string
