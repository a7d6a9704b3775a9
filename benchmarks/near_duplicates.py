"""Near-duplicates against planted wire copies and against counting all pairs, beside other tools.

    python benchmarks/near_duplicates.py                                  # corpus alone
    python -m venv /tmp/peers && /tmp/peers/bin/pip install datasketch rensa text-dedup
    python benchmarks/near_duplicates.py --peers /tmp/peers/bin/python    # the others beside it
    python benchmarks/near_duplicates.py --real FILE.jsonl …              # texts of your own

Each tool reads the same JSONL in a process of its own; seconds are of all of it but imports.
Recall: planted copies found as a pair with their original. Precision: pairs found that are planted.
The peers run as their manuals say: five-word shingles, 128 permutations, Jaccard 0.5. In `--real`,
where nothing is planted, the truth is counting every pair exactly, by the definition in
docs/split.md, written anew here with Python's sets; joined are the pairs of it that stand in one
group in the end, since of many copies of one text not every pair is listed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import combinations
from pathlib import Path

from benchmarks.results import Row, add_options

TOOLS = ("corpus", "datasketch", "rensa", "text_dedup")
Pairs = set[tuple[str, str]]
TARGET = ">= 0.98"


def records(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def five_words(text: str) -> list[str]:
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + 5]) for at in range(max(len(words) - 4, 1))]


def run_corpus(path: Path) -> Iterator[tuple[str, str]]:
    import hashlib

    from corpus.splits.near_duplicates import NearDuplicates

    ids = []
    with closing(NearDuplicates()) as near:
        for record in records(path):
            ids.append(record["id"])
            raw = hashlib.blake2b(record["text"].encode(), digest_size=8).digest()
            near.add(record["text"], int.from_bytes(raw, "big"))
        for pair in near.pairs():
            yield ids[pair.first], ids[pair.second]


def run_datasketch(path: Path) -> Iterator[tuple[str, str]]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.5, num_perm=128)
    for record in records(path):
        minhash = MinHash(num_perm=128)
        minhash.update_batch([s.encode() for s in set(five_words(record["text"]))])
        for other in index.query(minhash):
            yield other, record["id"]
        index.insert(record["id"], minhash)


def run_rensa(path: Path) -> Iterator[tuple[str, str]]:
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    ids: list[str] = []
    for record in records(path):
        minhash = RMinHash(num_perm=128, seed=1)
        minhash.update(five_words(record["text"]))
        for other in index.query(minhash):
            yield ids[other], record["id"]
        index.insert(len(ids), minhash)
        ids.append(record["id"])


def run_text_dedup(path: Path) -> Iterator[tuple[str, str]]:
    """The pairs of its clusters, each text with each; it runs one process here."""
    import pickle

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--debug"]
        command += ["--data_files", str(path), "--split", "train", "--column", "text"]
        command += ["--ngram", "5", "--num_perm", "128", "--threshold", "0.5", "--num_proc", "1"]
        command += ["--cache_dir", f"{folder}/cache", "--output", f"{folder}/out"]
        subprocess.run(command, check=True, capture_output=True)
        union = pickle.loads(Path(folder, "out", "uf.pkl").read_bytes())
    ids = [record["id"] for record in records(path)]
    clusters: dict[int, list[str]] = {}
    for number in union.parent:
        clusters.setdefault(union.find(number), []).append(ids[number])
    for cluster in clusters.values():
        yield from combinations(cluster, 2)


def child(tool: str, path: Path, output: Path) -> None:
    __import__({"corpus": "corpus.splits.near_duplicates"}.get(tool, tool))  # is not counted
    start, worked = time.monotonic(), processor_seconds()
    found = list(globals()[f"run_{tool}"](path))
    seconds, worked = time.monotonic() - start, processor_seconds() - worked
    usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(usage).ru_maxrss for usage in usages) / 1000
    output.write_text(json.dumps({"seconds": [seconds, worked], "peak": peak, "pairs": found}))


def processor_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def run_tool(tool: str, python: str, path: Path) -> tuple[list[float], float, Pairs]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "found.json"
        command = [python, __file__, "--child", tool, str(path), str(output)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        subprocess.run(command, check=True, env=environment)
        found = json.loads(output.read_text())
    pairs = {tuple(sorted(pair)) for pair in found["pairs"]}
    return found["seconds"], found["peak"], pairs


def report_planted(path: Path, tools: Iterable[tuple[str, str]]) -> list[Row]:
    planted, count = {}, 0
    for record in records(path):
        count += 1
        if record["copy_of"]:
            pair = tuple(sorted((record["id"], record["copy_of"])))
            planted[pair] = record["edit"]
    title = f"{count:,} articles, {len(planted):,} copies"
    rows = []
    of_edit = Counter(planted.values())
    by_edit = {}
    for tool, python in tools:
        seconds, peak, found = run_tool(tool, python, path)
        right = found & set(planted)
        hits = Counter(planted[pair] for pair in right)
        by_edit[tool] = [hits[edit] / of_edit[edit] for edit in of_edit]
        recall, precision = len(right) / len(planted), len(right) / max(len(found), 1)
        figures = {"recall": f"{recall:.4f}", "precision": f"{precision:.4f}"}
        rows.append(Row(title, tool, None, *seconds, peak_mb=peak, figures=figures))
        if tool == "corpus":
            of = "all planted"
            rows.append(Row(title, "corpus: recall", count, ratio=recall, of=of, target=TARGET))
            of = "all found"
            rows.append(
                Row(title, "corpus: precision", count, ratio=precision, of=of, target=TARGET)
            )
    return rows + [
        Row(f"recall by edit, {count:,} articles", tool,
            figures={edit: f"{share:.3f}" for edit, share in zip(of_edit, shares, strict=True)})
        for tool, shares in by_edit.items()
    ]  # fmt: skip


def three_words(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())
    return {tuple(words[at : at + 3]) for at in range(max(len(words) - 2, 1))} if words else set()


def is_copy(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> bool:
    shared, shorter = len(one & other), min(len(one), len(other))
    both = len(one) + len(other) - shared
    return bool(shared) and (shared >= max(8, shorter / 2) or shared >= both / 2)


def report_real(path: Path) -> Row:
    """Copies that are there already, then with one of every ten texts edited and added."""
    texts = {record["id"]: record["text"] for record in records(path)}
    rng = random.Random(1)
    for id in rng.sample(sorted(texts), len(texts) // 10):
        texts[f"copy-{id}"] = edited(texts[id], rng)
    different = {text: id for id, text in texts.items()}  # equal texts go together anyhow
    texts = {id: text for text, id in different.items()}
    words = {id: three_words(text) for id, text in texts.items()}
    truth = {tuple(sorted(p)) for p in combinations(words, 2) if is_copy(words[p[0]], words[p[1]])}
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder) / "texts.jsonl"
        lines = (json.dumps({"id": id, "text": text}) + "\n" for id, text in texts.items())
        both.write_text("".join(lines))
        _, _, found = run_tool("corpus", sys.executable, both)
    added = [id for id in texts if id.startswith("copy-")]
    linked = {id for pair in found for id in pair if id.startswith("copy-")}
    groups: dict[str, set[str]] = {id: {id} for id in texts}
    for one, other in found:
        groups[one] |= groups[other]
        for id in groups[one]:
            groups[id] = groups[one]
    joined = sum(one in groups[other] for one, other in truth)
    figures: dict[str, float | int | str] = {
        "number": len(texts),
        "pairs": len(truth),
        "found": len(found),
        "of these pairs": len(found & truth),
        "joined": joined,
        "edited copies found": f"{len(linked)} of {len(added)}",
    }
    return Row("texts, beside counting every pair", path.stem, figures=figures)


def edited(text: str, rng: random.Random) -> str:
    """Another first line, the last third gone, other numbers, one word in 30 another's."""
    words = text.split(" ")
    words = words[: max(len(words) * 2 // 3, 1)]
    for at, word in enumerate(words):
        if word.isdigit() or rng.random() < 1 / 30:
            words[at] = str(rng.randint(2, 9999)) if word.isdigit() else rng.choice(words)
    return " ".join(["Update", "by", "the", "news", "desk", ":", *words])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--peers", default="", help="a Python that has the peers")
    parser.add_argument("--peers-up-to", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=Path, nargs="+", default=[])
    parser.add_argument("--child", nargs=3)
    add_options(parser)
    asked = parser.parse_args()
    if asked.child:
        tool, path, output = asked.child
        child(tool, Path(path), Path(output))
        return
    from benchmarks.planted_copies import write_planted
    from benchmarks.results import publish

    rows = [report_real(path) for path in asked.real]
    for size in [] if asked.real else asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "planted.jsonl"
            write_planted(path, size, seed=asked.seed)
            tools = [("corpus", sys.executable)]
            if asked.peers and size <= asked.peers_up_to:
                tools += [(tool, asked.peers) for tool in TOOLS[1:]]
            rows += report_planted(path, tools)
    command = f"python benchmarks/near_duplicates.py --sizes {' '.join(map(str, asked.sizes))}"
    packages = ("numpy", "datasketch", "rensa", "text-dedup")
    publish("near_duplicates", rows, asked, command=command, packages=packages)


if __name__ == "__main__":
    main()
