"""Long articles in pieces, over a network that fails and with push and pull killed."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from corpus.doccano.client import Doccano
from corpus.store import write_documents
from tests.doccano.conftest import Project
from tests.doccano.fault_proxy import FaultProxy, Schedule
from tests.doccano.test_faults import hurry as hurry
from tests.doccano.test_faults import make_documents, seeds, sent_spans, until_it_ends_well
from tests.doccano.test_kills import files_of, run_and_kill, seconds_of

pytestmark = pytest.mark.server

LIMIT = 25  # code points


def make_articles(make_silver, dice):
    """Documents of which most are longer than LIMIT: the words of each are paragraphs or lines."""
    articles = []
    for document in make_documents(make_silver, dice):
        text = "".join("\n" if c == " " and dice.random() < 0.5 else c for c in document.text)
        articles.append(make_silver(document.id, text, *sent_spans(document)))
    articles.append(make_silver("long", "In Kyiv.\n" * 9, (3, 7, "GPE"), (75, 79, "GPE")))
    return articles


@pytest.mark.parametrize("seed", seeds(4, 60))
def test_schedule_loses_no_piece_and_stores_none_twice(
    seed, settings, client, make_silver, tmp_path, hurry, monkeypatch
):
    monkeypatch.setattr("corpus.doccano.push.BATCH_SIZE", 4)
    dice = random.Random(2000 + seed)
    articles = make_articles(make_silver, dice)
    name = f"pieces-{seed}-{os.urandom(3).hex()}.ann.1"
    plain = Project(client, name, tmp_path)
    with FaultProxy(settings.url, Schedule(seed)) as proxy:
        through, _ = until_it_ends_well(
            lambda: Doccano(replace(settings, url=proxy.url), time_limit=60)
        )
        shaky = Project(through, name, tmp_path)
        pushed, _ = until_it_ends_well(lambda: shaky.push(articles, max_chars=LIMIT))
        assert (pushed.result.clean, pushed.findings) == (True, []), proxy.schedule.done
        examples = plain.examples()
        confirmed = sorted(id for id in examples if id.startswith("long ("))
        assert len(confirmed) > 2
        for id in confirmed:
            example = examples[id]["id"]
            until_it_ends_well(lambda e=example: through.confirm_example(plain.id, e))
        pulled, _ = until_it_ends_well(shaky.pull)
    assert proxy.schedule.done
    assert len(plain.export()) == len(examples) > len(articles)
    assert sorted(row.corpus_id for row in plain.export(confirmed=True)) == confirmed
    assert pulled.rejects == []
    assert {id: (d.text, pulled.spans(id)) for id, d in pulled.documents.items()} == {
        article.id: (article.text, sent_spans(article)) for article in articles
    }
    assert {id: pulled.layer(id).state for id in pulled.documents} == {
        article.id: "confirmed" if article.id == "long" else "untouched" for article in articles
    }


@pytest.fixture(scope="module")
def times():
    """How many seconds each command takes here and now that nobody kills."""
    return {}


@pytest.mark.parametrize("seed", seeds(3, 30))
def test_push_and_pull_of_pieces_killed_anywhere_end_as_if_they_were_not(
    seed, doccano, client, make_silver, tmp_path, monkeypatch, run_cli, times
):
    monkeypatch.setattr("corpus.doccano.push.BATCH_SIZE", 2)
    dice = random.Random(3000 + seed)
    articles = make_articles(make_silver, dice)
    project = Project(client, f"cut-{seed}-{os.urandom(3).hex()}.ann.1", tmp_path)
    write_documents(articles, project.documents)
    push = ["push", project.documents, "--max-chars", LIMIT, "--project"]
    if not times:
        times["push"] = seconds_of([*push, f"measured-{project.name}"])
    run_and_kill([*push, project.name], dice.random() * times["push"])
    ran = run_cli([*push, project.name])
    assert ran.code == 0, ran.err + ran.out
    assert len(project.export()) == len({row.corpus_id for row in project.export()})
    killed, clean = tmp_path / "killed", tmp_path / "clean"
    pull = ["pull", "--project", project.name, "--documents", project.documents, "-o"]
    run_and_kill([*pull, killed], dice.random() * times.get("pull", 0.5))
    assert run_cli([*pull, killed]).code == 0
    times["pull"] = seconds_of([*pull, clean])
    assert files_of(killed) == files_of(clean)
    pulled = project.pull(folder="clean")
    assert {id: (d.text, pulled.spans(id)) for id, d in pulled.documents.items()} == {
        article.id: (article.text, sent_spans(article)) for article in articles
    }
