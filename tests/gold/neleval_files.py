"""Real and random documents as neleval reads them, written apart from the code under test."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from corpus.model import Document, Layer, Link, Mention, layer_of, make_document, with_ids

DATA = Path(__file__).parents[3] / "shared" / "data"
WIKI_FAIR = DATA / "elevant" / "wiki-fair-v2.benchmark.jsonl"
HIPE = DATA / "hipe2022"


class Neleval:
    """A running neleval; `evaluate` gives its figures for two of its files."""

    def __init__(self, folder: Path) -> None:
        worker = Path(__file__).with_name("neleval_worker.py")
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **job: object) -> object:
        print(json.dumps(job), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, "neleval died; its traceback is above"
        return json.loads(line)

    def evaluate(
        self, predicted: list[str], gold: list[str], measures: list[str], group_by: str = ""
    ) -> dict[str, dict[str, float]]:
        paths = []
        for name, lines in (("predicted", predicted), ("gold", gold)):
            path = self.folder / f"{name}.tsv"
            path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
            paths.append(str(path))
        return self.ask(
            predicted=paths[0],
            gold=paths[1],
            measures=measures,
            group_by=[group_by] if group_by else None,
        )

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


def neleval_lines(documents: list[Document], layer: str, *, judged_by: str = "") -> list[str]:
    """One line a mention and link: document, start, end, id, score, type.

    All mentions, those without a link as NIL, for the mention measures; with `judged_by` only
    those that are judged, also by that layer: the rule of docs/score.md. A NIL mention is a
    cluster of its own.
    """
    lines = []
    for document in documents:
        unjudged = _unjudged_spans(document, judged_by) if judged_by else set()
        mentions = sorted(
            layer_of(document, layer).mentions, key=lambda m: (m.start, -m.end, m.label, m.id)
        )
        for m in mentions:
            targets = [link.target for link in m.links if link.role == "literal"]
            if judged_by and (m.start, m.end) in unjudged:
                continue
            if not judged_by:
                targets = targets or ["NIL"]
            for target in targets:
                eid = f"NIL-{document.id}-{m.start}-{m.end}" if target == "NIL" else target
                lines.append(f"{document.id}\t{m.start}\t{m.end}\t{eid}\t1.0\t{m.label}")
    return lines


def _unjudged_spans(document: Document, layer: str) -> set[tuple[int, int]]:
    judged = defaultdict(bool)
    for m in layer_of(document, layer).mentions:
        judged[m.start, m.end] |= any(link.role == "literal" for link in m.links)
    return {span for span, known in judged.items() if not known}


def wiki_fair_documents() -> list[Document]:
    """The 120 articles with their labels; nested and coinciding mentions stay."""
    documents = []
    for line in WIKI_FAIR.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        mentions = []
        for label in row["labels"]:
            kb_id = label["entity_id"]
            links = (Link("NIL" if kb_id in ("<NIL>", "DATETIME", "") else kb_id),)
            kind = label["type"].partition("|")[0]
            mentions.append(Mention("", *label["span"], kind, links=links))
        gold = Layer("gold", mentions=with_ids(mentions))
        documents.append(make_document(str(row["id"]), row["text"], layers=(gold,)))
    return documents


def hipe_documents() -> list[Document]:
    """The English and Swedish development sets: words by blanks, coarse mentions, literal links."""
    documents = []
    for path in sorted(HIPE.glob("*.tsv")):
        name, text, mentions, opened = "", "", [], None
        for line in [*path.read_text(encoding="utf-8").splitlines(), "# hipe2022:document_id = "]:
            if line.startswith("# hipe2022:document_id = "):
                if name:
                    gold = Layer("gold", mentions=with_ids(mentions))
                    documents.append(make_document(name, text, layers=(gold,)))
                name, text, mentions, opened = line.rpartition(" ")[2], "", [], None
            if not line or line.startswith(("#", "TOKEN\t")):
                continue
            token, coarse, *_, kb_id, _, _ = line.split("\t")
            start = len(text)
            text += token + " "
            tag, _, label = coarse.partition("-")
            if tag == "I" and opened == label:
                begun = mentions.pop()
                mentions.append(
                    Mention("", begun.start, start + len(token), label, links=begun.links)
                )
            elif label:
                links = () if kb_id in "_-" else (Link(kb_id),)
                mentions.append(Mention("", start, start + len(token), label, links=links))
            opened = label or None
    return documents


def perturbed(documents: list[Document], seed: int, *, unjudged: float = 0.0) -> list[Document]:
    """The documents with a silver layer made from gold by seeded mistakes of every kind.

    `unjudged` is the share of gold and of silver mentions that lose their links.
    """
    luck = random.Random(seed)
    ids = sorted({x.target for d in documents for m in d.layers[0].mentions for x in m.links})
    kinds = sorted({m.label for d in documents for m in d.layers[0].mentions})
    result = []
    for document in documents:
        size = len(document.text)
        silver = []
        gold = []
        for m in document.layers[0].mentions:
            links = () if luck.random() < unjudged else m.links
            gold.append(Mention("", m.start, m.end, m.label, links=links))
            start, end, label, links = m.start, m.end, m.label, m.links
            if luck.random() < 0.1:
                continue
            if luck.random() < 0.1:
                end = min(size, end + luck.randint(1, 5))
            if luck.random() < 0.1:
                label = luck.choice(kinds)
            if luck.random() < 0.2:
                links = (Link(luck.choice([*ids[:40], "NIL"])),)
            if luck.random() < unjudged:
                links = ()
            silver.append(Mention("", start, end, label, links=links))
            if luck.random() < 0.1:
                start = luck.randrange(size)
                extra = (Link(luck.choice(ids)),)
                silver.append(Mention("", start, min(size, start + 4), label, links=extra))
        layers = (
            Layer("silver", mentions=with_ids(silver)),
            Layer("gold", mentions=with_ids(gold)),
        )
        result.append(make_document(document.id, document.text, layers=layers))
    return result
