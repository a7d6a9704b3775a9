"""corpus rank, stopped in every way and run again: the work stands, and so do the bytes."""

import contextlib
import gzip
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.model import Candidate, Layer, Link, Mention, make_document
from corpus.ranking import order, scored
from corpus.store import shard_path, write_documents

ROOT = Path(__file__).parents[2]
ALL = 35

# Argument 1 is what to run first: how the process will end is set there.
PRELUDE = """
import os, resource, signal, sys
from corpus.cli import run
from corpus.ranking import order, scored

def killed(module, name, at):
    then, calls = getattr(module, name), iter(range(1_000_000))
    def call(*given, **named):
        if next(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return then(*given, **named)
    setattr(module, name, call)

scored.PIECE = 10
exec(sys.argv[1])
sys.exit(run(sys.argv[2:]))
"""
AT_THE_27TH = "killed(order, 'signals_of', 27)"
LIMITED = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
"""


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(scored, "PIECE", 10)


def news(number, size=0):
    found = [Candidate(f"Q{number % 7}", 0.5, number % 5 / 5), Candidate("Q9", 0.5, 0.3)]
    mention = Mention("1", 0, 4, "GPE", (Link(f"Q{number % 7}"),), tuple(found))
    layers = [Layer("silver", mentions=(mention,) if number % 6 else ())]
    if number % 11 == 0:
        layers.append(Layer("gold", mentions=layers[0].mentions))
    text = f"Kyiv {number}" + " x" * (size // 2)
    return make_document(f"d{number}", text, lang="en", layers=tuple(layers))


@pytest.fixture
def silver(tmp_path):
    write_documents(map(news, range(ALL)), tmp_path / "silver.jsonl")
    return tmp_path / "silver.jsonl"


@pytest.fixture
def gold(tmp_path):
    write_documents(map(news, range(0, ALL, 11)), tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


def run_apart(prelude, *command):
    return subprocess.run(
        [sys.executable, "-c", PRELUDE, prelude, *map(str, command)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120, check=False,
        capture_output=True, text=True,
    )  # fmt: skip


def kill(prelude, *command):
    ran = run_apart(prelude, *command)
    assert (ran.returncode, ran.stdout, ran.stderr) == (-signal.SIGKILL, "", "")


def folder_of(output):
    """What stands in the output's folder, but for the manifest with its clock."""
    return {
        path.name: path.read_bytes()
        for path in output.parent.iterdir()
        if not path.name.endswith(".manifest.json")
    }


def uninterrupted(run_cli, tmp_path, *command):
    (tmp_path / "whole").mkdir()
    output = tmp_path / "whole/next.jsonl"
    assert run_cli(["rank", *command, "-o", output]).err == ""
    return folder_of(output)


