"""corpus rank, as a person types it."""

import json

import pytest

from corpus.model import Candidate, Layer, Link, Mention, make_document
from corpus.store import read_documents, write_documents


def document(id, *scores, gold=False, target="Q0"):
    found = tuple(Candidate(f"Q{n}", 0.5, score) for n, score in enumerate(scores))
    mentions = (Mention("1", 0, 4, "GPE", (Link(target),), found),) if scores else ()
    layers = [Layer("silver", mentions=mentions)]
    if gold:
        layers.append(Layer("gold", mentions=mentions))
    return make_document(id, f"Kyiv {id}", lang="en", layers=tuple(layers))


@pytest.fixture
def silver(tmp_path):
    documents = [
        document("empty"), document("sure", 1.0), document("torn", 0.5, 0.5),
        document("done", 0.1, gold=True), document("rare", 1.0, target="Q9"),
    ]  # fmt: skip
    write_documents(documents, tmp_path / "silver.jsonl")
    write_documents([documents[3]], tmp_path / "gold.jsonl")
    return tmp_path / "silver.jsonl"


def test_rank_puts_first_what_is_worth_most(run_cli, silver, tmp_path):
    out = tmp_path / "next.jsonl"
    command = ["rank", silver, "-o", out, "--gold", tmp_path / "gold.jsonl"]
    ran = run_cli(command)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{out}: 5 documents, 5 mentions\n  already annotated, at the end: 1\n"
        "  without mentions: 1\n"
    )
    before = {each.id: each for each in read_documents(silver)}
    after = list(read_documents(out))
    assert [each.id for each in after] == ["torn", "rare", "sure", "empty", "done"]
    assert {each.id: each for each in after} == before
    lines = (tmp_path / "next.jsonl.ranks.jsonl").read_text().splitlines()
    ranks = [json.loads(line) for line in lines]
    assert ranks[1] == {
        "type": "ranked/1", "document": "rare", "rank": 2, "score": 0.25, "uncertainty": 0.0,
        "rarity": 1.0, "ambiguity": 0.0, "closeness": 0.0, "mentions": 1, "annotated": False,
    }  # fmt: skip
    assert run_cli(command).out.startswith(f"{out} is up to date\n")
    assert run_cli(["check", tmp_path]).code == 0


def test_candidates_of_a_links_layer_count_before_those_of_spans(run_cli, tmp_path):
    def linked(id, score):
        plain = document(id, 0.5)
        found = document(id, score).layers[0].mentions
        return make_document(
            id,
            plain.text,
            lang="en",
            layers=(*plain.layers, Layer("silver", "links", mentions=found)),
        )

    write_documents([linked("sure", 1.0), linked("unsure", 0.1)], tmp_path / "linked.jsonl")
    assert run_cli(["rank", tmp_path / "linked.jsonl", "-o", tmp_path / "next.jsonl"]).code == 0
    assert [each.id for each in read_documents(tmp_path / "next.jsonl")] == ["unsure", "sure"]


def test_weights_change_the_order(run_cli, silver, tmp_path):
    out = tmp_path / "next.jsonl"
    weights = ["--weights", "rarity=5,closeness=0,uncertainty=0"]
    run_cli(["rank", silver, "-o", out, "--gold", tmp_path / "gold.jsonl", *weights])
    assert [each.id for each in read_documents(out)][:2] == ["rare", "torn"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--weights", "size=1"], "--weights size=1: not a signal and a number; the signals are "
         "uncertainty, rarity, ambiguity, closeness, as in rarity=2"),
        (["--weights", "rarity=x"], "--weights rarity=x: not a signal and a number; the signals "
         "are uncertainty, rarity, ambiguity, closeness, as in rarity=2"),
        (["--weights", "rarity=0,uncertainty=0,ambiguity=0,closeness=0"], "--weights rarity=0,"
         "uncertainty=0,ambiguity=0,closeness=0: all are 0; give one of them a weight"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(run_cli, silver, tmp_path, arguments, message):
    ran = run_cli(["rank", silver, "-o", tmp_path / "x.jsonl", *arguments])
    assert (ran.code, ran.out, ran.err) == (2, "", f"corpus: error: {message}\n")


def test_rank_wants_files(run_cli, silver):
    ran = run_cli(["rank", silver, "-o", "-"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: -: rank reads and writes files; name files\n",
    )
