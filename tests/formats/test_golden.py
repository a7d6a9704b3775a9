"""Golden files: `round_trip` must come back as it was, `one_way` must read as its `.ref.jsonl`."""

import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from corpus.formats import FORMATS, format_of
from corpus.store import read_documents

GOLDEN = Path(__file__).parents[1] / "golden"


def files(folder, suffix=None):
    found = sorted(path for path in (GOLDEN / folder).iterdir() if path.suffix != ".jsonl")
    assert found and (suffix is None or all(path.suffix == suffix for path in found))
    return [pytest.param(path, id=path.name) for path in found]


@pytest.mark.parametrize("path", files("round_trip/docbin", ".spacy"))
def test_a_docbin_comes_back_as_it_was(path, tmp_path):
    documents = list(read_documents(path.with_suffix(".jsonl")))
    assert list(FORMATS["docbin"].read(path)) == documents
    FORMATS["docbin"].write(documents, tmp_path / "out.spacy")
    assert list(FORMATS["docbin"].read(tmp_path / "out.spacy")) == documents
    docs = list(DocBin().from_disk(tmp_path / "out.spacy").get_docs(spacy.blank("xx").vocab))
    assert [doc.text for doc in docs] == [document.text for document in documents]


@pytest.mark.parametrize("path", files("round_trip/conll"))
def test_conll_comes_back_as_it_was(path, tmp_path):
    FORMATS["conll"].write(FORMATS["conll"].read(path), tmp_path / "out.conll")
    assert (tmp_path / "out.conll").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", files("one_way/conll") + files("one_way/docbin"))
def test_what_others_wrote_reads_as_its_reference(path):
    reference = path.with_name(path.name.partition(".")[0] + ".ref.jsonl")
    assert list(FORMATS[format_of(path)].read(path)) == list(read_documents(reference))


def test_the_table_costs_no_spacy():
    code = "import sys, corpus.formats; sys.exit('spacy' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_table_names_what_there_is():
    assert {name: each.suffixes for name, each in FORMATS.items()} == {
        "docbin": (".spacy",),
        "conll": (".conll", ".iob", ".bio"),
    }
    text = (Path(__file__).parents[2] / "docs/formats.md").read_text()
    for name, each in FORMATS.items():
        assert f"| `{name}` | {' '.join(f'`{suffix}`' for suffix in each.suffixes)} |" in text
        assert (GOLDEN / "one_way" / name).is_dir() and (GOLDEN / "round_trip" / name).is_dir()


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
