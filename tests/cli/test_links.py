"""The link task as a person types it: suggest, push, pull and adjudicate with --task links."""

import json
import os

import pytest
from msgspec.structs import replace

from corpus.doccano.client import Doccano
from corpus.doccano.projects import find_project
from corpus.doccano.settings import read_settings
from corpus.kb.knowledge_base import KB
from corpus.model import NIL, Link, layer_of
from corpus.store import read_documents, write_documents
from tests.doccano.link_task import ENTITIES, make_gold

TEXT = "Moscow met the OSCE in Kyiv. Nowhere is Moscow."


@pytest.fixture
def work(tmp_path, monkeypatch, run_cli):
    """A folder with gold.jsonl and news.kb, which is where the person stands."""
    monkeypatch.chdir(tmp_path)
    write_documents([make_gold("a", TEXT), make_gold("b", "Kyiv, Moscow")], "gold.jsonl")
    with open("entities.jsonl", "w") as sink:
        sink.writelines(json.dumps(entity) + "\n" for entity in ENTITIES)
    assert run_cli(["kb", "build", "entities.jsonl", "-o", "news.kb"]).code == 0
    return tmp_path


@pytest.fixture
def links(work, run_cli):
    """`links("push", ...)` runs that command with --task links."""

    def links(command, *args):
        return run_cli([command, *args, "--task", "links"])

    return links


@pytest.fixture
def linked(links):
    """linked.jsonl stands there."""
    assert links("suggest", "gold.jsonl", "-o", "linked.jsonl", "--kb", "news.kb").code == 0


def test_suggest_says_what_annotators_will_meet(links):
    ran = links("suggest", "gold.jsonl", "-o", "linked.jsonl", "--kb", "news.kb")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "linked.jsonl: 2 documents, 14 mentions\n  NIL: 2\n  linked: 5\n  without candidates: 1\n"
    )
    again = links("suggest", "gold.jsonl", "-o", "linked.jsonl", "--kb", "news.kb")
    assert (again.code, again.out.splitlines()[0]) == (0, "linked.jsonl is up to date")


def test_suggest_prints_the_ceiling_where_gold_has_links(links):
    [document, other] = read_documents("gold.jsonl")
    gold = document.layers[0]
    targets = ["Q649", "Q81299", "Q1899", NIL, "Q159"]
    mentions = tuple(
        replace(m, links=(Link(t),)) for m, t in zip(gold.mentions, targets, strict=True)
    )
    known = replace(document, layers=(replace(gold, mentions=mentions),))
    write_documents([known, other], "known.jsonl")
    ran = links("suggest", "known.jsonl", "-o", "linked.jsonl", "--kb", "news.kb")
    assert ran.out.splitlines()[-1] == (
        "  of 5 known links, one Enter would confirm 80.0%; of 4 to an entity, recall@1 is 75.0%, "
        "recall@9 75.0%"
    )


@pytest.mark.server
def test_from_gold_to_linked_gold(doccano, links, linked, run_cli):
    name = f"links {os.urandom(4).hex()}.ann.1"
    push = ["linked.jsonl", "--project", name, "--kb", "news.kb"]
    ran = links("push", *push)
    assert (ran.code, ran.err) == (0, "")
    client = Doccano(read_settings())
    project = find_project(client, name)["id"]
    [report] = [path for path in os.listdir() if ".push-" in path]
    assert ran.out == (
        f"{name} ({doccano.url}/projects/{project}): 2 documents given, 6 decisions sent, "
        "6 stored as sent for 7 mentions\n"
        "  label types made: 1, 2, 3, 4, 5, 6, 7, 8, 9, NIL, OTHER, BAD SPAN, UNSURE, SPLIT\n"
        "  the project was created\n"
        f"  record, with each that is not stored as sent: {report}\n"
    )
    assert json.loads(links("push", *push, "--json").out)["decisions"] == {"stored": 6}
    types = {one["text"]: one["id"] for one in client.list_category_types(project)}
    examples = [example["id"] for example in client.list_examples(project)]
    client.create_category(project, examples[1], types["BAD SPAN"])
    for example in examples[:-1]:
        client.confirm_example(project, example)

    pull = ["--project", name, "--documents", "linked.jsonl", "--kb", "news.kb", "-o", "links"]
    ran = links("pull", *pull)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "links/documents.jsonl: 2 documents, 21 mentions\n"
        "  confirmed: 1\n"
        "  touched: 1\n"
        "  judged: 6\n"
        "  not judged: 1\n"
    )
    ran = links("adjudicate", "links", "-o", "linked-gold.jsonl")
    assert (ran.code, ran.err) == (
        1,
        "corpus: to be settled by a person: linked-gold.jsonl.rejects.jsonl\n",
    )
    assert ran.out == (
        "linked-gold.jsonl: 2 documents, 21 mentions\n"
        "  repaired 0 documents, 4 mentions: linked-gold.jsonl.repairs.jsonl\n"
        "  waiting: 1\n"
        "  linked: 3\n"
        "  nil: 1\n"
        "  to settle: 1\n"
        "  to settle, BAD SPAN: 1\n"
    )
    accepted = ["links", "-o", "linked-gold.jsonl", "--allow-rejects", "--force"]
    assert links("adjudicate", *accepted).code == 0
    before, after = (
        [layer_of(one, "gold").mentions for one in read_documents(path)]
        for path in ("gold.jsonl", "linked-gold.jsonl")
    )
    assert [[m.id for m in mentions] for mentions in after] == [
        [m.id for m in mentions] for mentions in before
    ]
    assert [[link.target for m in mentions for link in m.links] for mentions in after] == [
        ["Q649", "Q1899", NIL, "Q649"],
        [],
    ]
    kb = KB("news.kb").info
    remembered = {(link.kb, link.kb_hash) for m in after[0] for link in m.links}
    assert remembered == {(kb.name, kb.hash)}
    ran = run_cli(["check", ".", "--kb", "news.kb"])
    assert ran.code == 0, ran.out

    # The second round: the last decision comes, gold keeps what it has, and check agrees.
    client.confirm_example(project, examples[-1])
    ran = links("suggest", "linked-gold.jsonl", "-o", "again.jsonl", "--kb", "news.kb", "--replace")
    assert ran.code == 0
    assert links("push", "again.jsonl", *push[1:]).code == 0
    pull = ["--project", name, "--documents", "again.jsonl", "--kb", "news.kb", "-o", "more"]
    assert links("pull", *pull).code == 0
    assert links("adjudicate", "more", "-o", "whole.jsonl", "--allow-rejects").code == 0
    targets = [
        [link.target for m in layer_of(one, "gold").mentions for link in m.links]
        for one in read_documents("whole.jsonl")
    ]
    assert targets == [["Q649", "Q1899", NIL, "Q649"], ["Q1899", "Q649"]]
    ran = run_cli(["check", ".", "--kb", "news.kb"])
    assert ran.code == 0, ran.out


