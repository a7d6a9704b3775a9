"""The switch that an annotator turns on, and where the suggestions land: in Chromium."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus.doccano.autolabel import AutolabelPlan, set_up_autolabel
from corpus.doccano.pull import PullPlan, pull_documents
from corpus.doccano.push import PushPlan, push_documents
from corpus.kb.build import build_kb
from corpus.model import Layer, layer_of, make_document
from corpus.store import read_documents, write_documents
from tests.browser.annotation_page import AnnotationPage
from tests.browser.chromium import log_in
from tests.browser.projects import colours_of
from tests.serve.running_serve import running_serve

pytestmark = [pytest.mark.server, pytest.mark.browser]

ROOT = Path(__file__).parents[2]
TEXTS = {"a": "Smile 😀😀 then the OSCE met in Minsk.", "b": "👨‍👩‍👧 Then the OSCE left."}
SPANS = {"a": [(18, 22, "ORG"), (30, 35, "GPE")], "b": [(15, 19, "ORG")]}
PASSWORD = "kT9-plain-enough"


@pytest.fixture
def serve(tmp_path):
    build_kb([ROOT / "seeds" / "kb.jsonl"], tmp_path / "seeds.kb")
    with running_serve(tmp_path / "home", "--kb", tmp_path / "seeds.kb") as server:
        yield server


def make_project(client, folder):
    """The name and id of a project without suggestions, in which each member is on their own."""
    name = f"autolabel {os.urandom(3).hex()}"
    documents = [make_document(id, text, layers=(Layer("silver"),)) for id, text in TEXTS.items()]
    write_documents(documents, folder / "documents.jsonl")
    plan = PushPlan(folder / "documents.jsonl", name, labels=("ORG", "GPE"))
    id = push_documents(plan, client, print).project_id
    fields = {"collaborative_annotation": False, "allow_overlapping": False}
    client.update_project(id, {**fields, "resourcetype": "SequenceLabelingProject"})
    return name, id


def add_annotator(client, project):
    name = f"ann-{os.urandom(3).hex()}"
    fields = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    user = client.call("POST", "users/create", json=fields)["id"]
    roles = {role["name"]: role["id"] for role in client.call("GET", "roles")}
    member = {"user": user, "role": roles["annotator"]}
    client.call("POST", f"projects/{project}/members", json=member)
    return name


def test_the_wand_and_its_switch_bring_suggestions_into_the_annotator_s_own_layer(
    serve, client, page, doccano_server, tmp_path
):
    name, project = make_project(client, tmp_path)
    ann = add_annotator(client, project)
    set_up_autolabel(AutolabelPlan(name, serve.url, serve.token), client)
    browser_page = log_in(page.context.browser, doccano_server.url, ann, PASSWORD)
    annotation_page = AnnotationPage(browser_page, doccano_server.url)
    annotation_page.open(project, 1, TEXTS["a"])
    assert annotation_page.highlighted() == {}
    annotation_page.turn_auto_labelling_on()
    annotation_page.settle(2)
    colours = colours_of(client, project)
    shown = {colours[colour]: at for colour, at in annotation_page.highlighted().items()}
    assert shown == {label: list(range(start, end)) for start, end, label in SPANS["a"]}
    annotation_page.next(TEXTS["b"], colours=1)  # the next example gets them by itself
    browser_page.context.close()

    pulled = pull_documents(
        PullPlan(tmp_path / "pulled", name, tmp_path / "documents.jsonl"), client
    )
    assert pulled.mentions.rejected == 0
    for document in read_documents(tmp_path / "pulled" / "documents.jsonl"):
        layer = layer_of(document, f"annotator:{ann}")
        assert [(m.start, m.end, m.label) for m in layer.mentions] == SPANS[document.id]
        assert layer_of(document, "annotator:admin").mentions == ()
