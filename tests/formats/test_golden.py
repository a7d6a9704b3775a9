"""Golden files: `round_trip` must come back as it was, `one_way` must read as its `.ref.jsonl`.

In `round_trip/<format>` stands what we write, a file or a folder, and beside it the documents
that it is, as `.jsonl`; in `one_way/<format>` what other tools write. `scripts/golden-formats`
writes the first anew.
"""

import filecmp
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from corpus.formats import FORMATS, format_of
from corpus.store import read_documents

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
BYTES_OF_A_LIBRARY = ("docbin", "spacy", "huggingface")  # which differ by its version


def files(folder):
    found = sorted(
        path
        for place in (GOLDEN / folder).iterdir()
        for path in place.iterdir()
        if path.suffix != ".jsonl"
    )
    return [pytest.param(p.parent.name, p, id=f"{p.parent.name}-{p.name}") for p in found]


def reference(path, suffix):
    return list(read_documents(path.with_name(path.name.partition(".")[0] + suffix)))


def options(format, path):
    return {"texts": path.parent / "texts.jsonl"} if format.texts else {}


@pytest.mark.parametrize(("name", "path"), files("round_trip"))
def test_what_we_write_comes_back_as_it_was(name, path, tmp_path):
    format = FORMATS[name]
    documents = reference(path, ".jsonl")
    assert list(format.read(path, **options(format, path))) == documents
    again = tmp_path / path.name
    format.write(documents, again)
    if name in BYTES_OF_A_LIBRARY:
        assert list(format.read(again)) == documents
    elif format.folder:
        names = sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())
        assert filecmp.cmpfiles(path, again, names, shallow=False) == (names, [], [])
        assert len(list(again.rglob("*"))) == len(list(path.rglob("*")))
    else:
        assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("name", "path"), files("one_way"))
def test_what_others_wrote_reads_as_its_reference(name, path):
    format = FORMATS[name]
    assert list(format.read(path, **options(format, path))) == reference(path, ".ref.jsonl")


@pytest.mark.parametrize(
    "path", sorted((GOLDEN / "round_trip/docbin").glob("*.spacy")), ids=lambda p: p.name
)
def test_spacy_reads_the_golden_docbins(path, tmp_path):
    documents = list(read_documents(path.with_suffix(".jsonl")))
    FORMATS["docbin"].write(documents, tmp_path / "out.spacy")
    docs = list(DocBin().from_disk(tmp_path / "out.spacy").get_docs(spacy.blank("xx").vocab))
    assert [doc.text for doc in docs] == [document.text for document in documents]


def test_the_table_costs_no_spacy():
    code = "import sys, corpus.formats; sys.exit('spacy' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_format_has_golden_files():
    written = [name for name, format in FORMATS.items() if format.write]
    assert [n for n in written if not list((GOLDEN / "round_trip" / n).glob("*.jsonl"))] == []


def test_the_table_in_the_docs_is_not_stale():
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "formats", "--check"], capture_output=True, text=True
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.spacy", "docbin"),
        ("b/A.IOB.gz", "conll"),
        ("a.jsonl", None),
        ("spacy", None),
        (".gz", None),
    ],
)
def test_a_format_is_told_by_the_last_suffix(path, name):
    assert format_of(path) == name
