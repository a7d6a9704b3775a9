"""engine: in order, in flat memory, and nobody is left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.engine import Rescue, chunked, run_chunks
from corpus.errors import CorpusError, DataError


@given(st.lists(st.integers()), st.integers(1, 7))
def test_chunked_loses_nothing(items: list[int], size: int) -> None:
    chunks = list(chunked(items, size))
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(chunk for chunk in chunks)


def slow_first(number: int) -> int:
    time.sleep(0.05 if number == 0 else 0)
    return number * 2


@pytest.mark.parametrize("workers", [1, 2])
def test_run_chunks_keeps_the_order(workers: int) -> None:
    pairs = [(number, number * 2) for number in range(20)]
    assert list(run_chunks(slow_first, range(20), workers=workers)) == pairs


def test_run_chunks_reads_only_a_few_chunks_ahead() -> None:
    taken = []

    def chunks() -> object:
        for number in range(1000):
            taken.append(number)
            yield number

    results = run_chunks(slow_first, chunks(), workers=2)
    next(results)
    assert len(taken) <= 7
    results.close()


def refuse(number: int) -> int:
    raise DataError(f"chunk {number} is broken", "mend it")


def die(number: int) -> int:
    os._exit(3)


@pytest.mark.parametrize("workers", [1, 2])
def test_run_chunks_raises_what_the_work_raises(workers: int) -> None:
    with pytest.raises(DataError, match=r"^chunk 0 is broken; mend it$"):
        list(run_chunks(refuse, range(3), workers=workers))


def test_run_chunks_says_that_a_worker_died() -> None:
    with pytest.raises(CorpusError) as caught:
        list(run_chunks(die, range(3), workers=2))
    assert str(caught.value) == (
        "a worker process died, perhaps for lack of memory, twice on the same work; "
        "run it again with fewer --workers"
    )


def die_of(numbers: list[int], *, bad: set[int], folder: Path) -> list[int]:
    for number in bad.intersection(numbers):
        # Once only: the mark says that the worker died of it before.
        mark = folder / f"{number}"
        if number % 2 or not mark.exists():
            mark.touch()
            os._exit(3)
    return [number * 2 for number in numbers]


RESCUE = Rescue(lambda numbers: [[number] for number in numbers], lambda part, why: [why])
DIED = "the worker process that read it died, twice, perhaps for lack of memory"


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("bad", [{4}, {5}, {0, 1}, {29}, {4, 5, 6, 17}])
def test_run_chunks_gives_up_only_what_kills_its_worker_again(
    tmp_path: Path, size: int, bad: set[int]
) -> None:
    work = partial(die_of, bad=bad, folder=tmp_path)
    results = list(run_chunks(work, chunked(range(30), size), workers=2, rescue=RESCUE))
    assert [number for chunk, _ in results for number in chunk] == list(range(30))
    assert [value for _, result in results for value in result] == [
        DIED if number in bad and number % 2 else number * 2 for number in range(30)
    ]


def kill_once(number: int, *, mark: Path) -> int:
    if number == 7 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_run_chunks_does_a_killed_workers_chunks_again(tmp_path: Path) -> None:
    work = partial(kill_once, mark=tmp_path / "killed")
    assert list(run_chunks(work, range(20), workers=2)) == [(n, n) for n in range(20)]


PARENT = """
    import os, sys, time
    from corpus.engine import run_chunks
    def work(n):
        os.write(1, b"%d\\n" % os.getpid())
        time.sleep(0.3 if n < 0 else 60)
    try:
        for _ in run_chunks(work, [{n}] * 4, workers=2):
            pass
    except KeyboardInterrupt:
        sys.exit("stopped")
"""


def is_alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells workers of the death")
def test_workers_end_with_a_killed_parent() -> None:
    command = [sys.executable, "-c", textwrap.dedent(PARENT).format(n=1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(map(is_alive, workers))
        parent.kill()
    deadline = time.monotonic() + 10
    while any(map(is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_alive, workers))


def test_workers_say_nothing_at_ctrl_c() -> None:
    command = [sys.executable, "-c", textwrap.dedent(PARENT).format(n=-1)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as parent:
        parent.stdout.readline()
        os.killpg(parent.pid, signal.SIGINT)
        _, errors = parent.communicate(timeout=30)
    assert errors == "stopped\n"


SLOW_TO_BEGIN = """
    import os, sys, time
    from corpus.engine import run_chunks
    os.register_at_fork(
        before=lambda: os.write(1, b"forks\\n"), after_in_child=lambda: time.sleep(0.5))
    try:
        for _ in run_chunks(abs, [1] * 4, workers=2):
            pass
    except KeyboardInterrupt:
        sys.exit("stopped")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks its workers")
def test_worker_that_has_just_begun_says_nothing_at_ctrl_c() -> None:
    command = [sys.executable, "-c", textwrap.dedent(SLOW_TO_BEGIN)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout.readline() == "forks\n"
        assert parent.stdout.readline() == "forks\n"
        time.sleep(0.2)
        os.killpg(parent.pid, signal.SIGINT)
        _, errors = parent.communicate(timeout=30)
    assert errors == "stopped\n"
