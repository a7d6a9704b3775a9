"""The training folder: spaCy's own commands run in it."""

import json
import os
import subprocess
import sys

import pytest
import spacy
from spacy.tokens import DocBin

from corpus.cli import run
from corpus.formats import FORMATS
from corpus.formats.spacy_training import read_spacy_training
from corpus.kb.build import build_kb
from corpus.model import NIL, Layer, Link, Mention, Token, make_document, with_ids
from corpus.store import write_documents
from tests.formats.any_documents import written


def about(number, place, target):
    text = f"Ann Lee met in {place}. They left Oslo again, number {number}."
    at = text.index(place)
    mentions = (
        Mention("", 0, 7, "PER", (Link(NIL),)),
        Mention("", at, at + len(place), "GPE", (Link(target),)),
        Mention("", text.index("Oslo"), text.index("Oslo") + 4, "GPE", (Link("Q585"),)),
    )
    return make_document(
        f"d{number}", text, lang="en", layers=(Layer("gold", mentions=with_ids(mentions)),)
    )


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """A folder with splits, a knowledge base and a mention inside a token, exported."""
    home = tmp_path_factory.mktemp("training")
    (home / "splits").mkdir()
    documents = [about(n, *[("Kyiv", "Q1899"), ("Paris", "Q90")][n % 2]) for n in range(12)]
    inside = make_document(
        "inside",
        "preKyiv won.",
        lang="en",
        layers=(Layer("gold", mentions=(Mention("1", 3, 7, "GPE"),)),),
    )
    write_documents([*documents, inside], home / "splits" / "train.jsonl")
    write_documents([about(99, "Kyiv", "Q1899")], home / "splits" / "dev.jsonl")
    rows = [("Q1899", "Kyiv"), ("Q90", "Paris"), ("Q585", "Oslo"), ("Q2", "Paris")]
    source = home / "kb.jsonl"
    lines = [
        json.dumps({"id": i, "label": n, "aliases": [n], "description": f"the {n}"})
        for i, n in rows
    ]
    source.write_text("".join(f"{line}\n" for line in lines))
    build_kb([source], home / "some.kb")
    out = home / "out"
    args = ["export", home / "splits", "-o", out, "--format", "spacy", "--kb", home / "some.kb"]
    assert run([str(arg) for arg in args]) == 0
    return out


def ran(folder, *args):
    # In a process: `spacy train` changes what is registered, and warns.
    command = [sys.executable, "-m", "spacy", *args]
    env = {**os.environ, "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, env=env)


@pytest.mark.parametrize("component", ["ner", "spancat", "entity_linker"])
def test_spacy_trains_each_component_from_its_config(training, tmp_path, component):
    steps = ["--training.max_steps", "4", "--training.eval_frequency", "2"]
    done = ran(training, "train", f"{component}.cfg", "--code", "rules.py", "-o", tmp_path, *steps)
    assert done.returncode == 0, done.stderr + done.stdout
    meta = json.loads((tmp_path / "model-last" / "meta.json").read_text())
    score = {"ner": "ents_f", "spancat": "spans_gold_f", "entity_linker": "nel_micro_f"}[component]
    assert meta["performance"][score] is not None
    assert "W0" not in done.stderr + done.stdout  # no warning of a skipped or misaligned mention


def test_the_command_that_fits_is_said(training, run_cli, tmp_path):
    command = ["export", training.parent / "splits", "--format", "spacy", "-o"]
    ran = run_cli([*command, tmp_path / "out"])
    assert ran.err == (
        f"train: cd {tmp_path / 'out'} && python -m spacy train ner.cfg --code rules.py -o model\n"
    )
    write_documents([about(1, "Kyiv", "Q1899")], tmp_path / "train.jsonl")
    ran = run_cli(["export", tmp_path / "train.jsonl", "--format", "spacy", "-o", tmp_path / "no"])
    assert ran.err == f"train: cd {tmp_path / 'no'} && python -m spacy train ner.cfg -o model\n"


def test_spacy_debug_data_finds_no_error_but_the_small_number(training):
    done = ran(training, "debug", "data", "ner.cfg", "--code", "rules.py")
    errors = [line for line in done.stdout.splitlines() if "✘" in line]
    assert len(errors) == 2
    assert "Low number of examples to train a new pipeline" in errors[0]
    assert "1 error" in errors[1]
    assert "misaligned" not in done.stdout


def test_every_document_has_sentences_and_dev_is_dev(training):
    docs = list(DocBin().from_disk(training / "train.spacy").get_docs(spacy.blank("en").vocab))
    assert all(doc.has_annotation("SENT_START") for doc in docs)
    assert next(docs[0].sents).text == "Ann Lee met in Kyiv."
    assert len(DocBin().from_disk(training / "dev.spacy")) == 1
    config = (training / "ner.cfg").read_text()
    assert 'train = "train.spacy"\ndev = "dev.spacy"\n' in config


def test_shards_of_a_split_are_one_to_spacy(training, tmp_path):
    splits, out = training.parent / "splits", tmp_path / "out"
    command = ["export", str(splits), "-o", str(out), "--format", "spacy", "--shard-size", "5"]
    assert run(command) == 0
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.spacy")) == [
        "dev/dev-00000.spacy",
        "train/train-00000.spacy",
        "train/train-00001.spacy",
        "train/train-00002.spacy",
    ]
    whole, sharded = (list(read_spacy_training(folder)) for folder in (training, out))
    assert whole == sharded
    assert (out / "rules.py").read_bytes() == (training / "rules.py").read_bytes()
    steps = ["--training.max_steps", "2", "--training.eval_frequency", "2"]
    done = ran(out, "train", "ner.cfg", "--code", "rules.py", "-o", tmp_path / "model", *steps)
    assert done.returncode == 0, done.stderr + done.stdout
    debug = ran(out, "debug", "data", "ner.cfg", "--code", "rules.py")
    assert "13 training docs" in debug.stdout
    assert run(["check", str(tmp_path)]) == 0


def test_words_alone_are_trained_on_as_they_are(tmp_path):
    tokens = (Token(0, 5, True), Token(6, 10, False))
    words = make_document("w", "can't stop", tokens=tokens, layers=(Layer("gold"),))
    written([words], tmp_path / "a", FORMATS["spacy"])
    (doc,) = DocBin().from_disk(tmp_path / "a" / "train.spacy").get_docs(spacy.blank("en").vocab)
    assert (doc.has_unknown_spaces, [token.text for token in doc]) == (True, ["can't", "stop"])
    text = make_document("t", "can't stop", layers=(Layer("gold"),))
    written([words, text], tmp_path / "b", FORMATS["spacy"])
    docs = DocBin().from_disk(tmp_path / "b" / "train.spacy").get_docs(spacy.blank("en").vocab)
    assert [doc.has_unknown_spaces for doc in docs] == [False, False]


def test_the_command_says_what_it_cannot_do(run_cli, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    ran = run_cli(["export", empty, "-o", tmp_path / "o", "--format", "spacy"])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {empty}: holds no train.jsonl, dev.jsonl or test.jsonl; give the folder "
        "that corpus split wrote, or a file\n",
    )
    ran = run_cli(["export", empty, "-o", tmp_path / "o", "--format", "hipe"])
    assert (
        ran.err == f"corpus: error: {empty}: is a folder, and hipe holds no splits; give one file\n"
    )
    ran = run_cli(["export", empty, "-o", tmp_path / "o", "--format", "hipe", "--kb", empty])
    assert ran.err == "corpus: error: --kb: hipe takes no knowledge base; give --format spacy\n"
