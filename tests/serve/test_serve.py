"""A real `corpus serve` over HTTP: what it answers, whom it refuses, how it ends."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from corpus.kb.build import build_kb
from tests.serve.running_serve import RunningServe, running_serve

ROOT = Path(__file__).parents[2]
TEXT = "😀😀 The OSCE met in Minsk."
SPANS = [
    {"label": "ORG", "start_offset": 9, "end_offset": 13},
    {"label": "GPE", "start_offset": 21, "end_offset": 26},
]


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kb") / "seeds.kb"
    build_kb([ROOT / "seeds" / "kb.jsonl"], folder)
    return folder


@pytest.fixture(scope="module")
def server(kb, tmp_path_factory):
    with running_serve(tmp_path_factory.mktemp("serve"), "--kb", kb, "--max-bytes", 5000) as it:
        yield it


def ask(server: RunningServe, method="GET", path="/about", body=None, **headers):
    """Status and decoded body of one request with the token, unless `headers` say otherwise."""
    headers = {"Authorization": f"Bearer {server.token}", **headers}
    if isinstance(body, dict):
        body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def suggest(server, text=TEXT, **fields):
    status, answer = ask(server, "POST", "/suggest", {"text": text, **fields})
    assert status == 200, answer
    return answer


def test_a_text_is_answered_with_spans_in_the_page_s_units(server):
    assert suggest(server) == {"spans": SPANS, "notes": []}
    assert suggest(server, labels=["GPE"]) == {
        "spans": SPANS[1:],
        "notes": ["1 of label ORG left out: the project has no such label type"],
    }


def test_about_names_labels_and_knowledge_base(server):
    status, about = ask(server)
    assert (status, about["server"]) == (200, "corpus serve")
    assert about["labels"] == ["PER", "ORG", "GPE", "LOC", "EVENT", "LAW", "MISC"]
    assert set(about["versions"]) == {"kb"}


def test_health_needs_no_token_and_tells_nothing(server):
    assert ask(server, path="/health", Authorization="") == (
        200,
        {"server": "corpus serve", "status": "ok"},
    )


def test_under_a_key_a_text_is_answered_once(server):
    assert suggest(server, once="project 1")["spans"] == SPANS
    again = {"spans": [], "notes": ["this text had its suggestions before"]}
    assert suggest(server, once="project 1") == again
    assert suggest(server, once="project 2")["spans"] == SPANS
    assert suggest(server)["spans"] == SPANS


def test_what_was_given_is_remembered_over_a_restart(kb, tmp_path):
    for wanted in (SPANS, []):
        with running_serve(tmp_path, "--kb", kb) as server:
            assert suggest(server, once="p")["spans"] == wanted
            code, said = server.stop()
            uses, _, others = said.partition("\n")
            assert (code, others) == (0, server_said(wanted))
            assert uses.startswith(f"corpus: uses {kb}: ")


def server_said(spans):
    return "stopped\n" if spans else "this text had its suggestions before\nstopped\n"


@pytest.mark.parametrize(
    ("path", "headers", "status", "detail"),
    [
        ("/about", {"Host": "evil.example"}, 421, "this server does not go by that name"),
        (
            "/health",
            {"Host": "127.0.0.1.evil.example"},
            421,
            "this server does not go by that name",
        ),
        ("/about", {"Authorization": "Bearer wrong"}, 401, "the token is missing or wrong"),
        ("/nothing", {"Authorization": ""}, 401, "the token is missing or wrong"),
    ],
)
def test_other_names_and_wrong_tokens_are_refused(server, path, headers, status, detail):
    assert ask(server, path=path, **headers) == (status, {"detail": detail})


def test_oversized_bodies_are_refused_announced_or_not(server):
    refused = (413, {"detail": "the body has more than 5000 bytes"})
    assert ask(server, "POST", "/suggest", {"text": "x" * 5000}) == refused
    pieces = (b"x" * 1000 for _ in range(6))  # sent in chunks, with no size announced
    assert ask(server, "POST", "/suggest", pieces) == refused
    assert suggest(server)["spans"] == SPANS


@pytest.mark.parametrize("body", ["", "[]", '{"text": 1}', '{"text": "a", "other": 1}', '{"te'])
def test_what_is_no_question_is_422(server, body):
    status, answer = ask(server, "POST", "/suggest", body, **{"Content-Type": "application/json"})
    assert (status, list(answer)) == (422, ["detail"])


def test_many_at_once_all_get_their_answers(server):
    texts = [f"{'😀' * n} OSCE" for n in range(40)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda text: suggest(server, text)["spans"], texts))
    assert [spans[0]["start_offset"] for spans in answers] == [2 * n + 1 for n in range(40)]


def test_token_is_private_lasts_and_stands_in_no_argument(server):
    assert server.token_file.stat().st_mode & 0o777 == 0o600
    assert server.token_file.parent.stat().st_mode & 0o777 == 0o700
    assert len(server.token) > 50
    arguments = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    assert server.token.encode() not in arguments


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_after_the_requests_under_way(kb, tmp_path, number):
    with running_serve(tmp_path, "--kb", kb, "--max-bytes", 4_000_000) as server:
        suggest(server, "warm")
        got = []
        text = "The OSCE met in Minsk. " * 40_000
        thread = threading.Thread(target=lambda: got.append(suggest(server, text)))
        thread.start()
        time.sleep(0.3)
        code, errors = server.stop(number)
        thread.join()
        assert (code, errors.splitlines()[-1]) == (0, "stopped")
        assert len(got[0]["spans"]) == 80_000
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=2)


def test_it_listens_on_loopback_only(server):
    listening = Path("/proc/net/tcp").read_text()
    ours = [line.split()[1] for line in listening.splitlines() if f":{server.port:04X} " in line]
    assert {address.partition(":")[0] for address in ours} == {"0100007F"}
