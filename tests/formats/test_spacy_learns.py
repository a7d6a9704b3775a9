"""What spaCy learns from our training folders, on real corpora: as much as from its own files."""

import json
import os
import subprocess
import sys

import pytest

from corpus.cli import run
from corpus.store import read_documents, write_documents
from tests.formats.real_corpora import DATA

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not DATA.exists(), reason="the corpora are not beside this checkout"),
]
ENV = {**os.environ, "OMP_NUM_THREADS": "1"}


def spacy(folder, *args):
    command = [sys.executable, "-m", "spacy", *map(str, args)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, env=ENV)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def trained(folder, config, *code):
    steps = ("--training.max_steps", "100", "--training.eval_frequency", "50")
    said = spacy(folder, "train", config, *code, "-o", "model", *steps)
    return json.loads((folder / "model/model-last/meta.json").read_text())["performance"], said


def ok(*args):
    assert run([str(arg) for arg in args]) == 0


def test_ner_on_wnut17_scores_as_from_spacy_convert(tmp_path):
    source = (DATA / "wnut17/emerging.dev.conll").read_text("utf-8").strip("\n")
    blocks = [block for block in source.split("\n\n") if block.strip()]
    (tmp_path / "splits").mkdir()
    for name, part in (("train", blocks[:800]), ("dev", blocks[800:])):
        file = tmp_path / f"{name}.iob"
        file.write_text("\n\n".join(part) + "\n", "utf-8")
        ok("import", file, "--format", "conll", "-o", tmp_path / f"splits/{name}.jsonl")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ok("export", tmp_path / "splits", "-o", ours, "--format", "spacy")
    theirs.mkdir()
    for name in ("train", "dev"):
        spacy(tmp_path, "convert", f"{name}.iob", theirs, "-c", "ner", "-n", "1")
    (theirs / "ner.cfg").write_bytes((ours / "ner.cfg").read_bytes())
    (first, _), (second, _) = trained(ours, "ner.cfg"), trained(theirs, "ner.cfg")
    assert first["ents_f"] == second["ents_f"] > 0.1


def test_the_entity_linker_learns_wiki_fair_without_an_error(tmp_path):
    ok("import", DATA / "elevant/wiki-fair-v2.benchmark.jsonl", "--format", "elevant", "-o",
       tmp_path / "all.jsonl")  # fmt: skip
    documents = list(read_documents(tmp_path / "all.jsonl"))
    names = {}
    for document in documents:
        for mention in document.layers[0].mentions:
            for link in mention.links:
                if link.target != "NIL":
                    surface = " ".join(document.text[mention.start : mention.end].split())
                    names.setdefault(link.target, set()).add(surface)
    rows = [{"id": id, "aliases": sorted(found)} for id, found in sorted(names.items())]
    (tmp_path / "kb.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    ok("kb", "build", tmp_path / "kb.jsonl", "-o", tmp_path / "wiki.kb")
    (tmp_path / "splits").mkdir()
    write_documents(documents[:96], tmp_path / "splits/train.jsonl")
    write_documents(documents[96:], tmp_path / "splits/dev.jsonl")
    out = tmp_path / "out"
    ok("export", tmp_path / "splits", "-o", out, "--format", "spacy", "--kb", tmp_path / "wiki.kb")
    notes = json.loads((tmp_path / "out.manifest.json").read_text())["notes"]
    assert notes["gold links to learn"] == notes["of these among the candidates"] > 2000
    scores, said = trained(out, "entity_linker.cfg", "--code", "rules.py")
    assert scores["nel_micro_f"] > 0.6
    assert "W030" not in said and "E981" not in said
