"""The command line itself: exit codes, one line an error, no traceback."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from ast import literal_eval
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus import __version__
from corpus.cli import make_app
from corpus.cli.commands import COMMANDS, Command
from corpus.model import Layer, make_document
from corpus.store import write_documents


def run_process(*args: object, **kwargs: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "corpus", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **kwargs)


def test_version_is_printed(run_cli: Callable) -> None:
    ran = run_cli(["--version"])
    assert (ran.code, ran.out, ran.err) == (0, f"corpus {__version__}\n", "")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_printed(run_cli: Callable, flag: str) -> None:
    ran = run_cli([flag])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: corpus [OPTIONS] COMMAND [ARGS]...\n")


def test_no_arguments_print_help_as_a_usage_error(run_cli: Callable) -> None:
    ran = run_cli([])
    assert ran.code == 2
    assert ran.out.startswith("Usage: corpus [OPTIONS] COMMAND [ARGS]...\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["adjudicat"], "No such command 'adjudicat'"),
        (["adjudicate"], "Missing argument 'source'"),
        (["adjudicate", "x"], "Missing option '-o' / '--output'"),
        (["adjudicate", "x", "-o", "y", "--forse"], "No such option: --forse"),
    ],
)
def test_usage_error_is_one_line_with_exit_code_2(
    run_cli: Callable, args: list[str], message: str
) -> None:
    ran = run_cli(args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"corpus: error: {message}")
    assert ran.err.count("\n") == 1
    assert ran.err.rstrip().endswith("--help")


def test_no_control_character_of_a_file_name_reaches_the_terminal(run_cli: Callable) -> None:
    ran = run_cli(["adjudicate", "a\x1b[31m\nb", "-o", "y"])
    assert ran.err == (
        "corpus: error: a\\x1b[31m\\nb: no such file; check the path; a glob must match something\n"
    )


def test_system_error_is_one_line_that_names_the_file(run_cli: Callable, tmp_path: Path) -> None:
    write_documents([make_document("a", "")], tmp_path / "in.jsonl")
    long = tmp_path / ("x" * 255)
    ran = run_cli(["adjudicate", tmp_path / "in.jsonl", "-o", long])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"corpus: error: {long}.manifest.json: File name too long\n"


def test_broken_line_is_one_line_with_exit_code_1_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"type":"document/1"\n')
    ran = run_process("adjudicate", tmp_path / "in.jsonl", "-o", tmp_path / "out.jsonl")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"corpus: error: {tmp_path}/in.jsonl:1:21: Input data was truncated; mend that line\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "in.jsonl",
        "out.jsonl.manifest.json",
    ]


def test_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    write_documents((make_document(str(n), "x" * 1000) for n in range(2000)), tmp_path / "in.jsonl")
    command = f"{sys.executable} -m corpus adjudicate {tmp_path}/in.jsonl -o - | head -c 100"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert (ran.stderr, len(ran.stdout)) == ("", 100)


def test_ctrl_c_is_one_line_and_the_next_run_goes_on(tmp_path: Path) -> None:
    fifo = tmp_path / "slow"
    os.mkfifo(fifo)
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "corpus", "adjudicate", str(fifo), "-o", str(out)]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process,
        fifo.open("wb"),  # opened on the other side: the command is reading
    ):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors == (
        "corpus: error: stopped by Ctrl-C; nothing is half-written, run it again to go on\n"
    )
    assert not out.exists()
    source = tmp_path / "in.jsonl"
    write_documents([make_document("a", "")], source)
    assert run_process("adjudicate", source, "-o", out).returncode == 0


def test_completion_works_for_bash() -> None:
    shown = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m corpus --show-completion; exit $?"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shown.returncode == 0
    assert "complete -o default -F _corpus_completion corpus" in shown.stdout
    asked = run_process(
        env={
            **os.environ,
            "_CORPUS_COMPLETE": "complete_bash",
            "COMP_WORDS": "corpus adj",
            "COMP_CWORD": "1",
        }
    )
    assert asked.stdout.split() == ["adjudicate"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_summary_of_a_command_is_that_of_its_own_help(command: Command) -> None:
    found = command.load()
    own = found.info.help if command.group else found.__doc__
    assert command.summary == " ".join(own.strip().split("\n\n")[0].split())


def test_help_loads_no_command() -> None:
    code = (
        "import sys; from corpus.cli import run; run(['-h']); sys.stderr.write(str([*sys.modules]))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in literal_eval(ran.stderr) if name.startswith("corpus.cli.")}
    assert loaded == {"corpus.cli.commands", "corpus.cli.startup", "corpus.cli.terminal"}


@pytest.mark.parametrize("args", [["--help"], ["kb", "--help"], ["check", "--help"]])
def test_help_of_the_light_app_is_that_of_the_whole(
    run_cli: Callable, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    light = run_cli(args).out
    make_app()(args, prog_name="corpus", standalone_mode=False)
    assert light == capsys.readouterr().out


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file that takes a moment to go through."""
    ann = Layer(name="annotator:ann", state="confirmed")
    path = tmp_path / "many.jsonl"
    write_documents(
        (make_document(str(n), f"text {n} " * 20, layers=(ann,)) for n in range(6_000)), path
    )
    return path


def test_command_killed_at_any_point_and_run_again_gives_the_same_bytes(
    tmp_path: Path, many: Path
) -> None:
    clean, killed = tmp_path / "clean.jsonl.gz", tmp_path / "killed.jsonl.gz"
    assert run_process("adjudicate", many, "-o", clean).returncode == 0
    command = [sys.executable, "-m", "corpus", "adjudicate", str(many), "-o", str(killed)]
    for delay in (0.15, 0.3, 0.45):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            time.sleep(delay)
            process.kill()
        # Whatever the moment: nothing of it under its name, or all of it.
        assert not killed.exists() or killed.read_bytes() == clean.read_bytes()
    assert run_process("adjudicate", many, "-o", killed).returncode == 0
    assert killed.read_bytes() == clean.read_bytes()
    assert not list(tmp_path.glob(".*.partial"))
    assert run_process("check", tmp_path).returncode == 0


def test_full_disk_is_one_line_and_keeps_the_old_output(tmp_path: Path, many: Path) -> None:
    import resource

    few, out = tmp_path / "few.jsonl", tmp_path / "out.jsonl"
    write_documents([make_document("a", "old")], few)
    assert run_process("adjudicate", few, "-o", out).returncode == 0
    before = out.read_bytes()

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    ran = run_process("adjudicate", many, "-o", out, "--force", preexec_fn=limit)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"corpus: error: {out}: writing failed (file too large); free some room and run it again\n"
    )
    assert out.read_bytes() == before
    assert run_process("adjudicate", many, "-o", out).returncode == 0  # unfinished: made again


def test_full_temporary_folder_is_one_line(
    monkeypatch: pytest.MonkeyPatch, run_cli: Callable
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("corpus.cli.make_app", lambda _: full)
    ran = run_cli(["check"])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"corpus: error: {tempfile.gettempdir()}: No space left on device; "
        "free some room there or set TMPDIR to another folder\n"
    )
