"""The whole road of several annotators on the live server, from suggestions to gold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.doccano.client import Doccano
from corpus.doccano.projects import find_project
from corpus.model import Layer, Mention, layer_of, make_document, with_ids
from corpus.store import read_documents, write_documents

pytestmark = pytest.mark.server

TEXT = "KYIV 😀, March {}. The OSCE met in Kyiv city."
NUMBER = 6


def silver(number: int):
    text = TEXT.format(number)
    at = text.index("OSCE")
    mentions = with_ids([Mention("", at, at + 4, "ORG")])
    return make_document(f"d{number}", text, layers=(Layer("silver", mentions=mentions),))


class Person:
    """Somebody at work in a project of their own."""

    def __init__(self, client: Doccano, project: str) -> None:
        self.client = client
        self.project = find_project(client, project)["id"]
        types = client.list_span_types(self.project)
        self.types = {one["text"]: one["id"] for one in types}
        self.examples = {
            one["meta"]["corpus_id"]: (one["id"], one["text"])
            for one in client.list_examples(self.project)
        }

    def mark(self, document: str, words: str, label: str) -> None:
        example, text = self.examples[document]
        before = text[: text.index(words)]
        start = len(before.encode("utf-16-le")) // 2
        there = self.client.list_spans(self.project, example)
        if not any(span["start_offset"] == start for span in there):
            type_id = self.types[label]
            self.client.create_span(self.project, example, start, start + len(words), type_id)

    def confirm(self) -> None:
        for example, _ in self.examples.values():
            self.client.confirm_example(self.project, example)


def test_from_suggestions_to_gold_by_two_people(
    run_cli: Callable, doccano, client: Doccano, tmp_path: Path, request, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"{request.node.name[:40]}"
    write_documents([silver(number) for number in range(NUMBER)], "silver.jsonl")
    words = (
        f"push silver.jsonl --project {name} --annotators ann,bob --overlap 1 --blind 0.5 --seed 1 "
        "--label GPE --create-users passwords.txt"
    )
    ran = run_cli(words.split())
    assert ran.code == 0, ran.err
    ann, bob = (Person(client, f"{name}.{who}.1") for who in ("ann", "bob"))
    for number in range(NUMBER):
        ann.mark(f"d{number}", "OSCE", "ORG")
        ann.mark(f"d{number}", "Kyiv city", "GPE")
        if number:
            bob.mark(f"d{number}", "OSCE", "ORG")
            bob.mark(f"d{number}", "Kyiv city" if number > 1 else "Kyiv", "GPE")
    ann.confirm()
    bob.confirm()
    ran = run_cli(f"pull --project {name} --documents silver.jsonl -o annotations".split())
    assert ran.code == 0, ran.err
    figures = json.loads(run_cli(["agreement", "annotations", "--json"]).out)
    assert figures["documents"] == {"given": NUMBER, "compared": NUMBER}
    assert 0.6 < figures["overall"]["type"]["f1"]["value"] < 1
    assert figures["labels"]["GPE"]["f1"]["value"] == pytest.approx(2 * 4 / 11, abs=1e-6)
    anchoring = figures["anchoring"]["all"]["type"]
    assert anchoring["shown"]["value"] is not None
    assert anchoring["blind"]["value"] is not None
    adjudicate = ["adjudicate", "annotations", "-o", "gold.jsonl", "--rule", "unanimous"]
    assert run_cli(adjudicate).code == 1
    disputes = f"{name}.disputes"
    assert run_cli(["disputes", "push", "gold.jsonl", "--project", disputes]).code == 0
    project = find_project(client, disputes)["id"]
    types = {one["text"]: one["id"] for one in client.list_category_types(project)}
    for example in client.list_examples(project):
        client.create_category(project, example["id"], types["1"])
    assert run_cli(["disputes", "pull", "gold.jsonl", "--project", disputes]).code == 0
    ran = run_cli(adjudicate)
    assert (ran.code, ran.err) == (0, "")
    gold = {one.id: layer_of(one, "gold").mentions for one in read_documents("gold.jsonl")}
    assert [len(gold[f"d{number}"]) for number in range(2, NUMBER)] == [2] * (NUMBER - 2)
    for mentions in gold.values():
        assert all(mention.votes and mention.decisions for mention in mentions)
    assert run_cli(["check", "."]).code == 0
    start = gold["d2"][0].start
    told = run_cli(["why", f"d2:{start}-{start + 4}"])
    assert "vote annotator:bob#1 on spans" in told.out
    # A pull that brings nothing new leaves gold as it is.
    before = Path("gold.jsonl").read_bytes()
    run_cli(f"pull --project {name} --documents silver.jsonl -o annotations".split())
    assert run_cli(adjudicate).out.startswith("gold.jsonl is up to date")
    assert Path("gold.jsonl").read_bytes() == before
