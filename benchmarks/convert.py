"""Convert against bare spaCy, side by side: JSONL in, DocBin out, each in its own process.

    python benchmarks/convert.py                    # 10,000, 100,000 and 1,000,000 articles
    python benchmarks/convert.py --sizes 2000       # a quick look

make_doc alone        spacy.blank("en").make_doc over the same texts: the floor
text cleaning alone   newlines, NFC, boilerplate, title, dateline, credit and language of each
                      text, the reading of the JSON taken off
corpus convert        corpus convert articles.jsonl -o articles.spacy
--workers 2           the same with two workers, by the clock
two halves            two separate converts of half the articles each, at once: what this
                      machine's second core gives at best, as two workers share no words
make_doc + DocBin     make_doc + DocBin.add + to_disk: what people write, up to --loop-up-to

Whole runs, the making of the tokenizer included, but for the imports. The first three run by turns
of a second, each stopped while another works, and their processor time counts. Peak memory is of
the largest process. The articles are written to --folder, 2.7 GB for a million, and removed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from itertools import cycle
from pathlib import Path

from benchmarks.measuring import (
    Measured,
    alone,
    begin,
    best_by_turns,
    exponent,
    finished,
    processor_seconds,
    report,
    started,
)
from benchmarks.results import Row, add_options, publish

SENTENCES = """
Momentum was building on Thursday for direct talks between the two presidents, officials said.
The foreign ministers of Sweden and Finland came face to face in Stockholm to discuss the plan.
Western powers have been sounding the alarm for weeks about troops massing along the border.
“The date has not yet been agreed,” said the deputy minister, who asked not to be named.
The central bank raised its key rate by 0.25 percentage points to 4.5%, its highest since 2008.
Shares in the carmaker fell 3.2% in early trading before recovering to close at $41.07.
Heavy rain flooded parts of the old town, and some 1,200 people had to leave their homes.
The court ruled on Monday that the law, passed in 2019, does not breach the constitution.
A spokesperson for the OSCE said its observers had seen no violations since the cease-fire.
The U.N. agency needs $350 million by March, or it will have to cut rations in the camps.
Turnout was 61.4 percent, down from 67.9 percent four years ago, the election commission said.
The striker scored twice in the second half as the hosts won 3-1 and moved up to fourth place.
Prices of wheat and maize have doubled within a year, which hits importers such as Egypt hard.
Investigators are looking into whether the pilot’s radio had failed before the plane came down.
The museum, which opened in 1891, will lend 40 paintings to galleries in Kyiv, Lviv and Odesa.
She said the company’s e-mail system wasn’t hacked; an employee had sent the file by mistake.
"""

FIRST = re.findall(
    r"\w+", "Ann Ben Carla Dmytro Eva Farid Greta Hugo Iryna Jonas Karim Lena Marta Nils Olena"
)
LAST = re.findall(
    r"\w+", "Abbas Berg Costa Doyle Ek Fischer Gomez Haas Ilves Jansen Kovalenko Lind Moreau Novak"
)
TOWNS = re.findall(
    r"\w+", "STOCKHOLM KYIV VIENNA WARSAW BRUSSELS GENEVA PARIS BERLIN OSLO ROME MADRID LISBON"
)


def sentences() -> list[str]:
    """The project's own articles where they are, and the sentences above."""
    found = SENTENCES.strip().splitlines()
    for path in sorted((Path(__file__).parents[1] / "seeds").rglob("*.txt")):
        text = path.read_text("utf-8")
        if text.isascii() or "the" in text:
            found += [s for s in re.split(r"(?<=[.!?”])\s+", text) if 40 < len(s) < 300]
    return found


def generate(path: Path, count: int) -> None:
    """`count` articles of about 2.5 kB, the same each time, of a vocabulary of some 20,000 words.

    spaCy keeps every word it has seen: with new words without end its memory grows, and (a)'s too.
    """
    pool = sentences()
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as sink:
        for number in range(count):
            paragraphs = [
                f"Talks number {number % 1000} go on as {rng.choice(LAST)} warns of delay"
            ]
            size = 0
            while size < 2400:
                line = " ".join(rng.choice(pool) for _ in range(rng.randint(1, 3)))
                line += f" {rng.choice(FIRST)} {rng.choice(LAST)} put it at"
                line += f" {rng.randint(100, 20_000):,}."
                paragraphs.append(line)
                size += len(line)
            paragraphs[1] = f"{rng.choice(TOWNS)}: {paragraphs[1]}"
            sink.write(json.dumps({"id": f"a{number}", "text": "\n\n".join(paragraphs)}) + "\n")


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
    blank_language.cache_clear()  # the making of the tokenizer counts, as it does in the floor
    begun = begin()
    args = ["convert", str(source), "-o", str(target), "--workers", str(workers)]
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
    for old in folder.glob(f"{target.name}*"):
        old.unlink()
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
    got = best_by_turns({n: command(n, source, folder) for n in (FLOOR, CLEANING, OURS)}, rounds)
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
    rows += growth(rows)
    sizes = " ".join(map(str, options.sizes))
    publish("convert", rows, options, command=f"python benchmarks/convert.py --sizes {sizes}",
            packages=("spacy", "msgspec", "isal"))  # fmt: skip


if __name__ == "__main__":
    main()
