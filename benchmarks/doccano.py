"""push and pull beside the bare bulk calls that they stand on, on a live Doccano.

    DOCCANO_URL=… DOCCANO_USERNAME=… DOCCANO_PASSWORD=… \\
        python benchmarks/doccano.py --documents 2000 --spans 20 --rounds 3

The floor is what doccano-client's own session can do: one upload of the whole file, one full
and one confirmed export, each waited for at once. Beside it stand doccano-client's calls for
single examples, as its documentation shows them: create_example and create_span; examples.all(),
and of each example spans.all() and comments.all(), which is what a pull brings. They are made for
--sample documents, times as many as there are. Wall time, because the server does the work; each
round runs floor and ours by turns, in projects of their own, deleted afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from doccano_client import DoccanoClient
from doccano_client.beta import DoccanoClient as BetaClient

from benchmarks.results import Row, add_options, publish
from corpus.doccano.client import Doccano
from corpus.doccano.mapping import encode_row, suggest_spans
from corpus.doccano.projects import create_project
from corpus.doccano.pull import PullPlan, pull_documents
from corpus.doccano.push import PushPlan, push_documents
from corpus.doccano.settings import read_settings
from corpus.model import Document, Layer, Mention, make_document, with_ids
from corpus.store import read_documents, write_documents

WORDS = ["Moscow", "OSCE", "😀", "talks", "Kyiv", "said", "x̂", "Biden", "on", "crisis", "of", "the"]


def make_documents(count: int, spans: int) -> Iterator[Document]:
    """Articles of about 2.5 kB, each with so many suggested spans."""
    choose = random.Random(0)
    for number in range(count):
        words = choose.choices(WORDS, k=420)
        mentions, start = [], 0
        for word in words:
            if word[0].isupper() and len(mentions) < spans:
                label = choose.choice(["GPE", "ORG", "PER"])
                mentions.append(Mention("", start, start + len(word), label))
            start += len(word) + 1
        layer = Layer("silver", mentions=with_ids(mentions))
        yield make_document(f"{number:06}", " ".join(words), layers=(layer,))


def upload_bare(client: Doccano, project: int, source: Path, name: str) -> None:
    """All rows in one file, as the client's own bulk upload sends it."""
    rows = [
        encode_row(document, suggest_spans(document, "silver").spans, project=name, batch="")
        for document in read_documents(source)
    ]
    upload = client._request("POST", "fp/process/", files={"filepond": ("a", b"".join(rows))}).text
    fields = {
        "format": "JSONL",
        "task": "SequenceLabeling",
        "uploadIds": [upload],
        "column_data": "text",
        "column_label": "label",
        "encoding": "utf_8",
        "delimiter": "",
    }
    task = client._json("POST", f"projects/{project}/upload", json=fields)["task_id"]
    client._wait(task, "the bare upload")


def push_one_by_one(client: DoccanoClient, project: int, documents: list[Document]) -> None:
    """An example a call, a span a call."""
    types = {}
    for label in ("GPE", "ORG", "PER"):
        types[label] = client.create_span_type(project, label)["id"]
    for document in documents:
        example = client.create_example(project, document.text)["id"]
        for start, end, label in suggest_spans(document, "silver").spans:
            stored = client.create_span(
                project, example, types[label], start_offset=start, end_offset=end
            )
            assert stored["start_offset"] == start


def pull_one_by_one(client: BetaClient, project: int, count: int) -> None:
    """The first `count` examples as the client's controllers walk them: pages of ten, then the
    spans and the comments of each by a call; whether it is confirmed stands in the page."""
    examples = client.projects.get(project).examples.all()
    for example in islice(examples, count):
        assert not example.example.is_confirmed
        assert list(example.spans.all())
        assert not list(example.comments.all())


def run_one_by_one(
    client: Doccano, source: Path, sample: int, count: int, bare: int, times: dict[str, list[float]]
) -> None:
    """The seconds of `sample` documents, times `count` / `sample`; pulled from all of `bare`."""
    server = read_settings()
    single = DoccanoClient(f"{server.url}/", server.username, server.password)
    walking = BetaClient(server.url)
    walking.login(server.username, server.password)
    documents = list(islice(read_documents(source), sample))
    name = f"benchmark {random.SystemRandom().getrandbits(32):08x} single"
    project = create_project(client, name, "")["id"]
    for what, work in (
        ("push one by one", lambda: push_one_by_one(single, project, documents)),
        ("pull one by one", lambda: pull_one_by_one(walking, bare, len(documents))),
    ):
        clock(times, what, work)
        times[what][-1] *= count / len(documents)
    client.delete_project(project)


