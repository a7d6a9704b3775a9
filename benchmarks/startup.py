"""`corpus --help` against an empty Typer app's, alternating in one run: median and ratio.

Processor time, not the clock's: a busy machine slows both, but not by the same amount each time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.results import Row, add_options, publish

PLAIN = """\
import typer
app = typer.Typer(rich_markup_mode=None)
@app.callback()
def empty(): "Nothing."
@app.command()
def nothing(): "Nothing."
app(prog_name="empty")
"""
RICH = PLAIN.replace("rich_markup_mode=None", "")
OURS = "from corpus.cli import main\nmain()\n"
TARGET = 1.3
FLOOR = "empty Typer app, plain help"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    add_options(parser)
    options = parser.parse_args()
    runs = options.runs
    with tempfile.TemporaryDirectory() as folder:
        scripts = {}
        for name, code in (
            (FLOOR, PLAIN),
            ("empty Typer app, default (rich) help", RICH),
            ("corpus", OURS),
        ):
            scripts[name] = Path(folder) / f"{len(scripts)}.py"
            scripts[name].write_text(code)
        seconds = measure(scripts, runs)
    floor = seconds[FLOOR]
    rows = [
        Row("--help of", name, None, None, median, median / floor, FLOOR,
            f"<= {TARGET}" if name == "corpus" else "")
        for name, median in seconds.items()
    ]  # fmt: skip
    command = f"python benchmarks/startup.py --runs {runs}"
    publish("startup", rows, options, command=command, packages=("typer",))
    ratio = seconds["corpus"] / floor
    sys.exit(0 if ratio <= TARGET else f"{ratio:.2f} x is more than {TARGET} x")


def measure(scripts: dict[str, Path], runs: int) -> dict[str, float]:
    """Median processor seconds of each script's --help, alternating."""
    times: dict[str, list[float]] = {name: [] for name in scripts}
    for run in range(runs + 1):
        for name, script in scripts.items():
            process = subprocess.Popen(
                [sys.executable, script, "--help"],
                stdout=subprocess.DEVNULL,
                env={**os.environ, "COLUMNS": "80"},
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = status
            if status:
                sys.exit(f"{name} --help failed")
            if run:  # the first fills the caches
                times[name].append(used.ru_utime + used.ru_stime)
    return {name: statistics.median(one) for name, one in times.items()}


if __name__ == "__main__":
    main()
