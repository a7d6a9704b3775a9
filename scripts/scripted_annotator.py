#!/usr/bin/env python3
"""Plays an annotator: corrects every example of a Doccano project to known gold, and confirms it.

    python scripts/scripted_annotator.py PROJECT GOLD.jsonl

It works as a person does, an example at a time over the server's own calls: wrong spans are
deleted, missing ones added, then the example is confirmed. For demos and tests only: what it
confirms, nobody has read.
"""

from __future__ import annotations

import sys
from collections import Counter

from corpus.doccano.client import Doccano
from corpus.doccano.settings import read_settings
from corpus.errors import CorpusError, DoccanoProjectError
from corpus.model import Document, layer_of
from corpus.offsets import to_utf16
from corpus.store import read_documents

Span = tuple[int, int, str]


def annotate(project_name: str, gold_path: str) -> Counter[str]:
    """How many examples were confirmed, and how many spans were added, deleted and left alone."""
    gold = {document.id: document for document in read_documents(gold_path)}
    server = Doccano(read_settings())
    project = find_project(server, project_name)
    labels = {label["text"]: label["id"] for label in server.list_span_types(project)}
    done: Counter[str] = Counter()
    for example in list(server.list_examples(project)):
        document = gold.get(example["meta"].get("corpus_id", ""))
        if document is None:
            done["without gold, left alone"] += 1
            continue
        correct(server, project, example["id"], wanted_spans(document), labels, done)
        server.confirm_example(project, example["id"])
        done["confirmed"] += 1
    return done


def find_project(server: Doccano, name: str) -> int:
    for project in server.list_projects():
        if project["name"] == name:
            return int(project["id"])
    raise DoccanoProjectError(f"there is no project {name!r}", "push to it first")


def wanted_spans(document: Document) -> set[Span]:
    """The gold mentions as the page counts: in UTF-16 units."""
    layer = layer_of(document, "gold")
    mentions = layer.mentions if layer else ()
    units = to_utf16(document.text, [(m.start, m.end) for m in mentions])
    return {(start, end, m.label) for (start, end), m in zip(units, mentions, strict=True)}


def correct(
    server: Doccano,
    project: int,
    example: int,
    wanted: set[Span],
    labels: dict[str, int],
    done: Counter[str],
) -> None:
    names = {number: text for text, number in labels.items()}
    missing = set(wanted)
    for span in server.list_spans(project, example):
        key = (span["start_offset"], span["end_offset"], names[span["label"]])
        if key in missing:
            missing.discard(key)
            done["spans left alone"] += 1
        else:
            server.delete_span(project, example, span["id"])
            done["spans deleted"] += 1
    for start, end, label in sorted(missing):
        if label not in labels:
            made = server.create_span_type(project, {"text": label})
            labels[label] = made["id"]
        server.create_span(project, example, start, end, labels[label])
        done["spans added"] += 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        counts = annotate(sys.argv[1], sys.argv[2])
    except CorpusError as error:
        sys.exit(f"scripted annotator: {error}")
    for what, number in counts.items():
        print(f"  {number:5} {what}")
