"""What holds of every command: help with an example, --json, and one line for a bad file.

A new command stands in TYPED or fails here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from corpus.cli import make_app

TYPED = {
    "init": "init {} --yes",
    "run": "run --json",
    "status": "status {}",
    "convert": "convert {} -o out",
    "suggest": "suggest {} --model xx -o out.jsonl",
    "push": "push {} --project p",
    "pull": "pull --project p --documents {} -o out",
    "agreement": "agreement {}",
    "adjudicate": "adjudicate {} -o out.jsonl",
    "why": "why d:1-2",
    "score": "score {} --gold {}",
    "signatures": "signatures {} -o out.signatures",
    "split": "split {} -o out",
    "export": "export {} -o out.conll",
    "import": "import {} --format conll -o out.jsonl",
    "check": "check {}",
    "report": "report {} -o out.html",
    "datasheet": "datasheet {} -o out.md",
    "rank": "rank {} -o out.jsonl",
    "curve": "curve {} -o out",
    "serve": "serve --kb {}",
    "kb build": "kb build {} -o out.kb",
    "kb diff": "kb diff {} {}",
    "kb migrate": "kb migrate {} --from {} --to {} -o out.jsonl",
    "kb propose": "kb propose {} --kb {} -o out.jsonl",
    "kb export": "kb export --kb {} --spacy out",
    "kb info": "kb info {}",
    "kb search": "kb search {} q",
    "doccano add-label": "doccano add-label {} --project p",
    "doccano autolabel": "doccano autolabel --project p",
    "doccano backup": "doccano backup -o {}",
    "doccano restore": "doccano restore {}",
    "doccano up": "",  # installs
    "doccano down": "",
    "doccano status": "",
    "disputes push": "disputes push {} --project p",
    "disputes pull": "disputes pull {} --project p",
    "disputes decide": "disputes decide {}",
}
ON_A_SCREEN = {"disputes decide"}
BAD = ("none.jsonl", "empty.jsonl", "binary.jsonl", "folder", "binary.jsonl/x")


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, child in getattr(command, "commands", {}).items():
        if hasattr(child, "commands"):
            yield from leaves(child, (*path, name))
        else:
            yield " ".join((*path, name)), child


COMMANDS = dict(leaves(typer.main.get_command(make_app())))


def test_every_command_is_typed_here():
    assert sorted(TYPED) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_and_every_option_its_words(name):
    command = COMMANDS[name]
    _, _, example = command.help.partition("Example:\n")
    assert f"  corpus {name}" in example
    options = [one for one in command.params if one.param_type_name == "option"]
    assert [one.name for one in options if not one.help] == []
    flags = {flag for one in options for flag in one.opts}
    assert ("--json" in flags) != (name in ON_A_SCREEN)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", [name for name, typed in TYPED.items() if typed])
def test_a_bad_file_is_one_line_with_a_hint(run_cli, tmp_path, monkeypatch, name, bad):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "binary.jsonl").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "folder").mkdir()
    ran = run_cli(TYPED[name].replace("{}", bad).split())
    errors = [line for line in ran.err.splitlines() if line.startswith("corpus: error: ")]
    assert "Traceback" not in ran.err
    assert [line for line in errors if "; " not in line] == []
    assert len(errors) == {0: 0, 1: not ran.out, 2: 1}[ran.code]  # what is listed exits 1 too
    if bad in ("none.jsonl", "binary.jsonl/x") and "{}" in TYPED[name] and name != "init":
        assert ran.code


def test_json_of_a_command_is_json_alone(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Kyiv.\n")
    for typed in (
        "convert a.txt -o d.jsonl",
        "adjudicate d.jsonl -o g.jsonl",
        "report d.jsonl -o r.html",
        "datasheet d.jsonl -o d.md",
        "rank d.jsonl -o r.jsonl",
        "export d.jsonl -o d.spacy",
        "signatures d.jsonl -o d.signatures",
        "check d.jsonl",
        "agreement d.jsonl",
    ):
        ran = run_cli([*typed.split(), "--json"])
        assert ran.code == 0, ran
        assert json.loads(ran.out)
