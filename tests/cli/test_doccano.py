"""What `corpus doccano` prints, and its exit codes."""

from __future__ import annotations

import json

import pytest

from corpus.doccano.client import Doccano
from corpus.doccano.settings import read_settings


@pytest.fixture
def our_doccano(doccano_server, doccano_environment, monkeypatch):
    """The session's Doccano as the embedded one of this home."""
    monkeypatch.setenv("CORPUS_HOME", str(doccano_server.home.parent))
    monkeypatch.setenv("CORPUS_DOCCANO_ENV", doccano_environment)
    return doccano_server


def test_status_of_nothing_installed_says_what_to_type(run_cli, tmp_path, monkeypatch):
    monkeypatch.setenv("CORPUS_HOME", str(tmp_path))
    ran = run_cli(["doccano", "status"])
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == f"not installed in {tmp_path}/doccano; type: corpus doccano up\n"
    assert list(tmp_path.iterdir()) == []


def test_down_of_nothing_installed_is_fine(run_cli, tmp_path, monkeypatch):
    monkeypatch.setenv("CORPUS_HOME", str(tmp_path))
    ran = run_cli(["doccano", "down"])
    assert (ran.code, ran.out) == (0, "Doccano was not running\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_up_refuses_a_port_that_is_none(run_cli, port):
    ran = run_cli(["doccano", "up", "--port", port])
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "--port" in ran.err


@pytest.mark.server
def test_up_of_what_runs_says_so_with_address_and_credentials(run_cli, our_doccano):
    # A worker that another test has started again is proven by this one.
    assert run_cli(["doccano", "up"]).code == 0
    ran = run_cli(["doccano", "up"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"Doccano was running already at {our_doccano.url}\n"
        f"name and password: {our_doccano.home}/credentials.env\n"
        "stop it with: corpus doccano down\n"
    )


@pytest.mark.server
def test_status_tells_people_and_programs_the_same(run_cli, our_doccano):
    ran = run_cli(["doccano", "status", "--json"])
    status = json.loads(ran.out)
    assert (ran.code, status["healthy"], status["url"]) == (0, True, our_doccano.url)
    assert run_cli(["doccano", "status"]).out == (
        f"address     {our_doccano.url}\n"
        f"web server  pid {status['web_pid']}\n"
        f"worker      pid {status['worker_pid']}\n"
        f"queue       {status['queue']} waiting\n"
        f"projects    {status['projects']}\n"
        f"folder      {our_doccano.home}\n"
    )
    assert our_doccano.password not in ran.out


@pytest.mark.server
def test_status_without_worker_exits_1_and_up_starts_it(run_cli, our_doccano):
    our_doccano.stop_worker()
    ran = run_cli(["doccano", "status"])
    assert ran.code == 1
    assert "worker      not running\n" in ran.out
    assert ran.out.endswith("not healthy; type: corpus doccano up\n")
    ran = run_cli(["doccano", "up"])
    assert (ran.code, ran.out.splitlines()[0]) == (0, f"Doccano runs at {our_doccano.url}")
    assert ran.err.startswith("waiting until a first import has gone through\n")


@pytest.mark.server
def test_up_after_down_has_the_same_address_password_and_projects(run_cli, our_doccano):
    project = {"name": "kept over a restart", "description": "x"}
    project |= {"project_type": "SequenceLabeling", "resourcetype": "SequenceLabelingProject"}
    kept = Doccano(read_settings()).create_project(project)["id"]
    ran = run_cli(["doccano", "down", "--json"])
    assert (ran.code, json.loads(ran.out)) == (0, {"stopped": True})
    assert run_cli(["doccano", "down"]).out == "Doccano was not running\n"
    ran = run_cli(["doccano", "status"])
    assert ran.code == 1
    assert ran.out.endswith("stopped; type: corpus doccano up\n")
    ran = run_cli(["doccano", "up", "--json"])
    assert (ran.code, json.loads(ran.out)["url"]) == (0, our_doccano.url)
    assert f"starting Doccano on {our_doccano.url}\n" in ran.err
    server = read_settings()
    assert (server.url, server.password) == (our_doccano.url, our_doccano.password)
    client = Doccano(server)
    assert kept in [one["id"] for one in client.list_projects()]
    client.delete_project(kept)
