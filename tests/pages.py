"""What a reader of a page types, in its order: commands, files to write, outputs to compare.

In a page of docs/ a block

- without a language holds commands, a line each, continued with a backslash;
- ```` ```text ```` right after it shows all that these commands print; `…` stands for anything, on
  a line of its own for any lines;
- with a title (```` ```python title="join.py" ````) is a file that is written.

Other blocks are to be read only.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"[|&<>$*;]")


class Block(NamedTuple):
    """Commands or a file, and what the commands print (None: not shown)."""

    commands: tuple[str, ...]
    shown: str | None = None
    title: str = ""
    content: str = ""


def read_blocks(page: Path, *, section: str = "") -> list[Block]:
    """The blocks of a page, or of one of its sections."""
    text = page.read_text("utf-8")
    if section:
        text = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    blocks: list[Block] = []
    end = -1
    for found in _FENCE.finditer(text):
        info, body = found[1].strip(), found[2]
        title = re.search(r'title="([^"]+)"', info)
        if title:
            blocks.append(Block((), title=title[1], content=body))
        elif not info:
            blocks.append(Block(tuple(commands_of(body))))
        elif info == "text" and blocks and not text[end : found.start()].strip():
            blocks[-1] = blocks[-1]._replace(shown=body)
        end = found.end()
    return blocks


def commands_of(body: str) -> Iterator[str]:
    """The commands of a block, continued lines joined, comments left out."""
    for line in body.replace("\\\n", " ").splitlines():
        command = re.sub(r"(^|\s{2,})#.*", "", line).strip()
        if command:
            yield " ".join(command.split())


def matches(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed; addresses of servers and projects may differ."""
    lines = []
    for line in _with_one_address(shown).splitlines():
        if line.strip() == "…":
            lines.append("(?:.*\n)*?")
        else:
            lines.append(".*".join(map(re.escape, line.rstrip().split("…"))) + "[ ]*\n")
    return re.fullmatch("".join(lines), _with_one_address(printed)) is not None


def _with_one_address(text: str) -> str:
    text = re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:8000", text)
    return re.sub(r"/projects/\d+", "/projects/1", text)


class Reader:
    """Does what a page says in the present folder, which `cd` changes for what follows.

    `left_out` are the beginnings of commands that are tested elsewhere; `after(words)` is called
    after each `corpus` command, and does what people do meanwhile. `codes` are the exit codes of
    commands that do not always end with 0, run by run.
    """

    def __init__(
        self,
        run_cli: Callable[..., Any],
        *,
        left_out: tuple[str, ...] = (),
        after: Callable[[list[str]], None] = lambda _: None,
        codes: dict[str, list[int]] | None = None,
    ) -> None:
        self.run_cli = run_cli
        self.left_out = left_out
        self.after = after
        self.codes = codes or {}
        self.ran: list[str] = []

    def follow(self, blocks: list[Block]) -> None:
        """All blocks; a command that fails, or prints something else than is shown, is an error."""
        for block in blocks:
            if block.title:
                Path(block.title).parent.mkdir(parents=True, exist_ok=True)
                Path(block.title).write_text(block.content, "utf-8")
            printed = "".join(map(self.run, block.commands))
            if block.shown is not None and not matches(block.shown, printed):
                raise AssertionError(f"{block.commands} printed\n{printed}\nnot\n{block.shown}")

    def run(self, command: str) -> str:
        """What the command prints: standard output, then standard error."""
        if command.startswith(self.left_out):
            return ""
        self.ran.append(command)
        if command.startswith("cd ") and not _SHELL.search(command):
            os.chdir(command[3:])
            return ""
        if command.startswith("corpus ") and not _SHELL.search(command):
            words = shlex.split(command)[1:]
            ran = self.run_cli(words)
            code, printed = ran.code, ran.out + ran.err
        else:
            words = []
            code, printed = self._in_shell(command)
        wanted = self.codes[command].pop(0) if self.codes.get(command) else 0
        assert code == wanted, f"{command}: exit code {code}\n{printed}"
        if words:
            self.after(words)
        return printed

    def _in_shell(self, command: str) -> tuple[int, str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        ran = subprocess.run(
            ["bash", "-euc", command], capture_output=True, text=True, env=environment
        )
        return ran.returncode, ran.stdout + ran.stderr
