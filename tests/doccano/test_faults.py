"""Push, confirm, pull over a network that fails by a schedule: nothing lost, twice or undone.

A run that ends with an error is run again, as a person would; each must end the same.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from corpus.doccano.client import Doccano
from corpus.errors import DoccanoError
from tests.doccano.conftest import Project
from tests.doccano.fault_proxy import FaultProxy, Schedule

pytestmark = pytest.mark.server

SAMPLE = 10
WHOLE = 200
RUNS = 8  # of one command, until it ends well

WORDS = ["Kyiv", "Москва", "OSCE", "العراق", "café", "😀", "नई"]


def make_documents(make_silver, dice: random.Random):
    """A handful of documents with spans that nest, overlap and stand behind emoji."""
    documents = []
    for number in range(dice.randint(3, 9)):
        words = [dice.choice(WORDS) for _ in range(dice.randint(2, 8))]
        text, places = "", []
        for word in words:
            places.append((len(text), len(text) + len(word)))
            text += word + " "
        spans = {(*place, dice.choice(("GPE", "ORG"))) for place in places if dice.random() < 0.6}
        if dice.random() < 0.3:
            spans.add((places[0][0], places[1][1], "ORG"))
        documents.append(make_silver(f"doc-{number}", text, *sorted(spans)))
    return documents


def until_it_ends_well(call):
    """What the call gives, and how many runs it took."""
    for run in range(1, RUNS + 1):
        try:
            return call(), run
        except DoccanoError:
            if run == RUNS:
                raise
    raise AssertionError("not reached")


def sent_spans(document):
    return [(m.start, m.end, m.label) for m in document.layers[0].mentions]


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr("corpus.doccano.wire.PAUSE", 0.03)


def seeds(sample=SAMPLE, whole=WHOLE):
    """The first of them always, the rest with the long suites."""
    return [
        pytest.param(seed, marks=[] if seed < sample else [pytest.mark.long])
        for seed in range(whole)
    ]


@pytest.mark.parametrize("seed", seeds())
def test_schedule_loses_nothing_and_stores_nothing_twice(
    seed, settings, client, make_silver, tmp_path, hurry, monkeypatch
):
    monkeypatch.setattr("corpus.doccano.push.BATCH_SIZE", 4)
    dice = random.Random(seed)
    documents = make_documents(make_silver, dice)
    confirmed = sorted(dice.sample([d.id for d in documents], k=2))
    name = f"faults-{seed}-{os.urandom(3).hex()}.ann.1"
    plain = Project(client, name, tmp_path)
    with FaultProxy(settings.url, Schedule(seed)) as proxy:
        through, _ = until_it_ends_well(
            lambda: Doccano(replace(settings, url=proxy.url), time_limit=60)
        )
        shaky = Project(through, name, tmp_path)
        pushed, _ = until_it_ends_well(lambda: shaky.push(documents))
        assert (pushed.result.clean, pushed.findings) == (True, []), proxy.schedule.done
        examples = plain.examples()
        for id in confirmed:
            example = examples[id]["id"]
            until_it_ends_well(lambda e=example: through.confirm_example(plain.id, e))
        pulled, _ = until_it_ends_well(shaky.pull)
    assert proxy.schedule.done
    rows = plain.export()
    assert sorted(row.corpus_id for row in rows) == [d.id for d in documents]
    assert sorted(row.corpus_id for row in plain.export(confirmed=True)) == confirmed
    assert sorted(one["text"] for one in client.list_span_types(plain.id)) == ["GPE", "ORG"]
    assert pulled.rejects == []
    assert {id: pulled.spans(id) for id in pulled.documents} == {
        document.id: sent_spans(document) for document in documents
    }
    assert {id: pulled.layer(id).state for id in pulled.documents} == {
        d.id: "confirmed" if d.id in confirmed else "untouched" for d in documents
    }
