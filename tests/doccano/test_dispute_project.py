"""Disputes on the live server: sent once, read back, decided, changed, and replayed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.doccano.projects import find_project
from corpus.model import Layer, Link, Mention, layer_of, make_document
from corpus.store import read_documents, write_documents
from tests.gold.several_annotators import TEXT, document

pytestmark = pytest.mark.server

ORG, KYIV, CITY = (4, 8, "ORG"), (16, 20, "GPE"), (16, 25, "LOC")


@pytest.fixture
def gold(run_cli: Callable, tmp_path: Path) -> Path:
    """Two documents with a dispute each and one without, adjudicated by majority."""
    folder = tmp_path / "annotations"
    folder.mkdir()
    documents = [
        document("a", ann=[ORG, KYIV], bob=[ORG, CITY]),
        document("b", text="The OSCE met 😀 in Kyiv.", ann=[ORG], bob=[]),
        document("c", ann=[ORG], bob=[ORG]),
    ]
    write_documents(documents, folder / "documents.jsonl")
    output = tmp_path / "gold.jsonl"
    assert adjudicate(run_cli, output).code == 1
    return output


def adjudicate(run_cli: Callable, gold: Path):
    source = gold.parent / "annotations"
    return run_cli(["adjudicate", source, "-o", gold, "--rule", "majority"])


def choose(client, project: int, example: int, name: str) -> None:
    types = {one["text"]: one["id"] for one in client.list_category_types(project)}
    client.create_category(project, example, types[name])


def test_disputes_are_sent_once_decided_by_a_key_and_replayed(
    run_cli, doccano, client, gold, request
):
    name = f"{request.node.name}.disputes"
    push = ["disputes", "push", gold, "--project", name]
    pull = ["disputes", "pull", gold, "--project", name, "--by", "judge"]
    ran = run_cli(push)
    id = find_project(client, name)["id"]
    url = f"{doccano.url}/projects/{id}"
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{name} ({url}): 2 open disputes, 2 sent, 2 stored\n"
    ran = run_cli(push)
    assert ran.out == f"{name} ({url}): 2 open disputes, 0 sent, 2 stored\n"
    examples = {one["meta"]["corpus_id"]: one["id"] for one in client.list_examples(id)}
    choose(client, id, examples["a"], "2")
    ran = run_cli(pull)
    decisions = gold.parent / "annotations" / "decisions.jsonl"
    assert (ran.code, ran.out) == (
        0,
        f"{decisions}: 1 decision from {name}, 1 undecided\n",
    )
    source = gold.parent / "annotations" / "documents.jsonl"
    assert ran.err == (
        f"corpus: now adjudicate again: corpus adjudicate {source} -o {gold} --rule majority\n"
    )
    assert adjudicate(run_cli, gold).code == 1
    by_id = {one.id: one for one in read_documents(gold)}
    marks = [(m.start, m.end, m.label) for m in layer_of(by_id["a"], "gold").mentions]
    assert marks == [ORG, CITY]
    assert layer_of(by_id["b"], "gold") is None
    # A change of mind in Doccano is taken; what is decided is not sent again.
    choose(client, id, examples["a"], "1")
    choose(client, id, examples["b"], "NONE")
    assert run_cli(pull).code == 0
    assert adjudicate(run_cli, gold).code == 0
    by_id = {one.id: one for one in read_documents(gold)}
    marks = [(m.start, m.end, m.label) for m in layer_of(by_id["a"], "gold").mentions]
    assert marks == [ORG, KYIV]
    assert layer_of(by_id["b"], "gold").mentions == ()
    ran = run_cli(push)
    assert ran.out == (
        f"{name} ({url}): 0 open disputes, 0 sent, 0 stored\n"
        "  2 examples of disputes that are not open any more\n"
    )
    assert run_cli(["check", gold.parent]).code == 0


def test_what_is_no_decision_is_listed(run_cli, doccano, client, gold, request):
    name = f"{request.node.name}.disputes"
    run_cli(["disputes", "push", gold, "--project", name])
    id = find_project(client, name)["id"]
    examples = {one["meta"]["corpus_id"]: one["id"] for one in client.list_examples(id)}
    choose(client, id, examples["a"], "OTHER")
    choose(client, id, examples["b"], "3")
    ran = run_cli(["disputes", "pull", gold, "--project", name, "--json"])
    result = json.loads(ran.out)
    assert (ran.code, result["decisions"], result["undecided"]) == (1, [], 2)
    assert result["refused"] == [
        f"example {examples['a']} (a 16-25): OTHER needs a comment like Kyiv city = GPE",
        f"example {examples['b']} (b 4-8): 3 was chosen, and there is no such answer",
    ]
    client.create_comment(id, examples["a"], "Kyiv city = GPE")
    result = json.loads(run_cli(["disputes", "pull", gold, "--project", name, "--json"]).out)
    [decision] = result["decisions"]
    assert decision["answer"]["marks"] == [[16, 25, "GPE"]]
    assert decision["author"] == doccano.username
    assert decision["source"] == f"doccano:{id}/{examples['a']}"


def test_project_of_another_kind_is_refused(run_cli, doccano, client, gold, request):
    name = f"{request.node.name}.disputes"
    run_cli(["push", gold, "--project", name, "--layer", "gold"])
    ran = run_cli(["disputes", "push", gold, "--project", name])
    assert ran.code == 1
    assert "is of type SequenceLabeling, not DocumentClassification" in ran.err


def test_project_that_is_not_there_and_gold_without_disputes_say_what_to_do(
    run_cli, doccano, gold, tmp_path
):
    ran = run_cli(["disputes", "pull", gold, "--project", "nowhere"])
    assert ran.code == 1
    assert ran.err == (
        "corpus: error: no project is named 'nowhere', or 'admin' is no member of it; check "
        "--project; `corpus disputes push` makes one\n"
    )
    ran = run_cli(["disputes", "push", tmp_path / "none.jsonl", "--project", "nowhere"])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}/none.jsonl: there is no adjudication; run: corpus adjudicate\n",
    )


def linked(name: str, target: str) -> Layer:
    mention = Mention("m", 16, 20, "GPE", (Link(target, kb="test", kb_hash="ab"),), source="key:1")
    return Layer(f"annotator:{name}", "links", state="confirmed", mentions=(mention,))


def test_disputes_about_links_show_the_entities_and_take_an_id_by_comment(
    run_cli, doccano, client, tmp_path, make_kb, request
):
    kb = make_kb(
        {"id": "Q1", "label": "Kyiv", "type": "city", "description": "capital of Ukraine"},
        {"id": "Q2", "label": "Kyiv Oblast", "type": "region"},
        {"id": "Q3", "label": "FC Kyiv", "type": "club"},
    )
    layers = (Layer("gold", mentions=(Mention("m", 16, 20, "GPE"),)),)
    layers += (linked("ann", "Q1"), linked("bob", "Q2"))
    folder = tmp_path / "links"
    folder.mkdir()
    write_documents([make_document("d", TEXT, layers=layers)], folder / "documents.jsonl")
    gold = tmp_path / "linked-gold.jsonl"
    adjudicate = ["adjudicate", folder, "--task", "links", "--rule", "majority", "-o", gold]
    assert run_cli(adjudicate).code == 1
    name = f"{request.node.name[:60]}.disputes"
    both = [gold, "--project", name, "--kb", kb]
    assert run_cli(["disputes", "push", *both]).code == 0
    id = find_project(client, name)["id"]
    [example] = client.list_examples(id)
    assert "1   Kyiv · city · capital of Ukraine · Q1 — ann\n" in example["text"]
    choose(client, id, example["id"], "OTHER")
    client.create_comment(id, example["id"], "kb:Q3")
    ran = run_cli(["disputes", "pull", *both])
    assert ran.code == 0
    assert ran.err.endswith(f"-o {gold} --rule majority --task links\n")
    assert run_cli(adjudicate).code == 0
    [done] = read_documents(gold)
    [mention] = layer_of(done, "gold").mentions
    assert [(link.target, link.kb) for link in mention.links] == [("Q3", "test")]
