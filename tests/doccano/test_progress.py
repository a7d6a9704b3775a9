import json

import pytest

from corpus.doccano.progress import read_progress
from tests.doccano.link_task import make_gold

pytestmark = pytest.mark.server

KYIV = (3, 7, "GPE")


def told(passes):
    return [
        (one.annotator, one.round, one.confirmed, one.touched, one.untouched, one.is_member)
        for one in passes
    ]


def test_progress_of_every_annotator_and_pass(project, make_silver, client):
    base = project.name.removesuffix(".ann.1")
    other = type(project)(client, f"{base}.{client.username}.2", project.folder)
    for each in (project, other):
        each.push([make_silver(id, "In Kyiv", KYIV) for id in "abcd"])
    project.confirm("a")
    project.add_span("b", 0, 2, "GPE")
    project.comment("c", "where?")
    project.import_rows({"text": "a stranger", "label": []})
    passes = read_progress(client, base)
    assert told(passes) == [
        (client.username, 2, 0, 0, 4, True),
        ("ann", 1, 1, 2, 1, False),
    ]
    assert passes[1].url == f"{client.url}/projects/{project.id}"
    assert told(read_progress(client, base, "ann")) == [("ann", 1, 1, 2, 1, False)]
    assert told(read_progress(client, project.name)) == [("ann", 1, 1, 2, 1, False)]


def test_progress_of_a_project_that_is_not_shared_is_each_members(project, make_silver, client):
    project.push([make_silver(id, "In Kyiv", KYIV) for id in "ab"])
    project.change(collaborative_annotation=False)
    project.confirm("b")
    assert told(read_progress(client, project.name)) == [(client.username, 1, 1, 0, 1, True)]


def test_progress_in_links_counts_decisions(links, client):
    links.push([make_gold("a", "Moscow, Kyiv, the OSCE and Nowhere")])
    links.decide(0)
    links.decide(1, "NIL", confirm=False)
    links.decide(2, comments=["?"], confirm=False)
    assert told(read_progress(client, links.name)) == [("ann", 1, 1, 2, 1, False)]


def test_status_prints_it(project, make_silver, doccano, run_cli):
    project.push([make_silver(id, "In Kyiv", KYIV) for id in "abc"])
    project.confirm("a")
    ran = run_cli(["doccano", "status", "--project", project.name])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{project.name}  ann, pass 1: 1 of 3 documents confirmed (33%), 0 touched, 2 untouched  "
        f"{doccano.url}/projects/{project.id}  (no member of it yet)\n"
    )
    ran = run_cli(["doccano", "status", "--project", project.name, "--json"])
    assert json.loads(ran.out)["passes"][0]["confirmed"] == 1
    ran = run_cli(["doccano", "status", "--project", "nobody's"])
    assert ran.code == 1
    assert ran.err.startswith('corpus: error: no project is named "nobody\'s"')
