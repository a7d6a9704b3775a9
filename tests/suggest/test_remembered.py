"""What a linker and a knowledge base remember of one document changes nothing in another."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

import corpus.kb.pieces
import corpus.suggest.linking
from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.manifest import Manifest, Stage
from corpus.model import Layer, Mention, make_document
from corpus.store import encode_line
from corpus.suggest.labels import LABELS
from corpus.suggest.linking import Linker, Options, make_mentions
from corpus.suggest.silver import suggest_lines

ENTITIES = [
    ("Q1", "Paris", "city", "capital of France on the river Seine"),
    ("Q2", "Paris", "city", "town in Texas, seat of a county"),
    ("Q3", "Paris Hilton", "person", "hotel heiress and actress"),
    ("Q4", "Hilton", "company", "hotel chain"),
    ("Q5", "US", "country", "federation in America with Texas"),
    ("Q6", "eBay", "company", "market on the web"),
    ("Q7", "Organisation of Rivers", "organisation", "keeps the river Seine clean"),
]
TEXTS = [
    "Paris lies on the Seine. Paris is a capital.",
    "Paris, Texas, is the seat of a county. The US has it.",
    "Paris Hilton came to Paris. Hilton owns a hotel, and HILTON too.",
    "LEAVE US ALONE\nThe US said no to eBay and Pa\u0301ris.",
    "The Organisation of Rivers (OR) met. OR said that Paris likes the river.",
    "OR what? Hilton is in Paris, on eBay中国.",
]


@pytest.fixture
def path(tmp_path):
    rows = "".join(f"{id}\t{alias}\t{type}\t{said}\n" for id, alias, type, said in ENTITIES)
    (tmp_path / "names.tsv").write_text("id\talias\ttype\tdescription\n" + rows, encoding="utf-8")
    build_kb([tmp_path / "names.tsv"], tmp_path / "names.kb")
    return tmp_path / "names.kb"


def mentions(linker, text):
    return make_mentions(text, linker, [], linker.options, Counter())


def new_linker(path):
    return Linker(KB(path), Options(kb=str(path)))


def test_no_document_changes_what_another_says(path):
    alone = [mentions(new_linker(path), text) for text in TEXTS]
    linker = new_linker(path)
    for _ in range(2):
        assert [mentions(linker, text) for text in TEXTS] == alone
    assert [mentions(linker, text) for text in reversed(TEXTS)] == alone[::-1]
    paris = [[c.kb_id for c in found[0].candidates] for found in alone[:2]]
    assert paris == [["Q1", "Q2"], ["Q2", "Q1"]]  # each by its own words


@pytest.mark.parametrize("nil", [False, True])
def test_mentions_are_written_as_records_would_be(path, nil):
    layers = (Layer(name="gold", mentions=(Mention("0-1:PER", 0, 1, "PER"),)),)
    documents = [
        make_document(str(number), text) for number, text in enumerate([*TEXTS, "", "é “x”"])
    ]
    documents += [msgspec.structs.replace(one, layers=layers) for one in documents[:2]]
    lines = [("-", encode_line(document)) for document in documents]
    options = Options(kb=str(path), nil=nil)

    def outcome(options):
        stage = Stage("-", Manifest(command="suggest"))
        written = list(suggest_lines(lines, stage, options))
        return written, stage.documents, stage.mentions, stage.manifest.notes

    # With labels named, the mentions are made as records and left out one by one.
    assert outcome(options) == outcome(msgspec.structs.replace(options, labels=LABELS))
    assert outcome(options)[2].added > 10


def test_what_is_remembered_is_bounded(path, monkeypatch):
    alone = [mentions(new_linker(path), text) for text in TEXTS]
    monkeypatch.setattr(corpus.kb.pieces, "_KEPT", 3)
    monkeypatch.setattr(corpus.kb.pieces, "_LONGEST", 8)
    monkeypatch.setattr(corpus.suggest.linking, "_KEPT", 2)
    monkeypatch.setattr(corpus.suggest.linking, "_STANDINGS", 1)
    linker = new_linker(path)
    for text, expected in zip(TEXTS, alone, strict=True):
        assert mentions(linker, text) == expected
        for table in (linker.kb.pieces, linker.kb.openings):
            assert len(table) <= 3
            assert all(len(key) <= 16 for key in table)
        assert len(linker._sole) <= 2
        assert len(linker._chosen) <= 2
        assert len(linker._standings) <= 1
