"""Do `split` and `export` grow linearly?

    python benchmarks/growth.py                    # 1,000, 10,000 and 100,000 documents
    python benchmarks/growth.py --sizes 500 1000   # a quick look
    python benchmarks/growth.py --sizes 1000000    # two hours; 20 GB of files

The documents are those of benchmarks/planted_copies.py, one in twenty a copy of another, each with
a gold layer of twelve mentions of one link. Each command runs in a process of its own, imports
apart; processor time, its workers' included. Exports are with --verify, as they are by default.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.measuring import alone, begin, exponent, report
from benchmarks.planted_copies import write_planted
from benchmarks.results import Row, add_options, publish

LINEAR = "<= 1.05"
LABELS = ("PER", "ORG", "GPE", "LOC", "EVENT")
SHARDS = ("--shard-size", "200000")
RUNS = {
    # One DocBin cannot hold a million documents.
    "split": ["split", "{source}", "-o", "{target}", *SHARDS],
    "export, CoNLL": ["export", "{source}", "-o", "{target}.conll"],
    "export, DocBin": ["export", "{source}", "-o", "{target}.spacy", *SHARDS],
    "export, Doccano": ["export", "{source}", "-o", "{target}.jsonl", "--format", "doccano"],
    "export, Hugging Face": ["export", "{source}", "-o", "{target}", "--format", "huggingface"],
}


def run(what: str, source: Path, one: Path, target: Path) -> None:
    import corpus.cli

    def arguments(source: Path, target: Path) -> list[str]:
        return [part.format(source=source, target=target) for part in RUNS[what]]

    corpus.cli.run(arguments(one, target.with_name(f"first-{target.name}")))  # loads what it needs
    begun = begin()
    code = corpus.cli.run(arguments(source, target))
    report(begun)
    if code:
        raise SystemExit(code)


def write_gold(path: Path, count: int) -> None:
    from corpus.store import write_documents

    planted = path.with_suffix(".planted")
    write_planted(planted, count)
    write_documents(gold(planted), path)
    planted.unlink()


def gold(planted: Path) -> Iterator[object]:
    """The texts with mentions over words drawn from them; a word means one entity everywhere."""
    from corpus.model import Layer, Link, Mention, make_document, with_ids

    draw = random.Random(3)
    with planted.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row["text"]
            starts = [
                at + 1
                for at, char in enumerate(text)
                if char == " " and text[at + 1 : at + 2].isalpha()
            ]
            mentions = []
            for start in sorted(draw.sample(starts, min(12, len(starts)))):
                end = start + 1
                while end < len(text) and text[end].isalpha():
                    end += 1
                number = sum(map(ord, text[start:end]))
                link = Link(f"Q{number}")
                label = LABELS[number % len(LABELS)]
                mentions.append(Mention("", start, end, label, links=(link,)))
            layer = Layer("gold", mentions=with_ids(mentions))
            yield make_document(row["id"], text, lang="en", layers=(layer,))


def measure(size: int, folder: Path, names: Iterable[str]) -> list[Row]:
    source, one = folder / f"{size}.jsonl", folder / "one.jsonl"
    write_gold(source, size)
    write_gold(one, 30)
    rows = []
    for number, what in enumerate(names):
        target = folder / f"{size}-{number}"
        got = alone([__file__, "--run", what, str(source), str(one), str(target)])
        rows.append(Row("One core", what, size, None, got.processor, peak_mb=got.peak_mb,
                        figures={"ms a document": got.processor * 1000 / size}))  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--only", nargs="+", choices=list(RUNS), default=list(RUNS))
    parser.add_argument("--folder", type=Path, help="for the documents; the system's else")
    parser.add_argument("--run", nargs=4, metavar=("NAME", "SOURCE", "ONE", "TARGET"))
    add_options(parser)
    options = parser.parse_args()
    if options.run:
        what, *paths = options.run
        run(what, *map(Path, paths))
        return
    rows: list[Row] = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rows += measure(size, Path(folder), options.only)
        print(f"{size:,} documents: done", file=sys.stderr)
    for what in RUNS:
        seconds = {row.size: row.processor for row in rows if row.what == what}
        if len(seconds) > 1:
            rows.append(Row("From the smallest size to the largest",
                            f"{what}: exponent of time over size", ratio=exponent(seconds),
                            of="1 is linear", target=LINEAR))  # fmt: skip
    command = f"python benchmarks/growth.py --sizes {' '.join(map(str, options.sizes))}"
    publish("growth", rows, options, command=command, packages=("spacy", "datasets"))


if __name__ == "__main__":
    main()
