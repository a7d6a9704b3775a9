"""addresses: told from paths, and shown without what is secret in them."""

from pathlib import Path

import pytest

from corpus.addresses import file_name, is_remote, scheme_of, shown, url_of
from corpus.errors import CorpusError


@pytest.mark.parametrize("url", ["s3://news/a.jsonl", "gs://news/a.jsonl", "https://host/a.jsonl"])
def test_a_path_of_an_address_is_the_same_address(url: str) -> None:
    assert is_remote(url)
    assert is_remote(Path(url))
    assert url_of(Path(url)) == url_of(url) == url
    assert scheme_of(Path(url)) == url.partition(":")[0]


@pytest.mark.parametrize("path", ["news/a.jsonl", "/s3:/x", "s3", "C:/x", "-", "", "http://host/a"])
def test_other_paths_are_no_addresses(path: str) -> None:
    assert not is_remote(path)
    assert url_of(path) == path


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://host/a.jsonl?X-Amz-Signature=abc", "https://host/a.jsonl"),
        (
            "https://host/a.jsonl?sig=abc:17:4: broken JSON",
            "https://host/a.jsonl:17:4: broken JSON",
        ),
        ("https://host/a.jsonl?sig=a:b%2F#17", "https://host/a.jsonl#17"),
        ("https://host/a?sig=abc; run: x", "https://host/a; run: x"),
        ("https:/host/a?sig=abc", "https://host/a"),
        ("of https://ann:s3cret@host/a and more", "of https://host/a and more"),
        ("http://ann:s3cret@127.0.0.1:9000/b", "http://127.0.0.1:9000/b"),
        ("s3:/news/what?.jsonl: no such object", "s3://news/what?.jsonl: no such object"),
        ("a/b?c=d", "a/b?c=d"),
    ],
)
def test_no_password_and_no_query_is_shown(text: str, clean: str) -> None:
    assert shown(text) == clean
    assert str(CorpusError(text, text)) == f"{clean}; {clean}"


def test_the_name_of_a_file_on_the_web_has_no_query() -> None:
    assert file_name("https://host/a%20b.jsonl.gz?sig=x.txt") == "https://host/a b.jsonl.gz"
    assert file_name("s3://news/what?.jsonl") == "s3://news/what?.jsonl"
