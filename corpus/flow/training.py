"""Training by spaCy in a process of its own, with a manifest of what it learnt from."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec

from corpus.errors import CorpusError, DependencyError
from corpus.files import atomic_output
from corpus.flow.steps import CONFIG, MODEL, TRAINED, Step
from corpus.manifest import Stage, open_stage

_STDERR = 2
_SCORES = ("ents_f", "ents_p", "ents_r")


def train_model(step: Step, *, folder: Path) -> Stage | None:
    """The model as the splits and config.cfg say; None if it is there already.

    config.cfg is made where there is none. What spaCy prints goes to standard error. Raises
    CorpusError if it fails.
    """
    config, train = step.commands
    if not (folder / CONFIG).exists():
        _run(config, folder)
    stage = open_stage(
        "train",
        folder / TRAINED,
        [folder / name for name in (*step.inputs, CONFIG)],
        settings=step.settings,
        versions={"spacy": version("spacy")},
        renew=True,
    )
    if stage is None:
        return None
    with stage:
        _run(train, folder)
        best = folder / MODEL / "model-best"
        performance = json.loads((best / "meta.json").read_text("utf-8"))["performance"]
        scores = {name: performance[name] for name in _SCORES if name in performance}
        record = {"model": f"{MODEL}/model-best", "scores": scores}
        with atomic_output(folder / TRAINED) as sink:
            sink.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
        stage.wrote([folder / TRAINED, *sorted(p for p in best.rglob("*") if p.is_file())])
    return stage


def _run(words: tuple[str, ...], folder: Path) -> None:
    done = subprocess.run([sys.executable, *words[1:]], cwd=folder, stdout=_STDERR, check=False)
    if done.returncode < 0:
        raise CorpusError(
            f"{' '.join(words)}: stopped by signal {-done.returncode}", "run it again"
        )
    if done.returncode:
        raise DependencyError(
            f"{' '.join(words[:5])} …: failed with exit code {done.returncode}",
            "what spaCy says stands above",
        )
