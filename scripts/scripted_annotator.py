#!/usr/bin/env python3
"""Plays an annotator: corrects every example of a Doccano project to known gold, and confirms it.

    python scripts/scripted_annotator.py PROJECT GOLD.jsonl

It works as a person does, an example at a time over the server's own calls. In a project for
spans wrong ones are deleted and missing ones added; in one for links the right key is chosen,
with a comment where the id is not among the candidates. Then the example is confirmed. For demos
and tests only: what it confirms, nobody has read.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from corpus.doccano.client import Doccano
from corpus.doccano.settings import read_settings
from corpus.errors import CorpusError, DoccanoProjectError
from corpus.model import NIL, Document, layer_of
from corpus.offsets import to_utf16
from corpus.store import read_documents

Span = tuple[int, int, str]


def annotate(project_name: str, gold_path: str, layer: str = "gold") -> Counter[str]:
    """How many examples were confirmed, and what was changed in them; `layer` is what is right."""
    gold = {document.id: document for document in read_documents(gold_path)}
    server = Doccano(read_settings())
    project = find_project(server, project_name)
    number = int(project["id"])
    is_links = project["project_type"] == "DocumentClassification"
    types = server.list_category_types(number) if is_links else server.list_span_types(number)
    labels = {label["text"]: label["id"] for label in types}
    done: Counter[str] = Counter()
    for example in list(server.list_examples(number)):
        document = gold.get(example["meta"].get("corpus_id", ""))
        if document is None:
            done["without gold, left alone"] += 1
            continue
        if is_links:
            decide(server, number, example, document, labels, done)
        else:
            correct(server, number, example["id"], wanted_spans(document, layer), labels, done)
        server.confirm_example(number, example["id"])
        done["confirmed"] += 1
    return done


def decide(
    server: Doccano,
    project: int,
    example: dict[str, Any],
    document: Document,
    labels: dict[str, int],
    done: Counter[str],
) -> None:
    """Choose the key of gold's link at the first place that the decision stands for."""
    meta = example["meta"]
    start, _, end = meta["corpus_places"].split()[0].partition("-")
    asked = (int(start), int(end), meta["corpus_label"])
    layer = layer_of(document, "gold")
    mentions = layer.mentions if layer else ()
    links = [link for m in mentions if (m.start, m.end, m.label) == asked for link in m.links]
    literal = next((link.target for link in links if link.role == "literal"), NIL)
    candidates = meta["corpus_candidates"].split()
    key = str(candidates.index(literal) + 1) if literal in candidates else "OTHER"
    key = NIL if literal == NIL else key
    chosen = [one["label"] for one in server.list_categories(project, example["id"])]
    if chosen == [labels[key]]:
        done["keys left alone"] += 1
    else:
        server.create_category(project, example["id"], labels[key])
        done["keys chosen anew"] += 1
    comments = [f"kb:{literal}"] if key == "OTHER" else []
    comments += [f"meto:{link.target}" for link in links if link.role == "metonymic"]
    for comment in comments:
        server.create_comment(project, example["id"], comment)
        done["comments"] += 1


def find_project(server: Doccano, name: str) -> dict[str, Any]:
    for project in server.list_projects():
        if project["name"] == name:
            return project
    raise DoccanoProjectError(f"there is no project {name!r}", "push to it first")


def wanted_spans(document: Document, name: str) -> set[Span]:
    """The mentions of a layer as the page counts: in UTF-16 units."""
    layer = layer_of(document, name)
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
