"""What a child process needs: processor time, the clock, memory; several children by turns.

The machine may be busy. So the sides of a ratio are run in the same minutes: each child is
stopped (SIGSTOP) while another has its turn, and what counts is processor time, which a stop
does not add to. Memory does not mind either.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TURN = 1.0  # seconds
ROOT = Path(__file__).resolve().parent.parent


class Measured(NamedTuple):
    """Of one child. `seconds` by the clock mean little where it was stopped for others' turns."""

    seconds: float
    processor: float
    peak_mb: float
    together_mb: float = 0.0


class Begun(NamedTuple):
    seconds: float
    processor: float


def remove_output(target: Path) -> None:
    """What an earlier round wrote: an output that is up to date would be left alone, in no time."""
    for old in target.parent.glob(f"{target.name}*"):
        old.unlink()


def begin() -> Begun:
    """Called by a child when its imports are done: what is measured starts here."""
    return Begun(time.perf_counter(), processor_seconds())


def report(begun: Begun) -> None:
    """Called by a child at its end: the figures, on standard error, as the last line."""
    seconds = time.perf_counter() - begun.seconds
    spent = processor_seconds() - begun.processor
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps([seconds, spent, max(peak_mb(), children)]), file=sys.stderr, flush=True)


def processor_seconds() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


def peak_mb() -> float:
    """The most that this process has held; what its parent held before exec does not count."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def started(command: Sequence[str]) -> subprocess.Popen[str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finished(child: subprocess.Popen[str]) -> Measured:
    said = child.communicate()[1]
    if child.returncode:
        raise SystemExit(said or f"ended by signal {-child.returncode}")
    return Measured(*json.loads(said.strip().splitlines()[-1]))


def alone(command: Sequence[str], *, memory: bool = False) -> Measured:
    """One child from beginning to end; with `memory` what it and its workers held together."""
    child = started(command)
    if not memory:
        return finished(child)
    most = [0.0]
    watch = threading.Thread(target=watch_memory, args=(child, most))
    watch.start()
    measured = finished(child)
    watch.join()
    return measured._replace(together_mb=most[0])


def by_turns(commands: Mapping[str, Sequence[str]]) -> dict[str, Measured]:
    """Each child's figures; one runs at a time, a second each, until all have ended."""
    children = {name: started(command) for name, command in commands.items()}
    try:
        for child in children.values():
            child.send_signal(signal.SIGSTOP)
        waiting = list(children.values())
        while waiting:
            for child in list(waiting):
                child.send_signal(signal.SIGCONT)
                with suppress(subprocess.TimeoutExpired):
                    child.wait(TURN)
                    waiting.remove(child)
                    continue
                child.send_signal(signal.SIGSTOP)
    finally:
        for child in children.values():
            if child.poll() is None:
                child.kill()
    return {name: finished(child) for name, child in children.items()}


def at_once(commands: Mapping[str, Sequence[str]]) -> dict[str, Measured]:
    """Each child's figures, all running at the same time: for runs of many minutes."""
    children = {name: started(command) for name, command in commands.items()}
    try:
        return {name: finished(child) for name, child in children.items()}
    finally:
        for child in children.values():
            if child.poll() is None:
                child.kill()


def best_by_turns(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Measured]:
    """The least processor time of so many rounds, and the highest peak."""
    runs = [by_turns(commands) for _ in range(rounds)]
    best = {}
    for name in commands:
        fastest = min((run[name] for run in runs), key=lambda one: one.processor)
        best[name] = fastest._replace(peak_mb=max(run[name].peak_mb for run in runs))
    return best


def watch_memory(child: subprocess.Popen[str], most: list[float]) -> None:
    """The highest sum of the proportional set sizes: shared pages count once between sharers."""
    while child.poll() is None:
        most[0] = max(most[0], sum(map(pss_mb, tree_of(child.pid))))
        time.sleep(0.2)


def tree_of(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for other in (task / "children").read_text().split():
                found += tree_of(int(other))
    return found


def pss_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def exponent(seconds: Mapping[int, float]) -> float:
    """The slope of log time over log size, by least squares: 1 is linear."""
    points = [(math.log(size), math.log(value)) for size, value in seconds.items()]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)
