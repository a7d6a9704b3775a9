"""Document JSONL read and written, beside the fastest JSON library alone, in one process.

    python benchmarks/jsonl.py                # 10,000 and 100,000 documents
    python benchmarks/jsonl.py --sizes 2000   # a quick look

(a) orjson        orjson.loads of each line; orjson.dumps of each dict, to a plain file: the floor
(b) corpus.store  read_documents, each document proven sound; write_documents, atomic and synced

Documents are of 2.7 kB of text without layers, as convert makes them, then with 20 mentions of
one link each. Seconds are processor time, the best of five runs turn by turn.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from benchmarks.generated_articles import generate
from benchmarks.results import Row, add_options, publish
from corpus.cli import run
from corpus.model import Document, Layer, Link, Mention, with_layer
from corpus.store import read_documents, write_documents

TARGET = "<= 1.5"


def annotated(document: Document) -> Document:
    mentions = tuple(
        Mention(f"m{n}", 40 * n, 40 * n + 9, "ORG", links=(Link("Q81299"),)) for n in range(20)
    )
    return with_layer(document, Layer(name="silver", mentions=mentions))


def plain_read(path: Path) -> None:
    with path.open("rb") as lines:
        for line in lines:
            orjson.loads(line)


def plain_write(values: list[object], path: Path) -> None:
    with path.open("wb") as sink:
        for value in values:
            sink.write(orjson.dumps(value))
            sink.write(b"\n")


def our_read(path: Path) -> None:
    for _ in read_documents(path):
        pass


def best(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    seconds = dict.fromkeys(tasks, float("inf"))
    for _ in range(5):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            seconds[name] = min(seconds[name], time.process_time() - start)
    return seconds


def compare(kind: str, path: Path, folder: Path) -> list[Row]:
    documents = list(read_documents(path))
    with path.open("rb") as lines:
        values = [orjson.loads(line) for line in lines]
    out = folder / "out.jsonl"
    got = best(
        {
            "orjson read": lambda: plain_read(path),
            "read": lambda: our_read(path),
            "orjson write": lambda: plain_write(values, out),
            "write": lambda: write_documents(documents, out),
        }
    )
    return [
        Row("Document JSONL", f"{task}, {kind}", len(documents), None, got[task],
            got[task] / got[f"orjson {task}"], "orjson", TARGET,
            figures={"orjson s": got[f"orjson {task}"]})
        for task in ("read", "write")
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    add_options(parser)
    options = parser.parse_args()
    rows: list[Row] = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            articles, path = folder / "articles.jsonl", folder / "documents.jsonl"
            generate(articles, size)
            run(["convert", str(articles), "-o", str(path)])
            rows += compare("without layers", path, folder)
            marked = folder / "marked.jsonl"
            write_documents(map(annotated, read_documents(path)), marked)
            rows += compare("of 20 mentions", marked, folder)
    sizes = " ".join(map(str, options.sizes))
    command = f"python benchmarks/jsonl.py --sizes {sizes}"
    publish("jsonl", rows, options, command=command, packages=("orjson", "msgspec"))


if __name__ == "__main__":
    main()