def clock(times: dict[str, list[float]], what: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    times.setdefault(what, []).append(time.perf_counter() - started)
    print(f"  {what}: {times[what][-1]:.1f} s", file=sys.stderr, flush=True)


def run_ours(client: Doccano, source: Path, folder: Path, times: dict[str, list[float]]) -> None:
    """Push and pull alone: what the process needs of memory is theirs."""
    name = f"benchmark {random.SystemRandom().getrandbits(32):08x}"
    plan = PushPlan(documents=source, project=name)
    for what in ("push", "second push"):
        clock(times, what, lambda: push_documents(plan, client, print))
    clock(times, "pull", lambda: pull_documents(PullPlan(folder / name, name, source), client))
    for project in client.list_projects():
        if project["name"] == name:
            client.delete_project(project["id"])


def run_round(
    client: Doccano, source: Path, folder: Path, sample: int, times: dict[str, list[float]]
) -> None:
    name = f"benchmark {random.SystemRandom().getrandbits(32):08x}"
    bare = create_project(client, f"{name} bare", "")["id"]
    clock(times, "bare upload", lambda: upload_bare(client, bare, source, f"{name} bare"))
    clock(times, "full export", lambda: client.export_project(bare, folder / "full.zip"))
    plan = PushPlan(documents=source, project=name)

    def push(sent: int) -> None:
        result = push_documents(plan, client, print)
        assert result.clean and result.sent == sent, result

    count = sum(1 for _ in read_documents(source))
    clock(times, "push", lambda: push(count))
    clock(times, "second push", lambda: push(0))

    def export_both() -> None:
        # As pull asks for them: an export right after another can take a quarter longer.
        client.export_project(bare, folder / "confirmed.zip", confirmed=True)
        client.export_project(bare, folder / "full.zip")

    clock(times, "confirmed and full export", export_both)
    pull = PullPlan(folder / name, name, source)
    clock(times, "pull", lambda: pull_documents(pull, client))
    run_one_by_one(client, source, sample, count, bare, times)
    for project in client.list_projects():
        if project["name"] in (name, f"{name} bare"):
            client.delete_project(project["id"])


def rows_of(times: dict[str, list[float]], count: int) -> list[Row]:
    median = {what: statistics.median(values) for what, values in times.items()}
    floors = {
        "push": ("bare upload", "full export"),
        "second push": ("full export",),
        "pull": ("confirmed and full export",),
        "push one by one": ("push",),
        "pull one by one": ("pull",),
    }
    rows = []
    for what, parts in floors.items():
        # The ratio of each round, so that a slow minute of the machine slows both sides.
        ratios = [
            ours / sum(times[part][at] for part in parts) for at, ours in enumerate(times[what])
        ]
        floor = sum(median[part] for part in parts)
        single = "one by one" in what
        figures = {"floor s": floor, "of the rounds": ", ".join(f"{one:.2f}" for one in ratios)}
        rows.append(Row("On a live Doccano", what, count, median[what], None,
                        statistics.median(ratios), " + ".join(parts),
                        ">= 10" if single else "<= 1.2", figures=figures))  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--spans", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--ours", action="store_true", help="no floor: only push and pull")
    add_options(parser)
    options = parser.parse_args()
    client = Doccano(read_settings())
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = folder / "silver.jsonl"
        write_documents(make_documents(options.documents, options.spans), source)
        for _ in range(options.rounds):
            if options.ours:
                run_ours(client, source, folder, times)
                continue
            run_round(client, source, folder, options.sample, times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of this process: {peak} MB", file=sys.stderr)
    if options.ours:
        print(json.dumps(times))
        return
    command = f"python benchmarks/doccano.py --documents {options.documents} "
    command += f"--spans {options.spans} --rounds {options.rounds}"
    rows = rows_of(times, options.documents)
    publish("doccano", rows, options, command=command, packages=("doccano-client",))


if __name__ == "__main__":
    main()
