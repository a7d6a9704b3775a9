"""The kinds of files that hold articles, each with its reader, and how a file's kind is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from corpus.addresses import file_name
from corpus.articles.encoding import binary_kind
from corpus.articles.feed import read_feed
from corpus.articles.html import read_html
from corpus.articles.newsml import read_newsml
from corpus.articles.raw import RawArticle, Unreadable
from corpus.articles.text import read_text
from corpus.compression import bare_name, read_errors
from corpus.errors import CorpusError, RemoteError
from corpus.files import open_input

ReadFile = Callable[[bytes], Iterator[RawArticle | Unreadable]]


class Reader(NamedTuple):
    """A kind of input: its suffixes, and how a whole file of it is read (None: row by row)."""

    suffixes: tuple[str, ...]
    read: ReadFile | None


READERS: dict[str, Reader] = {
    "text": Reader((".txt", ".text"), read_text),
    "html": Reader((".html", ".htm", ".xhtml"), read_html),
    "feed": Reader((".rss", ".atom"), read_feed),
    "newsml": Reader((".newsml", ".nitf"), read_newsml),
    "jsonl": Reader((".jsonl", ".ndjson"), None),
    "json": Reader((".json",), None),
    "csv": Reader((".csv",), None),
    "tsv": Reader((".tsv", ".tab"), None),
    "parquet": Reader((".parquet", ".pq"), None),
    "documents": Reader((), None),
}
"""`documents` are Documents of `corpus` itself, one a line: told by their first line."""

_BY_SUFFIX = {suffix: kind for kind, reader in READERS.items() for suffix in reader.suffixes}
_PEEK = 1 << 13
_root = re.compile(rb"<(?:[\w.-]+:)?(rss|feed|RDF|newsItem|newsMessage|packageItem|nitf|html)\b")
_ROOTS = {
    b"rss": "feed", b"feed": "feed", b"RDF": "feed", b"newsItem": "newsml", b"html": "html",
    b"newsMessage": "newsml", b"packageItem": "newsml", b"nitf": "newsml",
}  # fmt: skip
_document = re.compile(rb'\s*\{\s*"type"\s*:\s*"document/')


def suffix_of(path: str) -> str:
    """The suffix of a path in lower case, that of a compression aside."""
    return Path(bare_name(file_name(path))).suffix.lower()


def choose_kind(
    path: str, *, forced: str, is_named: bool, others: Mapping[str, str]
) -> tuple[str, str]:
    """(kind, problem) of a file: as forced, by suffix, else by what it begins with.

    A file that was found in a folder must have a known suffix or none.
    """
    if forced and forced != "jsonl":
        return forced, ""
    suffix = suffix_of(path)
    kind = forced or _BY_SUFFIX.get(suffix) or others.get(suffix, "")
    if kind == "jsonl":
        return ("documents" if _document.match(_peek(path)) else "jsonl"), ""
    if kind:
        return kind, ""
    head = _peek(path)
    if binary_kind(head):
        return "", f"{binary_kind(head)}, not an article"
    if suffix == ".xml" or is_named or not suffix:
        kind = _sniff(head)
        if kind != "text" or suffix != ".xml":
            return kind, ""
        return "", "XML, but neither RSS, Atom, NewsML-G2 nor NITF"
    known = " ".join(sorted((*_BY_SUFFIX, ".xml", *others)))
    return "", f"not of a known kind ({known}); to read it all the same, give --input-format"


def _peek(path: str) -> bytes:
    try:
        with open_input(path) as source:
            return source.read(_PEEK)
    except RemoteError:
        raise  # a bucket that does not answer is no reason to take a file for another kind
    except read_errors(CorpusError):
        return b""


def _sniff(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _document.match(start):
        return "documents"
    if start.startswith(b"{"):
        return "jsonl"
    if start.startswith(b"[") and start[1:].lstrip().startswith(b"{"):
        return "json"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"<"):
        root = _root.search(start)
        if root:
            return _ROOTS[root[1]]
        if start[:14].lower() == b"<!doctype html":
            return "html"
    return "text"
