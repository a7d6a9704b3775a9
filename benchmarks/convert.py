"""Convert against bare spaCy, side by side: JSONL in, DocBin out, each in its own process.

    python benchmarks/convert.py                    # 10,000, 100,000 and 1,000,000 articles
    python benchmarks/convert.py --sizes 2000       # a quick look

make_doc alone        spacy.blank("en").make_doc over the same texts: the floor
text cleaning alone   newlines, NFC, boilerplate, title, dateline, credit and language of each
                      text, the reading of the JSON taken off
corpus convert        corpus convert articles.jsonl -o articles.spacy; of a million a file for
                      each 250,000, since one DocBin cannot hold them all
--workers 2           the same with two workers, by the clock
two halves            two separate converts of half the articles each, at once: what this
                      machine's second core gives at best, as two workers share no words
make_doc + DocBin     make_doc + DocBin.add + to_disk: what people write, up to --loop-up-to

Whole runs, the making of the tokenizer included, but for the imports. The first three run by turns
of a second, each stopped while another works, above --turns-up-to at the same time; their
processor time counts. Peak memory is of the largest process. The articles are written to --folder,
2.2 GB for a million, and removed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import cycle
from pathlib import Path

from benchmarks.generated_articles import generate
from benchmarks.measuring import (
    Measured,
    alone,
    at_once,
    begin,
    best_by_turns,
    exponent,
    finished,
    processor_seconds,
    remove_output,
    report,
    started,
)
from benchmarks.results import Row, add_options, publish

FLOOR = "make_doc alone"
CLEANING = "text cleaning alone"
OURS = "corpus convert"
LOOP = "make_doc + DocBin.add + to_disk"
TARGET, TWO_WORKERS, MEMORY, LINEAR = "<= 1.5", ">= 1.85", "<= 1.15", "<= 1.05"


def run_make_doc(source: Path, _: Path) -> None:
    import msgspec
    import spacy

    spacy.blank("en")  # loads what it needs: imports are not counted
    begun = begin()
    nlp = spacy.blank("en")
    with source.open("rb") as lines:
        for line in lines:
            nlp.make_doc(msgspec.json.decode(line)["text"])
    report(begun)


def run_cleaning(source: Path, _: Path) -> None:
    import msgspec

    from corpus.articles.cleaning import cut_boilerplate, normalise
    from corpus.articles.language import detect_language
    from corpus.articles.metadata import read_head

    detect_language("any text")
    before = processor_seconds()
    with source.open("rb") as lines:
        for line in lines:
            msgspec.json.decode(line)["text"]
    reading = processor_seconds() - before
    begun = begin()
    with source.open("rb") as lines:
        for line in lines:
            text = cut_boilerplate(normalise(msgspec.json.decode(line)["text"]).text).text
            read_head(text)
            detect_language(text)
    report(begun._replace(processor=begun.processor + reading))


def run_loop(source: Path, target: Path) -> None:
    import msgspec
    import spacy
    from spacy.tokens import DocBin

    spacy.blank("en")
    begun = begin()
    nlp = spacy.blank("en")
    docs = DocBin()
    with source.open("rb") as lines:
        for line in lines:
            docs.add(nlp.make_doc(msgspec.json.decode(line)["text"]))
    docs.to_disk(target)
    report(begun)


def run_convert(source: Path, target: Path, workers: int = 1) -> None:
    import spacy
    import spacy.tokens

    import corpus.cli
    from corpus.formats.tokens import blank_language

    spacy.blank("en")
    with tempfile.TemporaryDirectory() as folder:  # loads what convert needs: the same, for ours
        one = Path(folder) / "one.jsonl"
        one.write_text('{"id": "one", "text": "One article."}\n')
        corpus.cli.run(["convert", str(one), "-o", str(one.with_suffix(".spacy"))])
    remove_output(target)
    blank_language.cache_clear()  # the making of the tokenizer counts, as it does in the floor
    begun = begin()
    args = ["convert", str(source), "-o", str(target), "--workers", str(workers)]
    if source.stat().st_size > 1 << 30:
        args += ["--shard-size", "250000"]
    code = corpus.cli.run(args)
    report(begun)
    if code:
        raise SystemExit(code)


RUNS = {
    FLOOR: run_make_doc,
    CLEANING: run_cleaning,
    OURS: run_convert,
    "corpus convert --workers 2": lambda source, target: run_convert(source, target, workers=2),
    LOOP: run_loop,
}


def command(what: str, source: Path, folder: Path) -> list[str]:
    target = folder / f"{source.stem}-{list(RUNS).index(what)}.spacy"
    return [__file__, "--run", what, str(source), str(target)]


def halves(source: Path, folder: Path) -> Measured:
    """The slower of two separate converts, each of half the articles, at the same time."""
    parts = [folder / f"half-{number}.jsonl" for number in range(2)]
    with parts[0].open("wb") as even, parts[1].open("wb") as odd, source.open("rb") as lines:
        for sink, line in zip(cycle((even, odd)), lines, strict=False):
            sink.write(line)
    running = [started(command(OURS, part, folder)) for part in parts]
    return max(map(finished, running), key=lambda got: got.seconds)


def measure(size: int, folder: Path, options: argparse.Namespace) -> list[Row]:
    source = folder / f"{size}.jsonl"
    generate(source, size)
    rounds = options.rounds if size <= options.rounds_up_to else 1
    commands = {n: command(n, source, folder) for n in (FLOOR, CLEANING, OURS)}
    long = size > options.turns_up_to
    got = at_once(commands) if long else best_by_turns(commands, rounds)
    floor = got[FLOOR].processor
    table = "JSONL to DocBin, one core"
    rows = [
        Row(table, FLOOR, size, None, floor, 1.0, "", "", got[FLOOR].peak_mb),
        Row(table, CLEANING, size, None, got[CLEANING].processor,
            got[CLEANING].processor / floor, FLOOR),
        Row(table, OURS, size, None, got[OURS].processor, got[OURS].processor / floor, FLOOR,
            TARGET, got[OURS].peak_mb),
    ]  # fmt: skip
    less = got[OURS].processor - got[CLEANING].processor
    rows.append(Row(table, f"{OURS}, less cleaning", size, None, less, less / floor, FLOOR))
    if size <= options.loop_up_to:
        loop = alone(command(LOOP, source, folder))
        rows.append(Row(table, LOOP, size, None, loop.processor, loop.processor / floor, FLOOR,
                        "", loop.peak_mb))  # fmt: skip
    if size <= options.workers_up_to:
        rows += two_workers(size, source, folder, rounds)
    for left in folder.iterdir():
        left.unlink()
    return rows


def two_workers(size: int, source: Path, folder: Path, rounds: int) -> list[Row]:
    """By the clock, one after the other: how many times as fast as one worker."""
    table = "Two workers, by the clock"
    names = (OURS, "corpus convert --workers 2")
    tries = []
    for _ in range(rounds):
        runs = {name: alone(command(name, source, folder)) for name in names}
        runs["two halves"] = halves(source, folder)
        tries.append(runs)
    best = {n: min((one[n] for one in tries), key=lambda got: got.seconds) for n in tries[0]}
    one = best[OURS].seconds
    rows = [Row(table, OURS, size, one, best[OURS].processor, 1.0, "", "", best[OURS].peak_mb)]
    for name, target in ((names[1], TWO_WORKERS), ("two halves", "")):
        got = best[name]
        peak = got.peak_mb if name == names[1] else None
        rows.append(Row(table, name, size, got.seconds, None, one / got.seconds,
                        "times as fast as one", target, peak))  # fmt: skip
    return rows


def growth(rows: list[Row]) -> list[Row]:
    """How time and memory grow over all sizes."""
    table = "From the smallest size to the largest"
    found = []
    for what, target in ((FLOOR, ""), (CLEANING, ""), (OURS, LINEAR)):
        seconds = {row.size: row.processor for row in rows if row.what == what and not row.seconds}
        if len(seconds) > 1:
            found.append(Row(table, f"{what}: exponent of time over size", None, None, None,
                             exponent(seconds), "1 is linear", target))  # fmt: skip
    peaks = [row.peak_mb for row in rows if row.what == OURS and not row.seconds]
    if len(peaks) > 1:
        found.append(Row(table, f"{OURS}: peak memory", None, None, None, peaks[-1] / peaks[0],
                         "that of the smallest", MEMORY))  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--loop-up-to", type=int, default=10_000, help="0.3 GB a 1,000 articles")
    parser.add_argument("--workers-up-to", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="the best counts")
    parser.add_argument("--rounds-up-to", type=int, default=10_000, help="one round above")
    parser.add_argument("--turns-up-to", type=int, default=100_000, help="above, all at once")
    parser.add_argument("--folder", type=Path, help="for the articles; the system's else")
    parser.add_argument("--run", nargs=3, metavar=("NAME", "SOURCE", "TARGET"))
    add_options(parser)
    options = parser.parse_args()
    if options.run:
        name, source, target = options.run
        RUNS[name](Path(source), Path(target))
        return
    rows: list[Row] = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rows += measure(size, Path(folder), options)
        print(f"{size:,} articles: done", file=sys.stderr)
    rows += growth(rows)
    sizes = " ".join(map(str, options.sizes))
    publish("convert", rows, options, command=f"python benchmarks/convert.py --sizes {sizes}",
            packages=("spacy", "msgspec", "isal"))  # fmt: skip


if __name__ == "__main__":
    main()
