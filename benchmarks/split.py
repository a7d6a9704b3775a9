"""corpus split of articles with gold: processor time, memory, and the hash of what it writes.

    python benchmarks/split.py --sizes 5000 20000 100000
    python benchmarks/split.py --sizes 20000 --profile    # where the time goes

Articles as benchmarks/planted_copies.py makes them, 5 % of them copies; every eighth of a text's
words is a mention, up to 20 of them, two in three of them linked. With `--inside` some mentions are
parts of numbers like 1,234, so that in half of the documents tokens must be cut. `make_doc` is what
reading the documents and spaCy's tokenizer alone need: a DocBin cannot be written without them.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import pstats
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import exponent
from benchmarks.planted_copies import plant
from benchmarks.results import Row, add_options, publish
from corpus.model import NIL, Document, Layer, Link, Mention, make_document
from corpus.store import read_documents, write_documents

TARGET = "<= 1.5"
LABELS = ("PER", "LOC", "ORG", "EVENT")
WRITTEN = tuple(
    f"{name}.{kind}" for name in ("train", "dev", "test") for kind in ("jsonl", "spacy")
)


def annotated(count: int, *, inside: bool = False) -> Iterator[Document]:
    """The articles with 20 mentions each, or as many as they have words for."""
    kind = re.compile(r"\w+" if inside else r"[^\W\d]+")
    for number, record in enumerate(plant(count)):
        words = list(kind.finditer(record["text"]))[::8][:20]
        mentions = []
        for at, word in enumerate(words):
            target = (f"Q{len(word[0])}{ord(word[0][0])}", NIL, "")[(number + at) % 3]
            links = (Link(target),) if target else ()
            label = LABELS[len(word[0]) % 4]
            mentions.append(Mention(str(at), word.start(), word.end(), label, links))
        layer = Layer("gold", mentions=tuple(mentions))
        yield make_document(record["id"], record["text"], lang="en", layers=(layer,))


def split(documents: Path, output: Path) -> None:
    from corpus.cli import run

    assert run(["split", str(documents), "-o", str(output)]) == 0


def tokenize(documents: Path) -> None:
    import spacy

    nlp = spacy.blank("en")
    for document in read_documents(documents):
        nlp.make_doc(document.text)


def measured(*arguments: str) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak MB of this file run with these arguments."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.split", *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, used, float(output.split()[-1])


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for name in (*WRITTEN, "splits.jsonl", "linking-sets.jsonl"):
        found.update((folder / name).read_bytes())
    return found.hexdigest()[:12]


def table(sizes: list[int], folder: Path, *, inside: bool) -> list[Row]:
    rows: list[Row] = []
    floor = 0.0
    for size in sizes:
        documents = folder / f"{size}.jsonl"
        write_documents(annotated(size, inside=inside), documents)
        for what in ("make_doc", "corpus split"):
            out = folder / f"{size}-splits"
            seconds, used, peak = measured("--one", what, str(documents), str(out))
            told = {"sha256": digest(out)} if what != "make_doc" else {}
            floor = used if what == "make_doc" else floor
            target, of = ("", "") if what == "make_doc" else (TARGET, "make_doc")
            rows.append(Row("One core", what, size, None, used, used / floor, of, target, peak,
                            told))  # fmt: skip
    seconds = {row.size: row.processor for row in rows if row.target}
    if len(seconds) > 1:
        rows.append(Row("From the smallest size to the largest",
                        "corpus split: exponent of time over size", ratio=exponent(seconds),
                        of="1 is linear", target="<= 1.05"))  # fmt: skip
    return rows


def profile(size: int, folder: Path, *, inside: bool) -> None:
    documents = folder / "documents.jsonl"
    write_documents(annotated(size, inside=inside), documents)
    found = cProfile.Profile()
    found.runcall(split, documents, folder / "splits")
    pstats.Stats(found).sort_stats("tottime").print_stats(40)
    pstats.Stats(found).sort_stats("cumulative").print_stats(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5000, 20_000])
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--inside", action="store_true")
    parser.add_argument("--one", nargs=3)
    add_options(parser)
    options = parser.parse_args()
    if options.one:
        what, documents, output = options.one
        if what == "make_doc":
            tokenize(Path(documents))
        else:
            split(Path(documents), Path(output))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.profile:
            profile(options.sizes[0], Path(folder), inside=options.inside)
        else:
            rows = table(options.sizes, Path(folder), inside=options.inside)
            sizes = " ".join(map(str, options.sizes))
            command = f"python benchmarks/split.py --sizes {sizes}"
            command += " --inside" if options.inside else ""
            publish("split", rows, options, command=command, packages=("spacy",))


if __name__ == "__main__":
    main()
