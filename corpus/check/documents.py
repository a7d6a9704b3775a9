"""A file of Document JSONL, or a ledger, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus import places
from corpus.check.facts import FactsWriter, Row, digest, row_of
from corpus.check.findings import Finding, finding_of
from corpus.check.inventory import LEDGERS, first_type
from corpus.check.links import LinkProof
from corpus.errors import StoreError, UsageError
from corpus.model import Change, Document, Link, count_mentions, problems_of
from corpus.store import decode_line, read_lines

_AGAIN = "make the file again"

_BROKEN = (StoreError, UsageError)  # of the file; a bucket that fails is no fault of it

GoldLinks = dict[str, tuple[Link, ...]]


def prove_documents(path: Path, facts: FactsWriter, links: LinkProof) -> Iterator[Finding]:
    """What is wrong in the file; its facts are told as they come."""
    try:
        for number, line in read_lines(path):
            try:
                document = decode_line(line, Document, f"{path}:{number}")
            except StoreError as error:
                yield finding_of(error, path)
                continue
            for problem in problems_of(document):
                yield Finding(str(path), problem, _AGAIN, number, document=document.id)
            for problem in links.problems_of(document):
                yield Finding(
                    str(path), problem, "give its --kb, or link again", number, document=document.id
                )
            facts.add(_row(document), count_mentions(document))
    except _BROKEN as error:  # the bytes end too soon, or are no gzip
        yield finding_of(error, path)


def _row(document: Document) -> Row:
    try:
        return row_of(document)
    except UnicodeEncodeError:  # a lone surrogate, named already
        return Row(digest(document.id), digest(document.text), 0, 0)


def ids_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, id) of each document of the file that can be read."""
    try:
        for number, line in read_lines(path):
            try:
                yield number, decode_line(line, Document, f"{path}:{number}").id
            except StoreError:
                continue  # a finding already
    except _BROKEN:
        return


def gold_links(path: Path, wanted: frozenset[int]) -> Iterator[tuple[int, GoldLinks]]:
    """(digest of the id, links by mention id) of the gold of each document that is wanted."""
    try:
        for number, line in read_lines(path):
            try:
                document = decode_line(line, Document, f"{path}:{number}")
            except StoreError:
                continue  # a finding already
            if digest(document.id) in wanted:
                gold = (layer.mentions for layer in document.layers if layer.name == "gold")
                yield (
                    digest(document.id),
                    {m.id: m.links for mentions in gold for m in mentions if m.links},
                )
    except _BROKEN:
        return


def prove_ledger(path: Path) -> Iterator[Finding]:
    """What is wrong in a file of repairs, rejects, votes, disputes or decisions."""
    record = LEDGERS.get(first_type(path).partition("/")[0], Change)
    try:
        for number, line in read_lines(path):
            try:
                decode_line(line, record, f"{path}:{number}")
            except StoreError as error:
                yield finding_of(error, path)
    except _BROKEN as error:
        yield finding_of(error, path)


def rejected_documents(path: Path) -> list[int]:
    """The digests of the ids of the documents that a ledger rejects whole, one a line."""
    if not places.is_file(path):
        return []
    rejected = []
    try:
        for number, line in read_lines(path):
            try:
                change = decode_line(line, Change, f"{path}:{number}")
            except StoreError:
                continue  # a finding already
            # With a layer it speaks of that alone: pull refuses a row, the document stays.
            if change.kind == "rejected" and not change.mention and not change.layer:
                rejected.append(digest(change.document))
    except _BROKEN:
        return rejected
    return rejected
