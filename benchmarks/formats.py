"""Converters side by side on the same mentions: documents a second, and mentions lost.

    python -m venv peers && peers/bin/pip install label-studio-sdk
    peers/bin/pip install --no-deps doccano-transformer
    python benchmarks/formats.py --data DATA --peers peers/bin/python

DATA holds hipe2022, elevant, re3d and wnut17. Each peer gets what its own tool would export: we
write Label Studio's JSON and Doccano's JSONL of all five corpora, and WNUT17 is CoNLL already. A
mention is kept if its label and its letters (blanks aside) stand in the output; the others are
lost. doccano-transformer 1.0.2 imports a module that spaCy has no more, and knows only the key
`labels` of older Doccanos: here it gets a stub, that key, and words and signs as tokens.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks.results import Row, add_options, publish
from corpus.formats import FORMATS
from corpus.formats.exporting import export_documents
from corpus.formats.importing import import_documents
from corpus.manifest import Manifest, Stage
from corpus.model import Document
from corpus.store import read_documents, write_documents

CORPORA = {
    "hipe2022/HIPE-2022-v2.1-topres19th-dev-en.tsv": "hipe",
    "hipe2022/HIPE-2022-v2.1-newseye-dev-sv.tsv": "hipe",
    "elevant/wiki-fair-v2.benchmark.jsonl": "elevant",
    "re3d/CENTCOM": "re3d",
    "wnut17/emerging.dev.conll": "conll",
}

LABEL_STUDIO = """
import sys, time
from label_studio_sdk.converter import Converter
labels = "".join(f'<Label value="{label}"/>' for label in sys.argv[3:])
config = ('<View><Text name="text" value="$text"/><Labels name="label" toName="text">' + labels
          + '</Labels></View>')
begun = time.perf_counter()
Converter(config, None).convert_to_conll2003(sys.argv[1], sys.argv[2], is_dir=False)
print(time.perf_counter() - begun)
"""

DOCCANO_TRANSFORMER = """
import sys, time, types
gold = types.ModuleType("spacy.gold")
gold.biluo_tags_from_offsets = None
sys.modules["spacy"] = types.ModuleType("spacy")
sys.modules["spacy.gold"] = gold
import re
from doccano_transformer.datasets import NERDataset
from doccano_transformer.utils import read_jsonl
begun = time.perf_counter()
with open(sys.argv[2], "w", encoding="utf-8") as sink:
    data = read_jsonl(sys.argv[1], NERDataset)
    for one in data.to_conll2003(tokenizer=re.compile(r"\\w+|[^\\w\\s]").findall):
        sink.write(one["data"])
print(time.perf_counter() - begun)
"""

DATASETS = """
import sys, time, datasets
begun = time.perf_counter()
found = datasets.load_dataset(sys.argv[1], cache_dir=sys.argv[2])["train"]
with open(sys.argv[3], "w", encoding="utf-8") as sink:
    for row in found:
        for m in row["mentions"]:
            surface = "".join(row["text"][m["start"]:m["end"]].split())
            sink.write(m["label"] + "\\t" + surface + "\\n")
