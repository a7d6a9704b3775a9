"""A DocBin's text is never normalised: a word after a decomposed é keeps its place both ways."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import DocBin

from corpus.doccano.projects import find_project
from corpus.model import layer_of
from corpus.store import read_documents

pytestmark = [pytest.mark.server, pytest.mark.browser]

TEXT = "Le cafe\u0301 de Te\u0301he\u0301ran 😀 : l'OSCE est a\u0300 Kyi\u0308v."


def test_word_after_decomposed_letters_of_a_docbin(
    annotation_page, client, doccano, run_cli, tmp_path
):
    doc = spacy.blank("fr")(TEXT)
    tehran = doc.char_span(12, 21, label="LOC")
    assert tehran.text == "Te\u0301he\u0301ran"
    doc.ents = [tehran]
    DocBin(docs=[doc]).to_disk(tmp_path / "tokens.spacy")
    documents = tmp_path / "documents.jsonl"

    def run(*args) -> None:
        ran = run_cli(args)
        assert ran.code == 0, ran

    run("convert", tmp_path / "tokens.spacy", "-o", documents)
    run("push", documents, "--project", "docbin", "--layer", "gold", "--label", "ORG")
    project = find_project(client, "docbin")["id"]
    annotation_page.open(project, 1, TEXT, colours=1)
    under = list(annotation_page.highlighted().values())
    assert under == [annotation_page.with_width(12, 21)]
    annotation_page.annotate(TEXT.index("OSCE"), TEXT.index("OSCE") + 4, "ORG")
    annotation_page.settle(colours=2)
    annotation_page.annotate(TEXT.index("Kyi"), TEXT.index("."), "LOC")
    pulled = tmp_path / "pulled"
    run("pull", "--project", "docbin", "-o", pulled, "--documents", documents, "--annotator", "eve")

    (document,) = read_documents(pulled / "documents.jsonl")
    assert document.text == TEXT
    mentions = layer_of(document, "annotator:eve").mentions
    assert [(TEXT[m.start : m.end], m.label) for m in mentions] == [
        ("Te\u0301he\u0301ran", "LOC"),
        ("OSCE", "ORG"),
        ("Kyi\u0308v", "LOC"),
    ]
