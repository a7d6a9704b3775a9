"""A `corpus serve` in a process of its own, for the tests of whoever asks it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunningServe:
    """Where it answers, its token, and the process."""

    url: str
    token: str
    token_file: Path
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Its exit code and what it said on stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@contextmanager
def running_serve(home: Path, *options: object) -> Iterator[RunningServe]:
    """`corpus serve` with these options on a free port, its files in `home`."""
    command = [sys.executable, "-m", "corpus", "-v", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CORPUS_HOME": str(home)},
    )
    try:
        lines = []
        while not lines or lines[-1] not in ("}\n", ""):
            lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read()
        told = json.loads("".join(lines))
        token_file = Path(told["token"])
        yield RunningServe(told["url"], token_file.read_text().strip(), token_file, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
