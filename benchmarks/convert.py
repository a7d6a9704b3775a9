"""Convert against bare spaCy, side by side: JSONL in, DocBin out, each in its own process.

    python benchmarks/convert.py                 # 10,000 and 50,000 articles, as the README reports
    python benchmarks/convert.py --sizes 2000    # a quick look

(a) make_doc      spacy.blank("en").make_doc over the same texts: the floor
(b) loop          make_doc + DocBin.add + to_disk: what people write today
(c) convert       corpus convert articles.jsonl -o articles.spacy
(d) convert -w2   the same with --workers 2
(e) halves        two separate converts of half the articles each, at once: what this machine's
                  second core gives at best, since two workers share no words that spaCy has seen

Seconds are of whole runs, the making of the tokenizer included, but for the imports. CPU is
that of the main process, which says more where the machine is busy; peak memory is of the
largest process. Ratios are what counts, the machine does not matter.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

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


def run_make_doc(source: Path, _: Path) -> None:
    import msgspec
    import spacy

    spacy.blank("en")  # loads what it needs: imports are not counted
    start = begin()
    nlp = spacy.blank("en")
    with source.open("rb") as lines:
        for line in lines:
            nlp.make_doc(msgspec.json.decode(line)["text"])
    report(start)


def run_loop(source: Path, target: Path) -> None:
    import msgspec
    import spacy
    from spacy.tokens import DocBin

    spacy.blank("en")  # loads what it needs: imports are not counted
    start = begin()
    nlp = spacy.blank("en")
    docs = DocBin()
    with source.open("rb") as lines:
        for line in lines:
            docs.add(nlp.make_doc(msgspec.json.decode(line)["text"]))
    docs.to_disk(target)
    report(start)


def run_convert(source: Path, target: Path, workers: int = 1) -> None:
    import spacy
    import spacy.tokens

    import corpus.cli

    spacy.blank("en")
    with tempfile.TemporaryDirectory() as folder:  # loads what convert needs: the same, for ours
        one = Path(folder) / "one.jsonl"
        one.write_text('{"id": "one", "text": "One article."}\n')
        corpus.cli.run(["convert", str(one), "-o", str(one.with_suffix(".spacy"))])
    start = begin()
    args = ["convert", str(source), "-o", str(target), "--workers", str(workers)]
    code = corpus.cli.run(args)
    report(start)
    if code:
        raise SystemExit(code)


CPU_BEFORE = [0.0]


def begin() -> float:
    """Now; the processor time of this process is counted from here too."""
    CPU_BEFORE[0] = time.process_time()
    return time.perf_counter()


def report(start: float) -> None:
    seconds = time.perf_counter() - start
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(kind).ru_maxrss for kind in kinds)
    cpu = time.process_time() - CPU_BEFORE[0]
    got = {"seconds": seconds, "cpu": cpu, "peak_mb": peak / 1024}
    print(json.dumps(got), file=sys.stderr)


RUNS = {
    "make_doc": run_make_doc,
    "loop": run_loop,
    "convert": run_convert,
    "convert-w2": lambda source, target: run_convert(source, target, workers=2),
}


def measure(name: str, source: Path, folder: Path) -> dict[str, float]:
    if name == "halves":
        return measure_halves(source, folder)
    return finished(started(name, source, folder / f"{name}.spacy"))


def measure_halves(source: Path, folder: Path) -> dict[str, float]:
    """The slower of two separate converts, each of half the articles, at the same time."""
    halves = [folder / f"half-{number}.jsonl" for number in range(2)]
    # Line by line: the peak of a process counts from that of the one which forked it.
    with halves[0].open("wb") as even, halves[1].open("wb") as odd, source.open("rb") as lines:
        for sink, line in zip(cycle((even, odd)), lines, strict=False):
            sink.write(line)
    running = [started("convert", half, half.with_suffix(".spacy")) for half in halves]
    return max(map(finished, running), key=lambda got: got["seconds"])


def started(name: str, source: Path, target: Path) -> subprocess.Popen[str]:
    for old in target.parent.glob(f"{target.name}*"):
        old.unlink()
    command = [sys.executable, __file__, "--run", name, str(source), str(target)]
    quiet, heard = subprocess.DEVNULL, subprocess.PIPE
    return subprocess.Popen(command, stdout=quiet, stderr=heard, text=True)


def finished(running: subprocess.Popen[str]) -> dict[str, float]:
    said = running.communicate()[1]
    if running.returncode:
        raise SystemExit(said)
    result: dict[str, float] = json.loads(said.strip().splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument(
        "--loop-up-to", type=int, default=10_000, help="It takes 0.3 GB of memory a 1,000 articles."
    )
    parser.add_argument("--repeat", type=int, default=1, help="The best of so many runs counts.")
    parser.add_argument("--run", nargs=3, metavar=("NAME", "SOURCE", "TARGET"))
    args = parser.parse_args()
    if args.run:
        name, source, target = args.run
        RUNS[name](Path(source), Path(target))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for size in args.sizes:
            source = folder / f"{size}.jsonl"
            generate(source, size)
            # Turn by turn, so that a busy moment of the machine hits all alike.
            names = [name for name in RUNS if name != "loop" or size <= args.loop_up_to]
            names.append("halves")
            rounds = [
                {name: measure(name, source, folder) for name in names} for _ in range(args.repeat)
            ]
            best = {n: min((r[n] for r in rounds), key=lambda m: m["seconds"]) for n in names}
            show(size, source, best)


def show(size: int, source: Path, best: dict[str, dict[str, float]]) -> None:
    floor, cpu = best["make_doc"]["seconds"], best["make_doc"]["cpu"]
    print(f"\n{size:,} articles, {source.stat().st_size / 1e6:.0f} MB of JSONL")
    print(f"{'':12} {'seconds':>8} {'x floor':>8} {'CPU':>8} {'x floor':>8} {'peak MB':>8}")
    for name, got in best.items():
        print(
            f"{name:12} {got['seconds']:8.2f} {got['seconds'] / floor:8.2f} "
            f"{got['cpu']:8.2f} {got['cpu'] / cpu:8.2f} {got['peak_mb']:8.0f}"
        )
    one = best["convert"]["seconds"]
    print(f"two workers: {one / best['convert-w2']['seconds']:.2f} x one", end=", ")
    print(f"two separate converts: {one / best['halves']['seconds']:.2f} x")


if __name__ == "__main__":
    main()
