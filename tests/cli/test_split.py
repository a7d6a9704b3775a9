"""corpus split, as a person types it."""

import json
from itertools import chain

import pytest
import spacy
from spacy.tokens import DocBin

from corpus.model import Layer, Mention, make_document
from corpus.store import read_documents, write_documents

GOLD = Layer("gold", mentions=(Mention("1", 0, 4, "GPE"), Mention("2", 12, 16, "ORG")))


def documents(number):
    bare = make_document("bare", "Nobody has judged this.", lang="en")
    return [
        *(
            make_document(f"d{n}", f"Kyiv wrote, NATO answered {n}.", lang="en", layers=(GOLD,))
            for n in range(number)
        ),
        bare,
    ]


@pytest.fixture
def gold(tmp_path):
    write_documents(documents(10), tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


def ids(path):
    return [document.id for document in read_documents(path)]


def test_split_writes_each_split_twice_and_says_what_is_in_it(run_cli, gold, tmp_path):
    out = tmp_path / "splits"
    ran = run_cli(["split", gold, "-o", out, "--ratios", "60,20,20"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{out}/splits.jsonl: 11 documents, 20 mentions\n"
        "  newly placed: 10\n"
        "  without a layer 'gold', in rest.jsonl: 1\n"
        "  train: 6 documents, 12 mentions (GPE 50%, ORG 50%)\n"
        "  dev: 2 documents, 4 mentions (GPE 50%, ORG 50%)\n"
        "  test: 2 documents, 4 mentions (GPE 50%, ORG 50%)\n"
    )
    names = ("train", "dev", "test")
    found = {name: ids(out / f"{name}.jsonl") for name in names}
    assert sorted(chain.from_iterable(found.values())) == sorted(f"d{n}" for n in range(10))
    assert ids(out / "rest.jsonl") == ["bare"]
    vocab = spacy.blank("en").vocab
    for name in names:
        docs = list(DocBin().from_disk(out / f"{name}.spacy").get_docs(vocab))
        assert [doc.user_data["id"] for doc in docs] == found[name]
        assert {ent.label_ for doc in docs for ent in doc.ents} == {"GPE", "ORG"}
    listed = [json.loads(line) for line in (out / "splits.jsonl").read_text().splitlines()]
    assert {each["document"]: each["split"] for each in listed} == {
        id: name for name in names for id in found[name]
    }


def test_split_again_is_up_to_date_and_a_grown_corpus_keeps_its_splits(run_cli, gold, tmp_path):
    out = tmp_path / "splits"
    run_cli(["split", gold, "-o", out])
    before = {name: ids(out / f"{name}.jsonl") for name in ("train", "dev", "test")}
    assert run_cli(["split", gold, "-o", out]).out.startswith(f"{out}/splits.jsonl is up to date\n")
    write_documents(documents(30), gold)
    ran = run_cli(["split", gold, "-o", out])
    assert ran.code == 0
    assert "  kept the split of an earlier run: 10\n  newly placed: 20\n" in ran.out
    for name, earlier in before.items():
        assert set(earlier) <= set(ids(out / f"{name}.jsonl"))
    assert len(ids(out / "train.jsonl")) == 24


def test_other_ratios_are_refused_and_fresh_forgets(run_cli, gold, tmp_path):
    out = tmp_path / "splits"
    run_cli(["split", gold, "-o", out])
    ran = run_cli(["split", gold, "-o", out, "--ratios", "60,20,20"])
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"corpus: error: {out}/splits.jsonl: exists, made by 'split' with other settings (ratios "
        "[80.0, 10.0, 10.0], now [60.0, 20.0, 20.0]); give another -o, or --force to replace it\n"
    )
    ran = run_cli(["split", gold, "-o", out, "--ratios", "60,20,20", "--fresh"])
    assert "  newly placed: 10\n" in ran.out
    assert len(ids(out / "dev.jsonl")) == 2


def test_the_same_command_gives_the_same_bytes(run_cli, gold, tmp_path):
    for name in ("one", "two"):
        run_cli(["split", gold, "-o", tmp_path / name, "--seed", "7"])
    for file in sorted((tmp_path / "one").iterdir()):
        if not file.name.endswith(".manifest.json"):
            assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_files_that_split_did_not_make_are_not_replaced(run_cli, gold, tmp_path):
    (tmp_path / "train.jsonl").write_text("mine")
    ran = run_cli(["split", gold, "-o", tmp_path])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}: holds a train that this command did not make; "
        "give another -o, or --force to replace it\n",
    )
    assert (tmp_path / "train.jsonl").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gold.jsonl", "--ratios", "1,2"], 2, "--ratios 1,2: not three numbers that are 0 or "
         "more; give train, dev and test, as in 80,10,10"),
        (["gold.jsonl", "--layer", "silver"], 1, "gold.jsonl: none of 11 documents has a layer "
         "'silver'; run corpus adjudicate first, or name another with --layer"),
        (["empty.jsonl"], 1, "empty.jsonl: holds no documents; nothing to split"),
        (["-"], 2, "-: split reads its documents twice; save them as a file first"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_is_said(
    run_cli, gold, tmp_path, monkeypatch, arguments, code, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_text("")
    ran = run_cli(["split", *arguments, "-o", "out"])
    assert (ran.code, ran.out, ran.err) == (code, "", f"corpus: error: {message}\n")


def test_a_corpus_too_small_for_its_ratios_is_said(run_cli, tmp_path):
    write_documents(documents(2), tmp_path / "gold.jsonl")
    ran = run_cli(["split", tmp_path / "gold.jsonl", "-o", tmp_path / "out"])
    assert ran.code == 0
    assert ran.err == (
        "dev is empty: 2 documents cannot be split 80,10,10\n"
        "test is empty: 2 documents cannot be split 80,10,10\n"
    )
