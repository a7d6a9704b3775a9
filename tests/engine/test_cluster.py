"""engine.cluster: a real Dask cluster of processes on this machine, one of them killed."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Timer

import pytest
from distributed import Client, LocalCluster

from corpus.cli import run
from corpus.engine import Rescue, chunked, run_chunks
from corpus.errors import CorpusError, DataError

pytestmark = pytest.mark.filterwarnings("default")  # Dask's own, about clusters that end


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=3, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
    ) as running:
        yield running


def double(number: int) -> int:
    return number * 2


def refuse(number: int) -> int:
    raise DataError(f"chunk {number} is broken", "mend it")


def die_of(numbers: list[int], *, bad: int) -> list[int]:
    if bad in numbers:
        os._exit(3)
    return numbers


def die_once(number: int, *, mark: Path) -> int:
    if number == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_order(cluster: LocalCluster) -> None:
    found = run_chunks(double, range(40), scheduler=cluster.scheduler_address)
    assert list(found) == [(number, 2 * number) for number in range(40)]


def test_what_the_work_raises_is_raised(cluster: LocalCluster) -> None:
    with pytest.raises(DataError, match=r"^chunk 0 is broken; mend it$"):
        list(run_chunks(refuse, range(3), scheduler=cluster.scheduler_address))


def test_a_killed_workers_chunks_are_done_again(cluster: LocalCluster, tmp_path: Path) -> None:
    work = partial(die_once, mark=tmp_path / "killed")
    found = run_chunks(work, range(20), scheduler=cluster.scheduler_address)
    assert [result for _, result in found] == list(range(20))


def test_only_what_kills_its_workers_is_given_up(cluster: LocalCluster) -> None:
    rescue = Rescue(lambda numbers: [[number] for number in numbers], lambda part, why: [why])
    found = run_chunks(
        partial(die_of, bad=7),
        chunked(range(12), 4),
        scheduler=cluster.scheduler_address,
        rescue=rescue,
    )
    assert [value for _, result in found for value in result] == [
        *range(7),
        "the worker process that read it died, twice, perhaps for lack of memory",
        *range(8, 12),
    ]
    with pytest.raises(CorpusError) as caught:
        list(run_chunks(partial(die_of, bad=0), [[0]], scheduler=cluster.scheduler_address))
    assert str(caught.value) == (
        "a worker process died, perhaps for lack of memory, twice on the same work; "
        "give the workers more memory"
    )


def test_a_cluster_that_all_workers_leave_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.engine.cluster._LOOK", 0.2)
    monkeypatch.setattr("corpus.engine.cluster._ALONE", 0.5)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
    ) as brief:
        found = run_chunks(double, range(40), scheduler=brief.scheduler_address)
        assert next(found) == (0, 0)
        brief.scale(0)
        with pytest.raises(CorpusError) as caught:
            list(found)
    assert str(caught.value) == (
        "the Dask scheduler has had no workers for 0.5 seconds; "
        "see why they ended, start some, and run this again"
    )


@pytest.mark.parametrize("name", ["documents.jsonl", "documents.spacy"])
def test_convert_gives_the_bytes_of_one_core_with_a_worker_killed(
    cluster: LocalCluster, tmp_path: Path, name: str
) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text("".join(f'{{"text": "Article {n} of NATO."}}\n' for n in range(12000)))
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    one, many = tmp_path / "one" / name, tmp_path / "many" / name
    assert run(["convert", str(source), "-o", str(one)]) == 0
    address = cluster.scheduler_address
    with Client(address, set_as_default=False) as client:
        victim = min(client.run(os.getpid).values())
    killing = Timer(0.2, os.kill, (victim, signal.SIGKILL))
    killing.start()
    command = ["convert", str(source), "-o", str(many), "--engine", "dask"]
    assert run([*command, "--scheduler", address]) == 0
    killing.join()
    assert one.read_bytes() == many.read_bytes()


def test_suggest_and_signatures_give_the_bytes_of_one_core(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text('{"text": "NATO met in Stockholm."}\n')
    documents, kb = tmp_path / "documents.jsonl", tmp_path / "small.kb"
    seeds = Path(__file__).parents[2] / "seeds"
    assert run(["convert", str(seeds / "articles"), "-o", str(documents)]) == 0
    assert run(["kb", "build", str(seeds / "kb.jsonl"), "-o", str(kb)]) == 0
    one, many = tmp_path / "one.jsonl", tmp_path / "many.jsonl"
    suggest = ["suggest", str(documents), "--kb", str(kb), "-o"]
    assert run([*suggest, str(one)]) == 0
    address = cluster.scheduler_address
    assert run([*suggest, str(many), "--engine", "dask", "--scheduler", address]) == 0
    assert one.read_bytes() == many.read_bytes()
    sign = ["signatures", str(documents), "-o"]
    one, many = tmp_path / "one.signatures", tmp_path / "many.signatures"
    assert run([*sign, str(one)]) == 0
    assert run([*sign, str(many), "--engine", "dask", "--scheduler", address]) == 0
    assert one.read_bytes() == many.read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "spark"], "--engine spark: no such engine; choose local or dask"),
        (
            ["--engine", "dask"],
            "--engine dask: which cluster?; give --scheduler tcp://host:8786",
        ),
        (["--scheduler", "tcp://h:1"], "--scheduler is of a cluster; add --engine dask"),
        (
            ["--engine", "dask", "--scheduler", "nonsense://h"],
            "--scheduler nonsense://h: no Dask scheduler answers",
        ),
        (
            ["--engine", "dask", "--scheduler", "tcp://127.0.0.1:1"],
            "--scheduler tcp://127.0.0.1:1: no Dask scheduler answers",
        ),
    ],
)
def test_a_cluster_that_is_not_there_is_said(
    tmp_path: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text('{"text": "NATO met in Stockholm."}\n')
    assert run(["convert", str(source), "-o", str(tmp_path / "o.jsonl"), *options]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"corpus: {message}") or message in said
    assert "Traceback" not in said
    assert not (tmp_path / "o.jsonl").exists()


def test_workers_with_threads_are_refused() -> None:
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
    ) as running:
        (address,) = running.scheduler.workers
        with pytest.raises(CorpusError) as caught:
            list(run_chunks(double, range(3), scheduler=running.scheduler_address))
    assert str(caught.value) == (f"worker {address} runs 2 threads; start it with --nthreads 1")


def test_a_scheduler_without_workers_is_said() -> None:
    with LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1") as running:
        with pytest.raises(CorpusError) as caught:
            list(run_chunks(double, range(3), scheduler=running.scheduler_address))
        assert str(caught.value) == (
            f"--scheduler {running.scheduler_address}: it has no workers; "
            "start some: dask worker --nthreads 1"
        )
