"""The process that trains one model and predicts dev with it: `FOLDER TASK STEPS SEED`.

It stands apart because spaCy's training holds what it learnt in memory and prints as it goes.
FOLDER is what `corpus export --format spacy` writes; `predicted.json` in it is a list for each
document of dev: start, end, label and kb_id of each mention, in code points.
The last model counts, after a number of steps that is the same for all: were the best on dev
chosen, the figures on dev would be better than they are.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.formats.spacy_training import RULES

PREDICTED = "predicted.json"
Predicted = list[tuple[int, int, str, str]]


def train_and_predict(folder: Path, task: str, *, steps: int, seed: int) -> list[Predicted]:
    """What the model that was trained in the folder finds in each document of dev."""
    import spacy
    from spacy.cli.train import train
    from spacy.util import fix_random_seed, import_file

    os.chdir(folder)  # the config names its files from here
    if Path(RULES).exists():
        import_file("python_code", RULES)
    overrides = {
        "system.seed": seed,
        "training.max_steps": steps,
        "training.patience": 0,
        "training.eval_frequency": steps + 1,
    }
    train("ner.cfg" if task == "ner" else "entity_linker.cfg", "model", overrides=overrides)
    nlp = spacy.load("model/model-last")
    fix_random_seed(seed)  # entity_linker shuffles candidates of equal score
    return [[*predict(nlp, gold, task)] for gold in _dev(nlp)]


def _dev(nlp: Any) -> Iterator[Any]:
    from spacy.tokens import DocBin

    yield from DocBin().from_disk("dev.spacy").get_docs(nlp.vocab)


def predict(nlp: Any, gold: Any, task: str) -> Iterator[tuple[int, int, str, str]]:
    """The entities of one document, tokenized as spaCy scores it; for links, at gold's places."""
    from spacy.tokens import Doc

    if not len(gold):
        return
    if gold.has_unknown_spaces:
        doc = Doc(nlp.vocab, words=[token.text for token in gold])
    else:
        doc = nlp.make_doc(gold.text)
    if task == "links":
        spans = (doc.char_span(e.start_char, e.end_char, label=e.label_) for e in gold.ents)
        doc.ents = [span for span in spans if span is not None]
    for ent in nlp(doc).ents:
        yield ent.start_char, ent.end_char, ent.label_, ent.kb_id_


def _die_with_the_parent() -> None:
    """End when the other end of standard input is closed, however the parent ended."""
    os.read(0, 1)  # not through sys.stdin, whose lock the end of the interpreter wants
    os._exit(1)


def _main(folder: str, task: str, steps: str, seed: str) -> None:
    import msgspec

    threading.Thread(target=_die_with_the_parent, daemon=True).start()
    place = Path(folder).resolve()
    found = train_and_predict(place, task, steps=int(steps), seed=int(seed))
    partial = place / f"{PREDICTED}.partial"
    partial.write_bytes(msgspec.json.encode(found))
    partial.replace(place / PREDICTED)


if __name__ == "__main__":
    _main(*sys.argv[1:])
