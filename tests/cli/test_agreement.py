"""corpus agreement, as a person types it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.model import Layer, Link, Mention, make_document
from corpus.store import write_documents
from tests.gold.several_annotators import TEXT, document

ORG, KYIV, LOC = (4, 8, "ORG"), (16, 20, "GPE"), (16, 20, "LOC")


@pytest.fixture
def pulled(tmp_path: Path) -> Path:
    documents = [
        document("same", ann=[ORG, KYIV], bob=[ORG, KYIV]),
        document("evil\x1b[31m", ann=[ORG, KYIV], bob=[ORG, LOC]),
        document("alone", ann=[ORG]),
    ]
    write_documents(documents, tmp_path / "documents.jsonl")
    return tmp_path


def test_agreement_prints_tables_and_what_to_type(run_cli: Callable, pulled: Path) -> None:
    ran = run_cli(["agreement", pulled, "--bootstrap", "0"])
    assert ran.code == 0
    assert ran.out == (
        "3 documents, 2 confirmed by two annotators or more; ann confirmed 3, bob confirmed 2\n"
        "overall      F1  overlapping F1  Fleiss' kappa  alpha  alpha_u\n"
        "boundary  1.000           1.000          1.000  1.000    1.000\n"
        "type      0.750           0.750          0.579  0.632    0.649\n"
        "\n"
        "pairs      boundary F1  type F1  type kappa  alpha_u\n"
        "ann – bob        1.000    0.750       0.600    0.649\n"
        "\n"
        "labels     F1  overlapping F1  alpha  alpha_u\n"
        "GPE     0.667           0.667  0.533    0.541\n"
        "LOC     0.000           0.000  0.000   -0.210\n"
        "ORG     1.000           1.000  1.000    1.000\n"
        "\n"
        "documents with the lowest agreement\n"
        "  0.500  2 mentions differ  evil\\x1b[31m  (ann, bob)\n"
    )
    assert ran.err == (
        "corpus: look at the lowest ones with the annotators, then settle the rest: "
        f"corpus adjudicate {pulled} -o gold.jsonl --rule majority\n"
    )


def test_agreement_as_json_has_every_figure_and_document(run_cli: Callable, pulled: Path) -> None:
    ran = run_cli(["agreement", pulled / "documents.jsonl", "--bootstrap", "50", "--json"])
    assert (ran.code, ran.err) == (0, "")
    result = json.loads(ran.out)
    assert result["documents"] == {"given": 3, "compared": 2}
    assert result["annotators"] == {"ann": 3, "bob": 2}
    figure = result["overall"]["type"]["f1"]
    assert figure["value"] == 0.75
    assert figure["low"] <= 0.75 <= figure["high"]
    assert result["pairs"][0]["annotators"] == ["ann", "bob"]
    assert result["labels"]["ORG"]["f1"]["value"] == 1
    assert result["overall"]["link"]["f1"] == {"value": None}
    assert [one["id"] for one in result["per_document"]] == ["evil\x1b[31m", "same"]


def test_agreement_on_links_says_how_to_adjudicate_links(run_cli: Callable, tmp_path: Path) -> None:
    layers = tuple(
        Layer(
            f"annotator:{name}",
            "links",
            state="confirmed",
            mentions=(Mention("m", 4, 8, "ORG", (Link(target),), source="key:1"),),
        )
        for name, target in (("ann", "Q1"), ("bob", "Q2"))
    )
    write_documents([make_document("d", TEXT, layers=layers)], tmp_path / "documents.jsonl")
    ran = run_cli(["agreement", tmp_path, "--bootstrap", "0"])
    assert "  0.000  1 links differ  d  (ann, bob)\n" in ran.out
    assert ran.err.endswith(
        f"corpus adjudicate {tmp_path} --task links -o linked-gold.jsonl --rule majority\n"
    )


def test_agreement_without_a_shared_document_says_what_to_do(
    run_cli: Callable, tmp_path: Path
) -> None:
    write_documents([document("alone", ann=[ORG])], tmp_path / "documents.jsonl")
    ran = run_cli(["agreement", tmp_path])
    assert ran.code == 0
    assert ran.err == (
        "corpus: of 1 documents none was confirmed by two annotators; give some to both: corpus "
        "push --help\n"
    )


def test_agreement_in_gamma_names_what_is_not_installed(
    run_cli: Callable, pulled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pygamma_agreement", None)
    ran = run_cli(["agreement", pulled, "--gamma", "1"])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "corpus: error: --gamma needs the package pygamma-agreement; pip install 'corpus[gamma]'\n"
    )
