"""A workspace made by the real commands, and the ways in which tests edit it."""

import json
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from corpus.check.findings import Report
from corpus.check.workspace import check_paths
from corpus.formats.docbin import write_docbin
from corpus.manifest import Stage, open_stage
from corpus.model import (
    Document,
    count_mentions,
    layer_of,
    with_layer,
)
from corpus.store import read_documents, write_documents

ENTITIES = """\
{"id": "Q81299", "label": "OSCE", "type": "ORG"}
{"id": "Q1899", "label": "Kyiv", "type": "GPE", "aliases": ["Kiev"]}
"""
TEXT = "KYIV, March {}. The OSCE met in Kyiv 😀 at noon.\n"


def stage_over(command: str, output: str, source: str) -> Stage:
    stage = open_stage(command, output, [source])
    assert stage is not None
    return stage


def keep(document: Document, stage: Stage, kept: bool = True) -> None:
    stage.documents.received += 1
    stage.documents.kept += 1
    stage.documents.written += 1
    for field in ("received", "kept", "written"):
        old = getattr(stage.mentions, field)
        setattr(stage.mentions, field, old + count_mentions(document))


def annotate(source: str, output: str) -> None:
    """Stand in for pull: ann confirms what silver suggests; two people confirm the last one."""
    with stage_over("pull", output, source) as stage:
        annotated = []
        documents = list(read_documents(source))
        for document in documents:
            keep(document, stage)
            silver = layer_of(document, "silver")
            assert silver is not None
            people = ["ann", "bob"] if document is documents[-1] else ["ann"]
            for person in people:
                layer = replace(silver, name=f"annotator:{person}", state="confirmed")
                document = with_layer(document, layer)
                stage.add(layer.name, len(layer.mentions))
                stage.mentions.written += len(layer.mentions)
            annotated.append(document)
        write_documents(annotated, output)


def export(source: str, folder: str) -> None:
    """The same documents as JSONL and as DocBin, under one manifest."""
    Path(folder).mkdir()
    with stage_over("split", folder, source) as stage:
        documents = list(read_documents(source))
        for document in documents:
            keep(document, stage)
        write_documents(documents, f"{folder}/train.jsonl")
        write_docbin(documents, f"{folder}/train.spacy", layer="gold")
        stage.wrote([f"{folder}/train.jsonl", f"{folder}/train.spacy"])


def findings(*paths: str, kbs: tuple[str, ...] = ()) -> list[str]:
    report = Report()
    found = check_paths([Path(p) for p in paths or (".",)], report=report, kbs=[*map(Path, kbs)])
    return [str(finding) for finding in found]


AGAIN = "run 'adjudicate' again with --force"
SPLIT_AGAIN = "run 'split' again with --force"
GOLD_CHANGED = f"gold.jsonl: was changed after 'adjudicate' wrote it; {AGAIN}"
GOLD_STALE = "gold.jsonl: was changed after 'split' read it; make splits again with --force"


def edit(path: str, change: Callable[[list[Document]], list[Document]]) -> None:
    write_documents(change(list(read_documents(path))), path)


def edit_manifest(path: str, *names: object, value: object) -> None:
    manifest = json.loads(Path(path).read_text())
    place = manifest
    for name in names[:-1]:
        place = place[name]
    place[names[-1]] = value
    Path(path).write_text(json.dumps(manifest))


def gold_with(document: Document, **fields: object) -> Document:
    layer = layer_of(document, "gold")
    assert layer is not None
    first, *others = layer.mentions
    mentions = (replace(first, **fields), *others)
    return with_layer(document, replace(layer, mentions=mentions))
