"""Links pushed, decided and pulled over a network that fails, and with push and pull killed."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from corpus.doccano.client import Doccano
from tests.doccano.fault_proxy import FaultProxy, Schedule
from tests.doccano.link_task import NAMES, LinkTask, make_gold
from tests.doccano.test_faults import hurry as hurry
from tests.doccano.test_faults import seeds, until_it_ends_well
from tests.doccano.test_kills import files_of, run_and_kill, seconds_of

pytestmark = pytest.mark.server

FIRST = {"Moscow": "Q649", "Kyiv": "Q1899", "Russia": "Q159", "OSCE": "Q81299", "Nowhere": "NIL"}
OTHER = {"OSCE": ("2", "local:osce-pa")}


def make_texts(dice):
    """A few documents with names that one, two and no entity has, behind emoji too."""
    documents = []
    for number in range(dice.randint(2, 5)):
        words = [dice.choice([*NAMES, "😀", "met", "x\u0302"]) for _ in range(dice.randint(3, 9))]
        documents.append(make_gold(f"doc-{number}", " ".join(["Kyiv", *words])))
    return documents


def decide(links, dice):
    """A person answers every question, some with the second candidate; what each place means."""
    meant = {}
    for number, example in enumerate(links.examples()):
        meta = example["meta"]
        name = surface_of(links, meta["corpus_id"], meta["corpus_places"].split()[0])
        key, target = "", FIRST[name]
        if name in OTHER and dice.random() < 0.5:
            key, target = OTHER[name]
        links.decide(number, *filter(None, [key]), confirm=False)
        for place in meta["corpus_places"].split():
            meant[meta["corpus_id"], place] = target
    return meant


def surface_of(links, id, place):
    start, end = map(int, place.split("-"))
    return links.texts[id][start:end]


def assert_links_are(pulled, meant):
    assert pulled.rejects == []
    found = {
        (id, f"{m.start}-{m.end}"): link.target
        for id in pulled.documents
        for m in pulled.layer(id).mentions
        for link in m.links
    }
    assert found == meant
    assert {pulled.layer(id).state for id in pulled.documents} == {"confirmed"}


@pytest.fixture
def task(client, tmp_path):
    def make(name, documents):
        links = LinkTask(client, f"{name}-{os.urandom(3).hex()}.ann.1", tmp_path)
        links.suggest(documents)
        links.texts = {document.id: document.text for document in documents}
        return links

    return make


@pytest.mark.parametrize("seed", seeds(4, 60))
def test_schedule_loses_no_decision_and_asks_none_twice(seed, settings, task, hurry, monkeypatch):
    monkeypatch.setattr("corpus.doccano.link_push.BATCH_SIZE", 4)
    dice = random.Random(4000 + seed)
    links = task(f"link-faults-{seed}", make_texts(dice))
    with FaultProxy(settings.url, Schedule(seed)) as proxy:
        through, _ = until_it_ends_well(
            lambda: Doccano(replace(settings, url=proxy.url), time_limit=60)
        )
        shaky = replace(links, client=through)
        pushed, _ = until_it_ends_well(shaky.push)
        assert (pushed.result.clean, pushed.findings) == (True, []), proxy.schedule.done
        asked = [(e["meta"]["corpus_id"], e["meta"]["corpus_places"]) for e in links.examples()]
        assert len(asked) == len(set(asked))
        assert {*map(len, links.keys())} == {1}
        meant = decide(links, dice)
        for example in links.examples():
            until_it_ends_well(lambda e=example["id"]: through.confirm_example(links.id, e))
        pulled, _ = until_it_ends_well(shaky.pull)
    assert proxy.schedule.done
    assert_links_are(pulled, meant)


@pytest.fixture(scope="module")
def times():
    """How many seconds each command takes here and now that nobody kills."""
    return {}


@pytest.mark.parametrize("seed", seeds(3, 30))
def test_push_and_pull_of_links_killed_anywhere_end_as_if_they_were_not(
    seed, doccano, task, tmp_path, monkeypatch, run_cli, times
):
    monkeypatch.setattr("corpus.doccano.link_push.BATCH_SIZE", 3)
    dice = random.Random(5000 + seed)
    links = task(f"link-kill-{seed}", make_texts(dice))
    push = ["push", links.documents, "--task", "links", "--kb", links.kb, "--layer", "gold"]
    if not times:
        times["push"] = seconds_of([*push, "--project", f"measured-{links.name}"])
    push += ["--project", links.name]
    run_and_kill(push, dice.random() * times["push"])
    ran = run_cli(push)
    assert ran.code == 0, ran.err + ran.out
    asked = [(e["meta"]["corpus_id"], e["meta"]["corpus_places"]) for e in links.examples()]
    assert len(asked) == len(set(asked))
    assert {*map(len, links.keys())} == {1}
    meant = decide(links, dice)
    for example in links.examples():
        links.client.confirm_example(links.id, example["id"])
    killed, clean = tmp_path / "killed", tmp_path / "links"
    pull = ["pull", "--task", "links", "--project", links.name, "--kb", links.kb]
    pull += ["--documents", links.documents, "--layer", "gold", "-o"]
    run_and_kill([*pull, killed], dice.random() * times.get("pull", 0.5))
    assert run_cli([*pull, killed]).code == 0
    times["pull"] = seconds_of([*pull, clean])
    assert files_of(killed) == files_of(clean)
    assert_links_are(links.pull(), meant)
