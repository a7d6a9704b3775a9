"""The finished runs of a curve, a small file each: a killed curve goes on where it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from corpus import __version__
from corpus.curve.material import Material, digest_of, first_documents, sizes_of
from corpus.curve.plan import CurvePlan, Task
from corpus.curve.training import LOG, Counts, Job, run_job
from corpus.files import atomic_output, locked_folder
from corpus.kb.knowledge_base import KB

RUNS = "runs"
_WORK = ".training"
_LOCK = ".curve.lock"


class Run(
    Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True,
    tag_field="type", tag="curve_run/1",
):  # fmt: skip
    """One trained model: what it learnt from, by SHA-256, and what it got right on dev.

    `inputs` are the documents of the share, those of dev, and the knowledge base's hash;
    `mentions` those it learnt from (for links: those with a link). `counts` are, by measure, label
    (an empty one for all) and number of the document in dev, its tp, fp and fn. `untrained` says
    why there was nothing to train, if so.
    """

    task: Task
    documents: int
    seed: int
    steps: int
    layer: str
    inputs: dict[str, str]
    versions: dict[str, str]
    mentions: int
    counts: Counts
    untrained: str = ""


_Key = tuple[Task, int, int]
"""Task, number of documents and seed."""

Watch = Callable[[Iterable[_Key], int], Iterable[_Key]]


def versions() -> dict[str, str]:
    """Whose versions make a run another."""
    return {"corpus": __version__, "spacy": version("spacy"), "thinc": version("thinc")}


def finish_runs(
    material: Material, plan: CurvePlan, folder: Path, kb: KB | None, watch: Watch
) -> tuple[dict[_Key, Run], int]:
    """Every run of the plan, and how many of them were there already.

    One that was made of other documents, settings or versions is made again. `watch` sees
    the runs that are made pass by, and how many they are.
    """
    with locked_folder(folder, _LOCK, "curve"):
        (folder / RUNS).mkdir(exist_ok=True)
        wanted = {key: _expected(key, material, plan, kb) for key in _keys(plan, material)}
        runs = {key: found for key, run in wanted.items() if (found := _finished(run, folder))}
        missing = [key for key in wanted if key not in runs]
        there = len(runs)
        for key in watch(missing, len(missing)):
            runs[key] = _make(key, wanted[key], material, plan, folder, kb)
    return {key: runs[key] for key in wanted}, there


def _keys(plan: CurvePlan, material: Material) -> list[_Key]:
    sizes = sorted(set(sizes_of(plan, len(material.train)).values()))
    return [(task, size, seed) for task in plan.tasks for seed in plan.every_seed for size in sizes]


def _expected(key: _Key, material: Material, plan: CurvePlan, kb: KB | None) -> Run:
    """The run as its file must say, but for what it finds."""
    task, size, seed = key
    inputs = {
        "train": digest_of(first_documents(material.train, size, seed)),
        "dev": digest_of(material.dev),
    }
    if task == "links" and kb is not None:
        inputs["kb"] = kb.info.hash
    return Run(task, size, seed, plan.steps, plan.layer, inputs, versions(), 0, {})


def _path(run: Run, folder: Path) -> Path:
    return folder / RUNS / f"{run.task}-{run.documents:05d}-seed{run.seed}.json"


def _finished(wanted: Run, folder: Path) -> Run | None:
    path = _path(wanted, folder)
    try:
        run = msgspec.json.decode(path.read_bytes(), type=Run)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
        return None  # not there, or of another version: it is made again
    found = msgspec.structs.replace(run, mentions=0, counts={}, untrained="")
    return run if found == wanted else None


def _make(
    key: _Key, run: Run, material: Material, plan: CurvePlan, folder: Path, kb: KB | None
) -> Run:
    task, size, seed = key
    work = folder / _WORK
    shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
    work.mkdir()
    job = Job(task, first_documents(material.train, size, seed), material.dev, seed, plan, kb)
    try:
        done = run_job(job, work, folder / LOG)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    run = msgspec.structs.replace(
        run, mentions=done.mentions, counts=done.counts, untrained=done.untrained
    )
    with atomic_output(_path(run, folder)) as sink:
        sink.write(msgspec.json.encode(run) + b"\n")
    return run
