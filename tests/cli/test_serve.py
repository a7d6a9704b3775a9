"""What `corpus serve` says before it serves."""

from __future__ import annotations

import socket


def test_nothing_to_suggest_from_is_usage(run_cli):
    ran = run_cli(["serve"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: nothing to suggest from; give --kb DIR, --model NAME or both\n",
    )


def test_port_in_use_is_one_line(run_cli, make_kb):
    kb = make_kb({"id": "Q1", "aliases": ["A name"]})
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        ran = run_cli(["serve", "--kb", kb, "--port", port])
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"corpus: error: cannot listen on 127.0.0.1, port {port}: Address already in use; "
        "stop the program that has it, or give another --host or --port\n"
    )


def test_address_of_another_machine_is_one_line(run_cli, make_kb):
    kb = make_kb({"id": "Q1", "aliases": ["A name"]})
    ran = run_cli(["serve", "--kb", kb, "--host", "203.0.113.7"])
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "cannot listen on 203.0.113.7, port 8765" in ran.err
