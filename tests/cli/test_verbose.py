"""corpus -v: what was read, what was decided, which calls were made; nothing without it."""

import re
import subprocess
import sys

import pytest

from corpus.cli.terminal import set_verbose


@pytest.fixture
def article(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Kyiv.\n")
    yield "a.txt"
    set_verbose(False)


def test_v_tells_what_is_read_and_decided(run_cli, article):
    command = ["convert", article, "-o", "d.jsonl"]
    ran = run_cli(["-v", *command])
    assert ran.code == 0
    lines = ran.err.splitlines()
    assert "corpus: convert makes d.jsonl of 1 input(s) of 6 bytes" in lines
    assert "corpus:   input a.txt, sha256 b0244880d995…" in lines
    assert "corpus:   setting text_column: text" in lines
    assert "corpus: d.jsonl is not there yet, so it is made" in lines
    assert "corpus: reads a.txt" in lines
    assert re.search(r"^corpus: wrote d\.jsonl \(\d+ bytes\)$", ran.err, re.MULTILINE)
    ran = run_cli([*command, "-v"])
    assert ran.out == "d.jsonl is up to date\n"
    assert ran.err.endswith("corpus: d.jsonl is as its inputs, settings and versions say\n")
    assert run_cli(command).err == ""
    ran = run_cli(["convert", "--verbose", article, "-o", "d.jsonl", "--force"])
    assert "corpus: d.jsonl is made whatever stands there (--force)\n" in ran.err


def test_v_after_two_dashes_is_a_name(run_cli, article):
    ran = run_cli(["convert", "-o", "d.jsonl", "--", "-v"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: -v: no such file or folder; check the path\n",
    )


def test_names_command_no_terminal(run_cli, article, tmp_path):
    (tmp_path / "\x1b[2J.txt").write_text("Kyiv.\n")
    ran = run_cli(["-v", "convert", "\x1b[2J.txt", "-o", "d.jsonl"])
    assert "corpus: reads \\x1b[2J.txt\n" in ran.err
    assert "\x1b" not in ran.err


def test_a_knowledge_base_tells_its_build(run_cli, article, make_kb):
    kb = make_kb({"id": "Q1899", "aliases": ["Kyiv"]})
    run_cli(["convert", article, "-o", "d.jsonl"])
    ran = run_cli(["suggest", "d.jsonl", "--kb", kb, "-o", "s.jsonl", "-v"])
    assert re.search(rf"^corpus: uses {re.escape(str(kb))}: 1 entities, hash \w+$", ran.err, re.M)


def test_v_goes_with_the_result_to_nobody_who_reads_the_result(article):
    command = [sys.executable, "-m", "corpus", "-v", "convert", article, "-o", "-"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith('{"type":"document/1"')
    assert ran.stdout.count("\n") == 1
    assert "corpus: reads a.txt\n" in ran.stderr
