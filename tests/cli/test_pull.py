import json
import os

import pytest

from corpus.model import Layer, Mention, make_document, with_ids
from corpus.store import read_documents, write_documents

pytestmark = pytest.mark.server


@pytest.fixture
def pushed(doccano, run_cli, tmp_path):
    """The name of a project with one document, whose file is `silver.jsonl`."""
    name = f"cli.{os.urandom(4).hex()}.ann.1"
    layer = Layer("silver", mentions=with_ids([Mention("", 3, 7, "GPE")]))
    path = tmp_path / "silver.jsonl"
    write_documents([make_document("a", "In Kyiv", layers=(layer,))], path)
    assert run_cli(["push", path, "-p", name]).code == 0
    return name


def test_pull_writes_documents_manifest_and_snapshots(pushed, run_cli, tmp_path):
    folder = tmp_path / "annotations"
    args = ["pull", "-p", pushed, "--documents", tmp_path / "silver.jsonl", "-o", folder]
    ran = run_cli(args)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (f"{folder / 'documents.jsonl'}: 1 document, 2 mentions\n  untouched: 1\n")
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        "documents.jsonl",
        "documents.jsonl.manifest.json",
        "snapshots",
    ]
    [document] = read_documents(folder / "documents.jsonl")
    assert [layer.name for layer in document.layers] == ["silver", "annotator:ann"]
    again = run_cli([*args, "--json"])
    assert json.loads(again.out)["up_to_date"] is True


def test_pull_leads_to_adjudicate(pushed, run_cli, tmp_path):
    folder = tmp_path / "annotations"
    assert run_cli(["pull", "-p", pushed, "-o", folder]).code == 0
    assert run_cli(["adjudicate", folder, "-o", tmp_path / "gold.jsonl"]).code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--task", "rhymes"], "--task rhymes: no such task; the tasks are: spans, links"),
        (["--documents", "-"], "pull reads and writes files, not -; give a folder with -o"),
    ],
)
def test_pull_usage_errors(run_cli, tmp_path, args, message):
    ran = run_cli(["pull", "-p", "x", "-o", tmp_path, *args])
    assert (ran.code, ran.err) == (2, f"corpus: error: {message}\n")


def test_pull_from_a_project_that_is_not_there(doccano, run_cli, tmp_path):
    ran = run_cli(["pull", "-p", "nobody's", "-o", tmp_path / "x"])
    assert ran.code == 1
    assert ran.err.startswith('corpus: error: no project is named "nobody\'s", or ')
    assert not (tmp_path / "x").exists()
