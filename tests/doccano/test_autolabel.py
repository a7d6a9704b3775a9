"""Doccano's own auto-labelling, set up over REST, asking a real `corpus serve`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus.doccano.autolabel import (
    AutolabelPlan,
    set_up_autolabel,
    switch_off_autolabel,
)
from corpus.doccano.client import Doccano
from corpus.doccano.settings import ServerSettings
from corpus.errors import DoccanoError, DoccanoProjectError, UsageError
from corpus.kb.build import build_kb
from tests.serve.running_serve import running_serve

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
TEXT = "Smile 😀😀 then the OSCE met in Minsk."
AT = {"ORG": (20, 24), "GPE": (32, 37)}  # UTF-16 units; Python says 18-22 and 30-35


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kb") / "seeds.kb"
    build_kb([ROOT / "seeds" / "kb.jsonl"], folder)
    with running_serve(tmp_path_factory.mktemp("serve"), "--kb", folder) as server:
        yield server


@pytest.fixture
def plan(serve, project):
    return AutolabelPlan(project.name, serve.url, serve.token)


@pytest.fixture
def pushed(project, make_silver):
    """A project of one document without suggestions, with two label types."""
    project.push([make_silver("a", TEXT)], labels=("ORG", "GPE"))
    return project


def configs(project):
    return project.client.call("GET", f"projects/{project.id}/auto-labeling/configs")


def open_page(client, project):
    """What the page does when an example is opened with the switch on."""
    example = project.examples()["a"]["id"]
    path = f"projects/{project.id}/auto-labeling"
    assert client.call("POST", path, params={"example": example}) == {"ok": True}


def spans(client, project):
    types = {one["id"]: one["text"] for one in project.client.list_span_types(project.id)}
    example = project.examples()["a"]["id"]
    found = client.list_spans(project.id, example)
    return sorted((types[s["label"]], (s["start_offset"], s["end_offset"])) for s in found)


def test_spans_are_stored_in_utf16_units_and_pulled_in_code_points(client, plan, pushed):
    set_up_autolabel(plan, client)
    open_page(client, pushed)
    assert spans(client, pushed) == sorted(AT.items())
    assert pushed.pull().spans("a") == [(18, 22, "ORG"), (30, 35, "GPE")]
    assert TEXT[18:22] == "OSCE"


def test_a_page_opened_again_gets_nothing_twice_nor_back_what_was_deleted(client, plan, pushed):
    set_up_autolabel(plan, client)
    open_page(client, pushed)
    open_page(client, pushed)
    assert spans(client, pushed) == sorted(AT.items())
    pushed.delete_spans("a")
    open_page(client, pushed)
    assert spans(client, pushed) == []


def test_set_up_again_changes_nothing_and_other_labels_change_it(client, plan, pushed):
    first = set_up_autolabel(plan, client)
    assert (first.done, first.labels) == ("created", ["ORG", "GPE"])
    assert first.notes == [
        "left out, since the project has no such label type: PER, LOC, EVENT, LAW, MISC"
    ]
    before = configs(pushed)
    assert set_up_autolabel(plan, client) == first._replace(done="unchanged")
    assert configs(pushed) == before
    client.create_span_type(
        pushed.id, {"text": "LAW", "background_color": "#000000", "suffix_key": None}
    )
    again = set_up_autolabel(plan, client)
    assert (again.done, again.config_id) == ("changed", first.config_id)
    assert again.labels == ["ORG", "GPE", "LAW"]
    assert len(configs(pushed)) == 1
    assert switch_off_autolabel(plan.project, client) == (pushed.id, 1)
    assert configs(pushed) == []
    assert switch_off_autolabel(plan.project, client) == (pushed.id, 0)


def test_labels_that_the_project_calls_otherwise_are_renamed(client, plan, project, make_silver):
    project.push([make_silver("a", TEXT)], labels=("CITY",))
    done = set_up_autolabel(plan._replace(renamed={"GPE": "CITY"}), client)
    assert done.labels == ["GPE"]
    open_page(client, project)
    assert spans(client, project) == [("CITY", AT["GPE"])]
    with pytest.raises(UsageError) as error:
        set_up_autolabel(plan._replace(renamed={"GPE": "TOWN"}), client)
    assert str(error.value) == (
        "--map GPE=TOWN: the project has no label type 'TOWN'; its label types are: CITY"
    )


def test_without_a_label_type_in_common_it_says_what_is_suggested(
    client, plan, project, make_silver
):
    project.push([make_silver("a", TEXT)], labels=("OTHER",))
    with pytest.raises(DoccanoProjectError) as error:
        set_up_autolabel(plan, client)
    assert str(error.value) == (
        f"project {project.name!r} has no label type that is suggested; suggested are: PER, ORG, "
        "GPE, LOC, EVENT, LAW, MISC; add them there, or rename with --map"
    )


def test_spans_land_in_the_layer_of_the_annotator_who_opened_the_page(
    client, settings, plan, pushed
):
    pushed.change(collaborative_annotation=False, allow_overlapping=False)
    set_up_autolabel(plan, client)
    name, password = f"ann-{os.urandom(3).hex()}", "kT9-plain-enough"
    fields = {"username": name, "password1": password, "password2": password}
    user = client.call("POST", "users/create", json=fields)["id"]
    annotator = next(
        role["id"] for role in client.call("GET", "roles") if role["name"] == "annotator"
    )
    member = {"user": user, "role": annotator}
    client.call("POST", f"projects/{pushed.id}/members", json=member)
    ann = Doccano(ServerSettings(settings.url, name, password))
    open_page(ann, pushed)
    open_page(ann, pushed)  # without overlap Doccano itself leaves out what stands there
    assert spans(ann, pushed) == sorted(AT.items())
    assert spans(client, pushed) == []
    pulled = pushed.pull()
    assert pulled.spans("a", f"annotator:{name}") == [(18, 22, "ORG"), (30, 35, "GPE")]
    assert pulled.spans("a", "annotator:admin") == []


def test_a_project_where_suggestions_would_be_doubled_is_refused(client, plan, pushed):
    pushed.change(collaborative_annotation=False)
    with pytest.raises(DoccanoProjectError) as error:
        set_up_autolabel(plan, client)
    assert str(error.value) == (
        f"project {pushed.name!r} ({pushed.id}) allows overlapping spans and is not shared: "
        "Doccano would store suggestions again whenever a document is opened; give each "
        "annotator a shared project, as `corpus push` makes them, or forbid overlap"
    )


def test_a_project_that_was_pushed_with_suggestions_is_refused(client, plan, project, make_silver):
    project.push([make_silver("a", TEXT, (18, 22, "ORG")), make_silver("b", "Two")])
    with pytest.raises(DoccanoProjectError) as error:
        set_up_autolabel(plan, client)
    assert str(error.value) == (
        f"1 documents of project {project.name!r} ({project.id}) were pushed with suggestions "
        "and would get more on top; push documents without a silver layer to a project of their "
        "own, and use that"
    )
    assert configs(project) == []


def test_suggestions_are_not_pushed_on_top_of_those_of_the_page(client, plan, pushed, make_silver):
    set_up_autolabel(plan, client)
    before = pushed.export()
    more = [make_silver("a", TEXT), make_silver("b", "In Kyiv", (3, 7, "GPE"))]
    with pytest.raises(DoccanoProjectError) as error:
        pushed.push(more)
    assert str(error.value) == (
        f"project {pushed.name!r} ({pushed.id}) gets its suggestions from corpus serve, and would "
        "get those of a push on top; push documents without the layer, or type `corpus doccano "
        "autolabel --off` before"
    )
    assert pushed.export() == before
    assert pushed.push([make_silver("a", TEXT), make_silver("c", "Two")]).result.sent == 1
    switch_off_autolabel(pushed.name, client)
    assert pushed.push(more).result.sent == 1


def test_a_project_that_counts_graphemes_is_refused(client, plan, pushed):
    pushed.change(grapheme_mode=True)
    with pytest.raises(DoccanoProjectError, match=r"counts graphemes, and suggestions would be"):
        set_up_autolabel(plan, client)


def test_an_address_that_doccano_cannot_reach_is_said(client, plan, pushed, free_port):
    with pytest.raises(DoccanoError) as error:
        set_up_autolabel(plan._replace(url=f"http://127.0.0.1:{free_port}"), client)
    assert str(error.value) == (
        f"the Doccano at {client.url} cannot reach http://127.0.0.1:{free_port}; start `corpus "
        "serve` and give the --url that it prints; if Doccano runs on another machine or in a "
        "container, give an address that leads from there to here"
    )
    assert configs(pushed) == []


def test_a_wrong_token_and_a_stranger_are_said(client, plan, pushed):
    hint = "; run `corpus serve` here, with the same CORPUS_HOME, and give the --url that it prints"
    with pytest.raises(DoccanoError) as error:
        set_up_autolabel(plan._replace(token="not-this"), client)
    assert str(error.value) == (
        f"what answers Doccano at {plan.url} refuses: the token is missing or wrong{hint}"
    )
    with pytest.raises(DoccanoError) as error:
        set_up_autolabel(plan._replace(url=client.url), client)
    assert "not-this" not in str(error.value)
    assert configs(pushed) == []


class Remote:
    """A client of a Doccano on another machine: nothing is asked of it."""

    url = "https://doccano.example:8443"


def test_loopback_is_not_offered_to_a_doccano_elsewhere(plan):
    with pytest.raises(DoccanoError) as error:
        set_up_autolabel(plan._replace(url="http://127.0.0.1:8765"), Remote())
    assert str(error.value) == (
        "http://127.0.0.1:8765 is this machine's own loopback, which the Doccano at "
        "https://doccano.example:8443 cannot reach; keep `ssh -N -R 8765:127.0.0.1:8765 "
        "doccano.example` running and add --tunnel"
    )


@pytest.mark.parametrize("url", ["127.0.0.1:8765", "ftp://127.0.0.1", "http://127.0.0.1/suggest"])
def test_what_is_no_address_is_usage(client, plan, url):
    with pytest.raises(UsageError) as error:
        set_up_autolabel(plan._replace(url=url), client)
    assert str(error.value) == (
        f"--url {url}: not the address of `corpus serve`; write it like http://127.0.0.1:8765"
    )


def test_no_such_project_is_said(client, plan):
    with pytest.raises(DoccanoProjectError, match=r"has no project '.*' of 'admin'; make it with"):
        set_up_autolabel(plan, client)


def test_command_line_tells_the_switch(run_cli, doccano, serve, pushed, monkeypatch):
    command = ["doccano", "autolabel", "--project", pushed.name, "--url", serve.url]
    ran = run_cli(command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("serve/token; start `corpus serve` first\n")
    monkeypatch.setenv("CORPUS_HOME", str(serve.token_file.parents[1]))
    ran = run_cli(command)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"project {pushed.name} ({pushed.id}): auto-labelling created, asks {serve.url}\n"
        "labels: ORG, GPE\n"
        "left out, since the project has no such label type: PER, LOC, EVENT, LAW, MISC\n"
        "annotators turn it on: the wand above the text, then the switch (docs/autolabel.md)\n"
    )
    assert serve.token not in ran.out
    ran = run_cli([*command, "--off"])
    assert ran.out == f"project {pushed.name} ({pushed.id}) has no auto-labelling by corpus now\n"
    ran = run_cli([*command, "--map", "PER"])
    assert ran.err == "corpus: error: --map PER: not LABEL=TYPE; write it like PER=PERSON\n"
