"""docs/: not stale, and no command or option in them that there is not."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from corpus.cli import make_app

ROOT = Path(__file__).parent.parent
PAGES = [
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name not in ("CHANGELOG.md", "cli.md")
]


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, sub in getattr(command, "commands", {}).items():
        yield from walk(sub, (*path, name))


COMMANDS = dict(walk(get_command(make_app())))
LEAVES = {path: command for path, command in COMMANDS.items() if not hasattr(command, "commands")}


@pytest.mark.parametrize("width", ["40", "200"])
def test_cli_reference_is_not_stale_whatever_the_terminal(width: str) -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "cli-reference", "--check"],
        capture_output=True,
        text=True,
        env={"COLUMNS": width, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_has_help_and_an_example_of_itself(path: tuple[str, ...]) -> None:
    help_text = LEAVES[path].help or ""
    first, _, rest = help_text.partition("\n")
    assert re.fullmatch(r"[A-Z].*[.:]", first.strip().replace("\n", " ")) or rest, "no sentence"
    assert "\b\nExample:\n" in help_text
    assert f"corpus {' '.join(path)}" in help_text.partition("Example:")[2]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_option_and_argument_has_help(path: tuple[str, ...]) -> None:
    lacking = [p.name for p in LEAVES[path].params if not getattr(p, "help", None)]
    assert lacking == []


def typed_commands(text: str) -> Iterator[list[str]]:
    """The `corpus …` commands in fenced blocks and help, continued lines joined."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            found = re.match(r"\s*(?:\$ )?(?:.*\| )?(corpus .*)", line)
            if found and "Usage:" not in line:
                yield shlex.split(found[1], comments=True)


def problem_of(words: list[str]) -> str:
    words = [word.partition("=")[0] for word in words[1:]]
    if "&&" in words:
        words = words[: words.index("&&")]
    path: tuple[str, ...] = ()
    while words and (*path, words[0]) in COMMANDS:
        path = (*path, words.pop(0))
    command = COMMANDS[path]
    if hasattr(command, "commands") and words and not words[0].startswith("-"):
        return f"corpus {' '.join(path)} has no command {words[0]!r}"
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    known |= {"-h", "--help"}
    for word in words:
        if re.fullmatch(r"--[a-z-]+|-[a-z]", word) and word not in known:
            return f"corpus {' '.join(path)} has no option {word}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [p for words in typed_commands(text) if (p := problem_of(words))] == []


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_commands_in_the_examples_are_there(path: tuple[str, ...]) -> None:
    example = (LEAVES[path].help or "").partition("Example:")[2]
    text = f"```\n{example}\n```"
    assert [p for words in typed_commands(text) if (p := problem_of(words))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def test_problem_of_finds_what_is_not_there() -> None:
    assert problem_of(["corpus", "convrt", "x"]) == "corpus  has no command 'convrt'"
    assert problem_of(["corpus", "check", ".", "--kbs", "x"]) == "corpus check has no option --kbs"
    assert problem_of(["corpus", "check", ".", "--kb=x"]) == ""


def test_every_page_and_reference_has_its_place_in_the_site() -> None:
    places = re.findall(r"(\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert sorted(set(pages) - set(places)) == [], "name them under nav in mkdocs.yml"
    assert len(places) == len(set(places))
