"""Mentions that an installed spaCy pipeline finds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import DependencyError, UsageError
from corpus.suggest.labels import LABELS, known_label

# "the OSCE's" is a mention of the OSCE: the article and the possessive stay outside.
_BEFORE = re.compile(r"(?:the|The|THE)\s+")
_AFTER = re.compile(r"(?:['’]s?|\s)+$")


class Found(NamedTuple):
    """An entity of the pipeline in code points, with our label and its own."""

    start: int
    end: int
    label: str
    own: str


@lru_cache(2)
def load_pipeline(name: str) -> Any:
    """The pipeline of an installed package or of a folder. Raises DependencyError if not there."""
    import spacy

    package = name.replace("-", "_")
    if not Path(name).is_dir() and find_spec(package.partition(".")[0]) is None:
        raise DependencyError(
            f"no spaCy pipeline {name!r} is installed",
            f"install it: pip install {name.replace('_', '-')}",
        )
    try:
        return spacy.load(name if Path(name).is_dir() else package)
    except (OSError, ValueError, ImportError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DependencyError(
            f"the pipeline {name!r} cannot be loaded ({reason})",
            "install one made for this spaCy: python -m spacy validate",
        ) from error


def version_of(name: str) -> str:
    """The pipeline's own version."""
    return str(load_pipeline(name).meta.get("version", ""))


def check_labels(labels: Collection[str], name: str) -> None:
    """Raise UsageError for a label that neither we nor the pipeline `name` (if any) ever give."""
    known = list(LABELS)
    if name:
        pipeline = load_pipeline(name)
        known += sorted(_labels_of_entities(pipeline) - set(LABELS))
    for label in labels:
        if label not in known:
            raise UsageError(
                f"--labels {label}: no such label", f"the labels are: {', '.join(known)}"
            )


def _labels_of_entities(pipeline: Any) -> set[str]:
    """What the components that set entities may call them."""
    setters = [
        pipe for pipe in pipeline.pipe_names if "doc.ents" in pipeline.get_pipe_meta(pipe).assigns
    ]
    return {label for pipe in setters for label in pipeline.pipe_labels.get(pipe, ())}


def find_entities(
    name: str, texts: Sequence[str], labels: Collection[str]
) -> Iterator[tuple[list[Found], list[str]]]:
    """For each text its entities, and why others were left out.

    Left out are those across a line break, and quantities, times and adjectives (their label is
    said) unless `labels` names the pipeline's label.
    """
    for doc in load_pipeline(name).pipe(texts):
        found, left_out = [], []
        for ent in doc.ents:
            label = ent.label_ if ent.label_ in labels else known_label(ent.label_)
            start, end = _trimmed(doc.text, ent.start_char, ent.end_char)
            if "\n" in doc.text[start:end]:
                left_out.append("across lines")
            elif not label or start >= end:
                left_out.append(ent.label_)
            else:
                found.append(Found(start, end, label, ent.label_))
        yield found, left_out


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    before = _BEFORE.match(text, start, end)
    after = _AFTER.search(text[start:end])
    return (before.end() if before else start), (start + after.start() if after else end)
