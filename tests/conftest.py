"""What every test stands on: a clean environment, the command line in this process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from corpus.cli import run


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path_factory):
    """No server, home or setting of the person who runs the tests reaches a test."""
    for name in os.environ:
        if name.startswith(("DOCCANO_", "CORPUS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CORPUS_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("NO_COLOR", "1")


@dataclass(frozen=True)
class Ran:
    """What one run of the command line gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def run_cli(capsys, monkeypatch) -> Callable[..., Ran]:
    """`run_cli(["convert", path, "-o", out], stdin=b"...")` runs `corpus` in this process."""

    def run_args(args: Sequence[Any], stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run_args