@pytest.fixture
def out(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out/next.jsonl"


def write_one(suffix):
    def write(folder):
        path = folder / f"in.jsonl{suffix}"
        write_documents(map(news, range(ALL)), path)
        return path

    return write


def write_three(suffix):
    def write(folder):
        path = folder / f"in.jsonl{suffix}"
        for number, first in enumerate(range(0, ALL, 13)):
            part = range(first, min(first + 13, ALL))
            write_documents(map(news, part), shard_path(path, number))
        return path

    return write


def write_with_rejects(folder):
    articles = [f'{{"id": "a{n}", "text": "Kyiv {n}"}}\n' for n in range(ALL)]
    (folder / "articles.jsonl").write_text("".join([*articles, '{"id": "empty", "text": ""}\n']))
    command = ["convert", folder / "articles.jsonl", "-o", folder / "in.jsonl", "--lang", "en"]
    assert run_apart("", *command).returncode == 1
    assert (folder / "in.jsonl.rejects.jsonl").exists()
    return folder / "in*.jsonl"


@pytest.mark.parametrize(
    "write",
    [write_one(""), write_one(".gz"), write_one(".zst"), write_three(".gz"), write_with_rejects],
)
def test_kill_9_and_run_again_gives_the_same_bytes(
    run_cli, monkeypatch, tmp_path, out, gold, write
):
    source = write(tmp_path)
    whole = uninterrupted(run_cli, tmp_path, source, "--gold", gold)
    command = ["rank", source, "-o", out, "--gold", gold]
    kill(AT_THE_27TH, *command)
    assert not out.exists()
    checked = run_cli(["check", out.parent])
    assert "'rank' was stopped" in checked.out
    place = scored.scored_path(out)
    assert f"{place}: left by a run that was killed; the next run removes it\n" in checked.err
    calls = []
    signals_of = order.signals_of
    monkeypatch.setattr(order, "signals_of", lambda *a: calls.append(a) or signals_of(*a))
    ran = run_cli(command)
    assert (ran.code, ran.err) == (0, "20 documents of an earlier run, 15 scored now\n")
    assert len(calls) == 15
    assert folder_of(out) == whole
    assert run_cli(command).out.startswith(f"{out} is up to date\n")
    assert run_cli(["check", out.parent]).code == 0


def test_what_a_kill_tore_is_taken_back(run_cli, tmp_path, out):
    # A piece is larger than SQLite's cache: some of it is in the file, not yet whole.
    source = tmp_path / "long.jsonl"
    write_documents((news(n, size=400_000) for n in range(ALL)), source)
    whole = uninterrupted(run_cli, tmp_path, source)
    kill(AT_THE_27TH, "rank", source, "-o", out)
    place = scored.scored_path(out)
    assert place.stat().st_size > 22 * 400_000
    assert any(place.with_name(f"{place.name}-journal").read_bytes()[:8])
    ran = run_cli(["rank", source, "-o", out])
    assert (ran.code, ran.err) == (0, "20 documents of an earlier run, 15 scored now\n")
    assert folder_of(out) == whole


@pytest.mark.parametrize(
    ("prelude", "there"),
    [
        ("killed(order, '_ranked', 4)", 35),
        ("killed(scored, 'remove_scored', 0)", None),
        ("killed(order, 'signals_of', 0)", 0),
        ("killed(order, 'signals_of', 10)", 10),
        ("killed(order, 'signals_of', 9)", 0),
    ],
)
def test_a_kill_at_any_other_moment(run_cli, tmp_path, out, silver, prelude, there):
    whole = uninterrupted(run_cli, tmp_path, silver)
    kill(prelude, "rank", silver, "-o", out)
    ran = run_cli(["rank", silver, "-o", out])
    if there is None:  # all was written, and what had waited was left behind
        assert ran.out.startswith(f"{out} is up to date\n")
    said = f"{there} documents of an earlier run, {35 - there} scored now\n" if there else ""
    assert (ran.code, ran.err) == (0, said)
    assert folder_of(out) == whole


def test_killed_again_and_again(run_cli, tmp_path, out, silver):
    whole = uninterrupted(run_cli, tmp_path, silver)
    for _ in range(3):
        kill("killed(order, 'signals_of', 11)", "rank", silver, "-o", out)
    ran = run_cli(["rank", silver, "-o", out])
    assert (ran.code, ran.err) == (0, "30 documents of an earlier run, 5 scored now\n")
    assert folder_of(out) == whole


def stop_at(monkeypatch, number, error):
    """The scoring raises the error at that document, until the block ends."""
    calls = iter(range(ALL))
    signals_of = order.signals_of

    def stopped(*given):
        if next(calls) == number:
            raise error
        return signals_of(*given)

    monkeypatch.setattr(order, "signals_of", stopped)


def interrupted(run_cli, *command):
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, 27, KeyboardInterrupt)
        ran = run_cli(["rank", *command])
    assert (ran.code, ran.out, ran.err) == (1, "", (
        "corpus: error: stopped by Ctrl-C; nothing is half-written, run it again to go on\n"
    ))  # fmt: skip


def test_ctrl_c_and_run_again(run_cli, tmp_path, out, silver):
    whole = uninterrupted(run_cli, tmp_path, silver)
    interrupted(run_cli, silver, "-o", out)
    ran = run_cli(["rank", silver, "-o", out])
    assert (ran.code, ran.err) == (0, "20 documents of an earlier run, 15 scored now\n")
    assert folder_of(out) == whole


def test_a_full_disk_and_run_again(run_cli, tmp_path, out, silver):
    write_documents((news(n, size=5_000) for n in range(ALL)), silver)
    whole = uninterrupted(run_cli, tmp_path, silver)
    ran = run_apart(LIMITED, "rank", silver, "-o", out)
    where = out.parent / ".next.jsonl.scored.partial"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", (
        f"corpus: error: {where}: writing failed (disk i/o error); free some room and run it "
        "again\n"
    ))  # fmt: skip
    ran = run_cli(["rank", silver, "-o", out])
    assert (ran.code, ran.err) == (0, "20 documents of an earlier run, 15 scored now\n")
    assert folder_of(out) == whole