print(time.perf_counter() - begun)
"""


def stage() -> Stage:
    return Stage("-", Manifest("benchmark"))


def facts(documents: Iterable[Document]) -> Counter[str]:
    """`label<tab>letters` of every mention of the one layer."""
    return Counter(
        f"{m.label}\t{''.join(d.text[m.start : m.end].split())}"
        for d in documents
        for m in d.layers[0].mentions
    )


def tagged(path: Path) -> Counter[str]:
    """The same of a CoNLL file, whatever its columns: first the word, last the tag."""
    return Counter(runs(path.read_text("utf-8").split("\n")))


def runs(lines: Iterable[str]) -> Iterator[str]:
    label, words = "", ""
    for line in [*lines, ""]:
        columns = line.split()
        prefix, _, name = (columns[-1] if len(columns) > 1 else "O").partition("-")
        if label and (prefix != "I" or name != label):
            yield f"{label}\t{words}"
            label = ""
        if prefix in ("B", "I") and not line.startswith("-DOCSTART-"):
            words = words + columns[0] if label else columns[0]
            label = name


def timed(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def best(run: Callable[[], float], rounds: int) -> float:
    return min(run() for _ in range(rounds))


def peer(python: str, code: str, *args: str | Path) -> float:
    done = subprocess.run(
        [python, "-c", code, *map(str, args)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.split()[-1])


def row(
    name: str,
    documents: int,
    seconds: float,
    wanted: Counter[str],
    found: Counter[str],
    listed: int = 0,
    *,
    table: str = "all five corpora",
) -> Row:
    total = wanted.total()
    lost = total - (wanted & found).total()
    figures: dict[str, float | int | str] = {
        "documents/s": round(documents / seconds),
        "mentions": total,
        "lost": f"{lost:,} ({lost / total:.1%})",
        "of these listed": listed,
    }
    return Row(table, name, figures=figures)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--peers", default=sys.executable, help="a Python that has the peers")
    asked.add_argument("--rounds", type=int, default=3)
    add_options(asked)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(given.data, given.peers, given.rounds, Path(folder))
    command = f"python benchmarks/formats.py --data DATA --peers PYTHON --rounds {given.rounds}"
    publish("formats", rows, given, command=command, packages=("spacy", "datasets"))


def measure(data: Path, peers: str, rounds: int, home: Path) -> list[Row]:
    everything = [
        document
        for where, kind in CORPORA.items()
        for document in import_documents(data / where, format=FORMATS[kind], stage=stage())
    ]
    write_documents(everything, home / "all.jsonl")
    wanted = facts(everything)
    labels = sorted({key.partition("\t")[0] for key in wanted})
    number = len(everything)
    listed: dict[str, int] = {}

    def ours(name: str) -> float:
        def export() -> None:
            of = stage()
            documents = read_documents(home / "all.jsonl")
            export_documents(documents, home / name, format=FORMATS[name], stage=of)
            listed[name] = of.mentions.rejected

        return best(lambda: timed(export), rounds)

    seconds = ours("conll")
    found = tagged(home / "conll")
    rows = [row("corpus → CoNLL", number, seconds, wanted, found, listed["conll"])]
    for name in ("docbin", "label-studio", "doccano", "huggingface"):
        seconds = ours(name)
        again = facts(FORMATS[name].read(home / name))
        title = f"corpus → {FORMATS[name].title}"
        rows.append(row(title, number, seconds, wanted, again, listed[name]))
    tasks = json.loads((home / "label-studio").read_text("utf-8"))
    for n, task in enumerate(tasks):  # as the server numbers them
        task |= {"id": n, "created_at": "", "updated_at": ""}
        for annotation in task["annotations"]:
            annotation |= {"id": n, "completed_by": 1, "lead_time": 1, "created_at": ""}
    (home / "tasks.json").write_text(json.dumps(tasks))
    files = (home / "tasks.json", home / "ls")
    used = best(lambda: peer(peers, LABEL_STUDIO, *files, *labels), rounds)
    found = tagged(home / "ls/result.conll")
    rows.append(row("label-studio-sdk, its JSON → CoNLL", number, used, wanted, found))
    lines = [json.loads(line) for line in (home / "doccano").read_text("utf-8").splitlines()]
    older = [{"id": n, "text": one["text"], "labels": one["label"]} for n, one in enumerate(lines)]
    (home / "older").write_text("".join(json.dumps(one) + "\n" for one in older))
    used = best(lambda: peer(peers, DOCCANO_TRANSFORMER, home / "older", home / "dt"), rounds)
    found = tagged(home / "dt")
    rows.append(row("doccano-transformer, Doccano → CoNLL", number, used, wanted, found))
    used = peer(sys.executable, DATASETS, home / "huggingface", home / "cache", home / "hf.tsv")
    found = Counter((home / "hf.tsv").read_text("utf-8").splitlines())
    rows.append(row("datasets, our folder read", number, used, wanted, found))
    return rows + wnut(data / "wnut17/emerging.dev.conll", rounds, home)


def wnut(source: Path, tries: int, home: Path) -> list[Row]:
    from spacy import blank
    from spacy.cli.convert import convert
    from spacy.tokens import DocBin

    wanted = tagged(source)
    rows = []

    def ours() -> None:
        found = import_documents(source, format=FORMATS["conll"], stage=stage())
        export_documents(found, home / "wnut.spacy", format=FORMATS["docbin"], stage=stage())

    def theirs() -> None:
        convert(source, home, converter="ner", n_sents=1, file_type="spacy", silent=True)

    number = len(list(FORMATS["conll"].read(source)))
    runs_of: tuple[tuple[str, Callable[[], None], Path], ...] = (
        ("corpus, read again and compared", ours, home / "wnut.spacy"),
        ("spacy convert", theirs, home / "emerging.dev.spacy"),
    )
    for name, run, made in runs_of:
        seconds = min(timed(run) for _ in range(tries))
        docs = DocBin().from_disk(made).get_docs(blank("xx").vocab)
        found = Counter(f"{e.label_}\t{''.join(e.text.split())}" for d in docs for e in d.ents)
        table = "WNUT17: CoNLL → DocBin"
        rows.append(row(name, number, seconds, wanted, found, table=table))
    return rows


if __name__ == "__main__":
    main()
