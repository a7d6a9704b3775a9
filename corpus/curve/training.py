"""One run: its share is exported, a model is trained in a process of its own, dev is scored."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from corpus.curve.entities import entities_of, learn_kb
from corpus.curve.material import Sample, layer_in, learnable
from corpus.curve.plan import MEASURES, CurvePlan, Task
from corpus.curve.trainer import PREDICTED, Predicted
from corpus.errors import CorpusError, DependencyError, KBError
from corpus.formats.spacy_training import write_spacy_training
from corpus.gold.measures import MEASURES as ALL_MEASURES
from corpus.gold.measures import Measure, count_matches
from corpus.gold.pairing import Choice, Pair, pair_documents
from corpus.gold.scoring import split_by_label
from corpus.kb.knowledge_base import KB
from corpus.kb.spacy_kb import export_kb, hashed_words
from corpus.model import NIL, Document, Layer, Link, Mention, make_document, with_ids

LOG = "training.log"
ALL = ""
"""The name of what is counted over all labels together."""

Counts = dict[str, dict[str, dict[int, tuple[int, int, int]]]]
"""By measure, label (`ALL` for all) and number of the document in dev: tp, fp, fn."""

_PREDICTED, _GOLD = "predicted", "gold"
# One thread, and hashes that are the same each time: the same bytes however often it is run.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


class Job(NamedTuple):
    """What one run trains on and is scored on."""

    task: Task
    train: list[Sample]
    dev: list[Sample]
    seed: int
    plan: CurvePlan
    kb: KB | None


class Outcome(NamedTuple):
    """What a run found: counts, the mentions it learnt from, and why nothing was trained if so."""

    counts: Counts
    mentions: int
    untrained: str


def run_job(job: Job, folder: Path, log: Path) -> Outcome:
    """Train and score; the folder is there and empty. What spaCy prints goes to `log`.

    Where there is nothing to learn from, the answer is that of a model that learnt nothing: no
    mention, or NIL everywhere. Raises DependencyError if spaCy fails.
    """
    mentions = [
        (document, mention)
        for document, mention in learnable(job.train, job.plan)
        if job.task == "ner" or mention.links
    ]
    untrained = _export(job, mentions, folder / "training")
    if untrained:
        predicted = [_unlearnt(sample, job) for sample in job.dev]
    else:
        predicted = _train(job, folder / "training", log)
    return Outcome(count(predicted, job), len(mentions), untrained)


def _export(job: Job, mentions: Sequence[tuple[Document, Mention]], folder: Path) -> str:
    """Write what spaCy learns from; why there is nothing, if so."""
    if not job.train:
        return "no documents"
    if not mentions:
        return "no mentions" if job.task == "ner" else "no links"
    dev = {sample.document.id for sample in job.dev}
    write_spacy_training(
        (sample.document for sample in (*job.train, *job.dev)),
        folder,
        layer=job.plan.layer,
        split_of=lambda document: "dev" if document.id in dev else "train",
        linker=job.task == "links",
    )
    return _export_kb(job, mentions, folder) if job.task == "links" else ""


def _export_kb(job: Job, mentions: Sequence[tuple[Document, Mention]], folder: Path) -> str:
    entities = entities_of(mentions)
    if not entities:
        return "no links but to NIL"
    surfaces = {
        document.text[mention.start : mention.end]
        for document, mention in learnable((*job.train, *job.dev), job.plan)
    }
    try:
        kb = job.kb or learn_kb(entities, folder)
        export_kb(kb, folder / "kb", encode=hashed_words(kb.folding), surfaces=surfaces)
    except KBError as error:
        return error.message.rpartition(": ")[2]
    return ""


def _unlearnt(sample: Sample, job: Job) -> Predicted:
    if job.task == "ner":
        return []
    return [(m.start, m.end, m.label, NIL) for _, m in learnable([sample], job.plan)]


def _train(job: Job, folder: Path, log: Path) -> list[Predicted]:
    words = [sys.executable, "-m", "corpus.curve.trainer", str(folder), job.task]
    words += [str(job.plan.steps), str(job.seed)]
    with log.open("wb") as told:
        child = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,  # closed when this process ends, by whatever
            stdout=told,
            stderr=subprocess.STDOUT,
            env={**os.environ, **_ENVIRONMENT},
        )
        try:
            code = child.wait()
        finally:
            child.kill()
            child.wait()
            if child.stdin:
                child.stdin.close()
    what = f"{job.task} on {len(job.train)} documents with seed {job.seed}"
    if code < 0:
        raise CorpusError(f"{what}: stopped by signal {-code}", "run it again: it goes on there")
    if code:
        said = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        raise DependencyError(
            f"{what}: spaCy failed: {said[-1].strip() if said else f'exit code {code}'}",
            f"see {log}",
        )
    found = msgspec.json.decode((folder / PREDICTED).read_bytes(), type=list[Predicted])
    log.unlink()
    return found


def count(predicted: Sequence[Predicted], job: Job) -> Counts:
    """The predictions of each document of dev against its gold, by neleval's measures."""
    pairs, _ = pair_documents(
        (
            _with_one_layer(sample.document, _PREDICTED, _mentions(found))
            for sample, found in zip(job.dev, predicted, strict=True)
        ),
        (
            _with_one_layer(each.document, _GOLD, layer_in(each.document, job.plan).mentions)
            for each in job.dev
        ),
        Choice(_PREDICTED, _GOLD),
    )
    parts = {ALL: pairs, **split_by_label(pairs)}
    return {
        name: {label: _count(ALL_MEASURES[name], some) for label, some in parts.items()}
        for name in MEASURES[job.task]
    }


def _count(measure: Measure, pairs: Sequence[Pair]) -> dict[int, tuple[int, int, int]]:
    found = {}
    for pair in pairs:
        counts = count_matches(measure, pair.predicted, pair.gold)
        if any(counts):
            found[pair.number] = int(counts.ptp), int(counts.fp), int(counts.fn)
    return found


def _mentions(found: Predicted) -> tuple[Mention, ...]:
    return with_ids(
        Mention("", start, end, label, (Link(kb_id),) if kb_id else ())
        for start, end, label, kb_id in found
    )


def _with_one_layer(document: Document, name: str, mentions: tuple[Mention, ...]) -> Document:
    return make_document(document.id, document.text, layers=(Layer(name, mentions=mentions),))
