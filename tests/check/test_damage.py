"""corpus check: every damage to a workspace is found and named."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.store import encode_line, read_documents
from tests.check.damages import CASES, cut_docbin, cut_line, flip_byte
from tests.check.workspaces import (
    findings,
)


@pytest.mark.parametrize(("damage", "expected"), CASES, ids=[case[0].__name__ for case in CASES])
def test_each_damage_is_found_and_named(
    work: Path, damage: Callable[[Path], None], expected: list[str]
) -> None:
    damage(work)
    assert sorted(findings(".")) == sorted(expected)


@pytest.mark.parametrize("damage", [flip_byte, cut_line, cut_docbin])
def test_damage_of_single_bytes_is_found(work: Path, damage: Callable[[Path], None]) -> None:
    damage(work)
    assert any("was changed after" in finding for finding in findings("."))


def test_cut_docbin_is_named_with_the_reason_of_spacy(work: Path) -> None:
    cut_docbin(work)
    [finding] = [f for f in findings("splits/train.spacy") if "spaCy" in f]
    assert finding.startswith("splits/train.spacy: spaCy cannot load it (")


def test_every_single_byte_of_an_output_counts(work: Path) -> None:
    path = Path("documents.jsonl")
    content = path.read_bytes()
    for at in range(0, len(content), 211):
        damaged = bytearray(content)
        damaged[at] ^= 4
        path.write_bytes(damaged)
        assert any(
            "documents.jsonl: was changed" in finding for finding in findings("documents.jsonl")
        )


def test_damaged_gzip_is_named(work: Path) -> None:
    documents = list(read_documents("documents.jsonl"))
    raw = gzip.compress(b"".join(map(encode_line, documents)))
    Path("d.jsonl.gz").write_bytes(raw[:-12])
    assert findings("d.jsonl.gz") == [
        "d.jsonl.gz: cannot be read to its end (compressed file ended before the end-of-stream "
        "marker was reached); the file was cut or is damaged; make it again"
    ]


def test_broken_line_is_named_with_line_and_column(work: Path) -> None:
    lines = Path("documents.jsonl").read_bytes().splitlines(keepends=True)
    Path("d.jsonl").write_bytes(lines[0] + b'{"type":"document/1" "id"}\n' + lines[1])
    assert findings("d.jsonl") == [
        "d.jsonl:2:22: JSON is malformed: expected ',' or '}'; mend that line"
    ]