@pytest.mark.server
def test_pull_exits_1_where_a_decision_cannot_be_taken(doccano, links, linked):
    name = f"links {os.urandom(4).hex()}"
    links("push", "linked.jsonl", "--project", name, "--kb", "news.kb")
    client = Doccano(read_settings())
    project = find_project(client, name)["id"]
    types = {one["text"]: one["id"] for one in client.list_category_types(project)}
    example = next(iter(client.list_examples(project)))["id"]
    client.create_category(project, example, types["OTHER"])
    client.confirm_example(project, example)
    pull = ["--project", name, "--documents", "linked.jsonl", "--kb", "news.kb", "-o", "links"]
    ran = links("pull", *pull)
    assert ran.code == 1
    ledger = "links/documents.jsonl.rejects.jsonl"
    assert f"  rejected 0 documents, 2 mentions: {ledger}\n" in ran.out
    with open(ledger) as source:
        assert {json.loads(line)["reason"] for line in source} == {
            "OTHER was chosen without a comment like kb:Q81299"
        }
    assert links("pull", *pull, "--force", "--allow-rejects").code == 0


@pytest.mark.parametrize(
    ("command", "args", "message"),
    [
        ("push", ["gold.jsonl"], "--task links needs the knowledge base; give --kb DIR"),
        (
            "push",
            ["gold.jsonl", "--kb", "news.kb", "--repair"],
            "--repair is not for --task links; leave it out",
        ),
        (
            "push",
            ["gold.jsonl", "--kb", "news.kb", "--label", "X"],
            "--label is not for --task links; leave it out",
        ),
        (
            "push",
            ["gold.jsonl", "--kb", "news.kb", "--per", "page"],
            "--per page: no such way; the ways are: decision, mention",
        ),
    ],
)
def test_push_usage_errors(links, command, args, message):
    ran = links(command, *args, "--project", "x")
    assert (ran.code, ran.out, ran.err) == (2, "", f"corpus: error: {message}\n")


@pytest.mark.server
def test_push_of_mentions_without_candidates_says_what_to_type(doccano, links):
    ran = links("push", "gold.jsonl", "--project", "x", "--kb", "news.kb")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "corpus: error: document 'a': mention 0-6:GPE has no candidates in the links layer "
        "'silver'; run: corpus suggest --task links\n"
    )


@pytest.mark.server
@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "--task links needs the documents that were pushed; give --documents"),
        (
            ["--documents", "gold.jsonl"],
            "--task links needs the knowledge base; give --kb DIR",
        ),
    ],
)
def test_pull_usage_errors(doccano, links, args, message):
    ran = links("pull", "--project", "x", "-o", "links", *args)
    assert (ran.code, ran.out, ran.err) == (2, "", f"corpus: error: {message}\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "--task links needs candidates; give --kb DIR"),
        (["--kb", "news.kb", "--nil"], "--nil is not for --task links; leave it out"),
        (["--kb", "news.kb", "--model", "x"], "--model is not for --task links; leave it out"),
    ],
)
def test_suggest_usage_errors(links, args, message):
    ran = links("suggest", "gold.jsonl", "-o", "linked.jsonl", *args)
    assert (ran.code, ran.out, ran.err) == (2, "", f"corpus: error: {message}\n")


@pytest.mark.parametrize(
    "command",
    [
        ["suggest", "gold.jsonl", "-o", "x.jsonl"],
        ["push", "gold.jsonl", "--project", "x"],
        ["pull", "--project", "x", "-o", "links"],
        ["adjudicate", "gold.jsonl", "-o", "x.jsonl"],
    ],
)
def test_other_tasks_are_usage_errors(work, run_cli, command):
    ran = run_cli([*command, "--task", "rhymes"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: --task rhymes: no such task; the tasks are: spans, links\n",
    )