def test_a_folder_that_takes_no_file(run_cli, silver):
    ran = run_cli(["rank", silver, "-o", "/proc/next.jsonl"])
    assert (ran.code, ran.out, ran.err) == (2, "", (
        "corpus: error: /proc/.next.jsonl.scored.partial: cannot be written (unable to open "
        "database file); give another -o\n"
    ))  # fmt: skip


def other_gold(gold, silver):
    write_documents(map(news, range(1, ALL, 3)), gold)


def other_input(gold, silver):
    write_documents(map(news, range(1, ALL)), silver)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (None, ["--weights", "rarity=3"]),
        (None, ["--layer", "gold"]),
        (None, ["--force"]),
        (other_gold, []),
        (other_input, []),
    ],
)
def test_scores_of_another_job_are_not_used(run_cli, tmp_path, out, silver, gold, change, options):
    interrupted(run_cli, silver, "--gold", gold, "-o", out)
    if change:
        change(gold, silver)
    ran = run_cli(["rank", silver, "--gold", gold, "-o", out, *options])
    assert (ran.code, ran.err) == (0, "")
    assert folder_of(out) == uninterrupted(run_cli, tmp_path, silver, "--gold", gold, *options)


def test_scores_of_another_version_are_not_used(run_cli, monkeypatch, out, silver):
    monkeypatch.setattr("corpus.manifest.stage.__version__", "0.0.0")
    interrupted(run_cli, silver, "-o", out)
    monkeypatch.undo()
    assert run_cli(["rank", silver, "-o", out]).err == ""


def cut(content):
    return content[: len(content) - 5_000]


def overwritten(content):
    return content[:16_384] + b"?" * 16_384 + content[32_768:]


@pytest.mark.parametrize("tear", [cut, overwritten, lambda _: b"", lambda _: b"no database" * 999])
def test_a_damaged_file_is_scored_again(run_cli, tmp_path, out, silver, tear):
    interrupted(run_cli, silver, "-o", out)
    place = scored.scored_path(out)
    place.write_bytes(tear(place.read_bytes()))
    ran = run_cli(["rank", silver, "-o", out])
    assert (ran.code, ran.err) == (0, "")
    assert folder_of(out) == uninterrupted(run_cli, tmp_path, silver)


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_two_at_once(run_cli, out, silver, options):
    interrupted(run_cli, silver, "-o", out)
    place = scored.scored_path(out)
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ran = run_cli(["rank", silver, "-o", out, *options])
    assert (ran.code, ran.out, ran.err) == (2, "", (
        f"corpus: error: {out}: another rank is working there; wait for it, or give another -o\n"
    ))  # fmt: skip
    assert run_cli(["rank", silver, "-o", out]).err.startswith("20 documents of an earlier run")


def test_a_broken_line_after_those_scored_is_named_by_its_place(run_cli, tmp_path, out, silver):
    lines = silver.read_bytes().splitlines(keepends=True)
    lines[30:30] = [b"\n", b"{\n"]
    (tmp_path / "bad.jsonl.gz").write_bytes(gzip.compress(b"".join(lines)))
    for resumed in (False, True):
        assert scored.scored_path(out).exists() is resumed
        ran = run_cli(["rank", tmp_path / "bad.jsonl.gz", "-o", out])
        assert (ran.code, ran.err) == (1, (
            f"corpus: error: {tmp_path / 'bad.jsonl.gz'}:32:2: Input data was truncated; mend "
            "that line\n"
        ))  # fmt: skip


TELL_PEAK = """
scored.PIECE = 1_000
import atexit
atexit.register(lambda: print(open("/proc/self/status").read()))
"""


def test_memory_does_not_grow_with_the_documents(tmp_path, out):
    def peak(number):
        source = tmp_path / f"{number}.jsonl"
        write_documents((news(n, size=1_000) for n in range(number)), source)
        ran = run_apart(TELL_PEAK, "rank", source, "-o", out, "--force")
        return int(re.search(r"VmHWM:\s+(\d+) kB", ran.stdout)[1])

    few, many = peak(4_000), peak(24_000)
    assert many - few < 4_000, f"{few} kB, {many} kB"
