"""Faults on the way between annotators and the folder: kills, and pulls while they work."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from corpus.doccano.accounts import list_members
from corpus.doccano.exports import read_rows, unpack_export
from corpus.doccano.mapping import read_mark, row_spans
from corpus.doccano.pull import OUTPUT
from corpus.model import layer_of
from corpus.store import write_documents

pytestmark = pytest.mark.server

LONG = pytest.mark.long
STEP = 0.07  # seconds between one kill and the next: a process needs about one to start


def corpus_env(server):
    """Where a `corpus` of its own finds the server and the checkout."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DOCCANO_URL": server.url,
        "DOCCANO_USERNAME": server.username,
        "DOCCANO_PASSWORD": server.password,
    }


def kill_after(seconds, command, env):
    """Whether the command was still running then."""
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return True
    assert process.returncode == 0
    return False


def on_the_server(team, tmp_path):
    """Everything that the projects hold, but for ids and imports: documents, spans, members."""
    held = {}
    for name in team.projects():
        [project] = [p for p in team.client.list_projects() if p["name"] == name]
        id = project["id"]
        team.client.export_project(id, tmp_path / "export.zip")
        rows = [
            (row.corpus_id, row.text, row_spans(row), read_mark(row.corpus_mark)._replace(batch=""))
            for file in unpack_export(tmp_path / "export.zip", tmp_path)
            for _, row in read_rows(file)
        ]
        members = {
            one["username"]: one["rolename"] for one in list_members(team.client, project["id"])
        }
        held[name.removeprefix(team.name)] = (sorted(rows), members, project["description"])
    return held


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=LONG)])
def test_push_killed_at_any_moment_and_run_again_gives_the_same_server(
    team, tmp_path, doccano_server, kills
):
    env = corpus_env(doccano_server)
    options = ["--annotators", ",".join(team.names), "--overlap", "0.3", "--blind", "0.2"]
    command = [sys.executable, "-m", "corpus", "push", team.documents, "-p", team.name, *options]
    killed, pause = 0, 0.9
    while killed < kills:
        if not kill_after(pause, command, env):
            # It came to its end: begin anew, so that every moment is met.
            for name in team.projects():
                [project] = [p["id"] for p in team.client.list_projects() if p["name"] == name]
                team.client.delete_project(project)
            pause = 0.9
        killed += 1
        pause += STEP if kills > 3 else 0.5
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    told = on_the_server(team, tmp_path)
    twin = type(team)(team.client, f"{team.name}-twin", team.folder, team.passwords)
    assert twin.push(overlap=0.3, blind=0.2).clean
    whole = on_the_server(twin, tmp_path)
    for name, (rows, members, description) in whole.items():
        assert told[name] == (rows, members, description.replace("-twin", ""))
    assert sum(len(rows) for rows, _, _ in told.values()) > 24


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=LONG)])
def test_pull_killed_at_any_moment_and_run_again_gives_the_same_bytes(
    team, tmp_path, doccano_server, kills
):
    assert team.push(overlap=0.3, blind=0.2).clean
    team.confirm(team.names[0])
    team.pull()
    expected = (team.folder / "pulled" / OUTPUT).read_bytes()
    env = corpus_env(doccano_server)
    folder = tmp_path / "killed"
    command = [sys.executable, "-m", "corpus", "pull", "-p", team.name, "-o", folder]
    command += ["--documents", team.documents]
    pause = 0.8
    for _ in range(kills):
        if not kill_after(pause, command, env):
            (folder / f"{OUTPUT}.manifest.json").unlink()
            (folder / OUTPUT).unlink()
            pause = 0.8
        pause += STEP if kills > 3 else 0.4
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / OUTPUT).read_bytes() == expected
    assert [path.name for path in folder.rglob("*") if "incoming" in path.name] == []


class Annotator(threading.Thread):
    """Works through a project: keeps, deletes or adds spans, comments, confirms; remembers it."""

    def __init__(self, team, name, seed):
        super().__init__()
        self.client = team.session(name)
        self.project = team.project(f"{name}.1")
        self.name = name
        self.random = random.Random(seed)
        self.done = {}
        self.finished = False

    def run(self):
        types = {t["text"]: t["id"] for t in self.client.list_span_types(self.project)}
        for example in list(self.client.list_examples(self.project)):
            self.annotate(example, types["GPE"])
        self.finished = True

    def annotate(self, example, label):
        id = example["id"]
        spans = [(3, 7)] if self.client.list_spans(self.project, id) else []
        if spans and self.random.random() < 0.3:
            for span in self.client.list_spans(self.project, id):
                self.client.delete_span(self.project, id, span["id"])
            spans = []
        if self.random.random() < 0.3:
            self.client.create_span(self.project, id, 0, 2, label)
            spans = [(0, 2), *spans]
        comments = ()
        if self.random.random() < 0.2:
            self.client.create_comment(self.project, id, f"{self.name} says")
            comments = (f"{self.name} says",)
        confirmed = self.random.random() < 0.7
        if confirmed:
            self.client.confirm_example(self.project, id)
        self.done[example["meta"]["corpus_id"]] = (spans, comments, confirmed)


@pytest.mark.parametrize("documents", [40, pytest.param(2000, marks=LONG)])
def test_pulls_while_three_annotators_work_lose_nothing(team, make_silver, documents):
    write_documents(
        [make_silver(f"w{number:04}", "In Kyiv", (3, 7, "GPE")) for number in range(documents)],
        team.documents,
    )
    assert team.push(overlap=0.3, blind=0.2).clean
    annotators = [Annotator(team, name, seed) for seed, name in enumerate(team.names)]
    for annotator in annotators:
        annotator.start()
    pulls = 0
    while any(annotator.is_alive() for annotator in annotators):
        check_confirmed(team.pull(), annotators)
        pulls += 1
        time.sleep(0.2)
    assert all(annotator.finished for annotator in annotators)
    assert pulls  # at least one while they were at work
    pulled = team.pull()
    for annotator in annotators:
        layers = {id: layer_of(d, f"annotator:{annotator.name}") for id, d in pulled.items()}
        assert {id for id, layer in layers.items() if layer} == set(annotator.done)
        for id, (spans, comments, confirmed) in annotator.done.items():
            layer = layers[id]
            assert [(m.start, m.end) for m in layer.mentions] == spans
            assert layer.comments == comments
            assert (layer.state == "confirmed") == confirmed
            if not confirmed:
                sent = [] if layer.blind else [(3, 7)]
                assert (layer.state == "touched") == (spans != sent or bool(comments))


def check_confirmed(pulled, annotators):
    """What is confirmed was pulled as the annotator left it, whenever that was."""
    for annotator in annotators:
        for id, document in pulled.items():
            layer = layer_of(document, f"annotator:{annotator.name}")
            if layer is not None and layer.state == "confirmed" and id in annotator.done:
                assert [(m.start, m.end) for m in layer.mentions] == annotator.done[id][0]
