"""corpus curve, as a person types it, over a model that needs no training."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.model import make_document
from corpus.store import write_documents
from tests.curve.growing import learn_by_heart, news, write_splits

ROOT = Path(__file__).parents[2]
TARGETS = ("Q1899", "Q2280", "NIL", "Q81299")


@pytest.fixture
def splits(tmp_path, monkeypatch):
    learn_by_heart(monkeypatch.setattr)
    train = [news(n, target=TARGETS[n % 4]) for n in range(8)]
    dev = [news(n, target=TARGETS[n % 4]) for n in range(8, 13)]
    dev.append(news(13, name="Kyiv", label="ONLY IN DEV", target="Q1899"))
    dev.append(make_document("bare", "No gold here."))
    return write_splits(tmp_path / "splits", train, dev)


def files(folder):
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if not path.name.endswith((".manifest.json", ".lock"))
    }


def test_curve_prints_a_table_and_what_it_suggests(run_cli, splits, tmp_path):
    out = tmp_path / "curve"
    command = ["curve", splits, "-o", out, "--task", "both", "--shares", "0.01,0.25,0.5,1",
               "--seeds", "2"]  # fmt: skip
    ran = run_cli(command)
    assert (ran.code, ran.err) == (0, "1 document without a layer 'gold' left out\n")
    lines = ran.out.splitlines()
    assert lines[:2] == [
        "ner, strong_typed_mention_match, on 6 documents of dev",
        "  share  documents  mentions      F     interval  precision  recall",
    ]
    assert re.fullmatch(
        r"     1%          0         0  0.000  0.000-0.000      0.000   0.000", lines[2]
    )
    assert lines[5].startswith("   100%          8         8  0.833  ")
    assert lines[6:8] == [
        "  0 documents, seed 0: no documents",
        "  0 documents, seed 1: no documents",
    ]
    assert re.match(
        r"ner: from 4 to 8 documents F changed by \+0\.\d{3} \(95 % interval ", lines[8]
    )
    assert lines[-1] == f"{out / 'curve.html'}: the curve as a picture"
    assert sorted(files(out)) == ["curve.html", "curve.json", *sorted(
        f"runs/{task}-0000{size}-seed{seed}.json"
        for task in ("ner", "links") for size in (0, 2, 4, 8) for seed in (0, 1)
    )]  # fmt: skip
    curve = json.loads((out / "curve.json").read_text())
    assert curve["tasks"]["ner"]["gold"] == {"": 6, "GPE": 5, "ONLY IN DEV": 1}
    last = curve["tasks"]["ner"]["points"][-1]["figures"]["strong_typed_mention_match"]
    assert last["ONLY IN DEV"]["recall"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    # NIL everywhere is right of the NIL in dev, whatever was learnt.
    nothing = curve["tasks"]["links"]["points"][0]["figures"]
    assert nothing["strong_all_match"][""]["fscore"]["value"] == 0.166667
    again = run_cli([*command, "--json"])
    assert json.loads(again.out)["up_to_date"] is True
    assert json.loads(again.out)["says"]["ner"] == lines[8]
    assert run_cli(["check", tmp_path]).code == 0


def test_the_page_needs_no_network_no_script_and_no_colour(run_cli, splits, tmp_path):
    run_cli(["curve", splits, "-o", tmp_path / "curve", "--shares", "0.5,1"])
    page = (tmp_path / "curve/curve.html").read_text("utf-8")
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=", page) == []
    assert "style=" not in page
    assert page.count("<svg") == 3  # all labels together, and each of the two
    assert "ONLY IN DEV (1 in dev)" in page
    assert "prefers-color-scheme: dark" in page
    assert "stroke-dasharray" in page
    assert {">F<", ">precision<", ">recall<"} <= set(re.findall(">F<|>precision<|>recall<", page))


def test_only_what_is_new_is_trained(run_cli, splits, tmp_path):
    out = tmp_path / "curve"
    run_cli(["curve", splits, "-o", out, "--shares", "0.5,1", "--seeds", "1"])
    ran = run_cli(["curve", splits, "-o", out, "--shares", "0.25,0.5,1", "--seeds", "2"])
    assert "2 models of an earlier run, 4 trained now\n" in ran.err
    # Another document of dev makes each run another; a broken run's file is made again.
    (out / "runs/ner-00008-seed0.json").write_text("{}")
    (out / "curve.json").unlink()
    ran = run_cli(["curve", splits, "-o", out, "--shares", "0.25,0.5,1", "--seeds", "2"])
    assert "5 models of an earlier run, 1 trained now\n" in ran.err
    write_documents([news(20), news(21)], splits / "dev.jsonl")
    ran = run_cli(["curve", splits, "-o", out, "--shares", "0.5,1", "--seeds", "1"])
    assert (ran.code, ran.err) == (0, "")
    ran = run_cli(["curve", splits, "-o", out, "--shares", "0.5,1", "--seeds", "1", "--steps", "9"])
    assert (ran.code, ran.err) == (0, "")
    (out / "curve.json").write_text("mine")
    ran = run_cli(["curve", splits, "-o", out, "--shares", "0.5,1", "--seeds", "1", "--steps", "9"])
    assert (ran.code, ran.err) == (2, (
        f"corpus: error: {out / 'curve.json'}: exists, changed after 'curve' made it "
        f"({out / 'curve.json'}); give another -o, or --force to replace it\n"
    ))  # fmt: skip


KILLED_AT_THE_THIRD = """
import os, signal, sys
from corpus.cli import run
from corpus.curve import training
from tests.curve.growing import learn_by_heart, remember

models = iter(range(9))

def train(job, folder, log):
    if next(models) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return remember(job, folder, log)

learn_by_heart(setattr)
training._train = train
run(sys.argv[1:])
"""


def test_kill_9_and_run_again_gives_the_same_bytes(run_cli, splits, tmp_path):
    command = ["curve", splits, "--shares", "0.25,0.5,1", "--seeds", "2", "-o"]
    assert run_cli([*command, tmp_path / "whole"]).code == 0
    killed = tmp_path / "killed"
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_THIRD, *map(str, command), str(killed)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == -signal.SIGKILL
    there = sorted(path.name for path in (killed / "runs").iterdir())
    assert there == ["ner-00002-seed0.json", "ner-00004-seed0.json"]
    assert "'curve' was stopped" in run_cli(["check", killed]).out
    ran = run_cli([*command, killed])
    assert (ran.code, ran.err.splitlines()[0]) == (0, "2 models of an earlier run, 4 trained now")
    assert files(killed) == files(tmp_path / "whole")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--task", "pos"], 2, "--task pos: no such task; the tasks are: ner, links, both"),
        (["--shares", "2"], 2, "--shares 2: not numbers over 0 and up to 1; give them as in "
         "0.1,0.5,1"),
        (["--layer", "bronze"], 1, "{splits}: no document has a layer 'bronze'; run corpus "
         "adjudicate first, or name another with --layer"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(run_cli, splits, tmp_path, arguments, code, message):
    ran = run_cli(["curve", splits, "-o", tmp_path / "out", *arguments])
    expected = f"corpus: error: {message.format(splits=splits)}\n"
    assert (ran.code, ran.out, ran.err) == (code, "", expected)


@pytest.mark.parametrize(
    ("train", "dev", "task", "message"),
    [
        ([], [], "ner", "too few documents with a layer 'gold': 0 to learn from, 0 to score on; "
         "there must be 2 and 1 at least: annotate more, or split otherwise"),
        ([news(1)], [news(2)], "ner", "too few documents with a layer 'gold': 1 to learn from, 1 "
         "to score on; there must be 2 and 1 at least: annotate more, or split otherwise"),
        ([news(1), news(2)], [], "ner", "too few documents with a layer 'gold': 2 to learn from, 0 "
         "to score on; there must be 2 and 1 at least: annotate more, or split otherwise"),
        ([news(1), news(2)], [news(2)], "ner", "document 'd2' of dev stands in train too; split "
         "again: corpus split keeps them apart"),
        ([news(1), make_document("copy", news(3).text, layers=news(3).layers)], [news(3)], "ner",
         "document 'd3' of dev stands in train too, as 'copy' with the same text; split again: "
         "corpus split keeps them apart"),
        ([news(1), news(2)], [news(3)], "links", "no mention of train has a link in the layer "
         "'gold'; decide the links first (docs/linking.md), or give --task ner"),
        ([news(1, target="NIL"), news(2)], [news(3)], "both", "no mention of dev has a link in "
         "the layer 'gold'; decide the links first (docs/linking.md), or give --task ner"),
    ],
)  # fmt: skip
def test_splits_that_cannot_be_used(run_cli, tmp_path, train, dev, task, message):
    splits = write_splits(tmp_path / "s", train, dev)
    ran = run_cli(["curve", splits, "-o", tmp_path / "out", "--task", task])
    assert (ran.code, ran.out, ran.err) == (1, "", f"corpus: error: {splits}: {message}\n")


def test_a_folder_without_dev_a_stream_and_a_folder_in_use(run_cli, splits, tmp_path):
    (tmp_path / "half").mkdir()
    write_documents([news(1)], tmp_path / "half/train.jsonl")
    ran = run_cli(["curve", tmp_path / "half", "-o", tmp_path / "out"])
    assert (ran.code, ran.err) == (2, (
        f"corpus: error: {tmp_path / 'half'}: holds no dev.jsonl; give the folder that corpus "
        "split wrote, or a file of documents\n"
    ))  # fmt: skip
    ran = run_cli(["curve", "-", "-o", tmp_path / "out"])
    assert (ran.code, ran.err) == (
        2, "corpus: error: -: curve reads its documents twice; save them as a file first\n"
    )  # fmt: skip
    (tmp_path / "busy").mkdir()
    with FileLock(tmp_path / "busy/.curve.lock"):
        ran = run_cli(["curve", splits, "-o", tmp_path / "busy"])
    assert (ran.code, ran.err) == (2, (
        f"corpus: error: {tmp_path / 'busy'}: another curve is working there; wait for it, or give "
        "another -o\n"
    ))  # fmt: skip


def test_a_file_of_documents_is_split_first(run_cli, splits, tmp_path):
    write_documents([news(n) for n in range(20)], tmp_path / "gold.jsonl")
    ran = run_cli(["curve", tmp_path / "gold.jsonl", "-o", tmp_path / "out", "--shares", "1"])
    assert (ran.code, ran.err) == (0, "")
    assert "ner, strong_typed_mention_match, on 4 documents of dev\n" in ran.out
    assert "ner: one share says nothing about more documents\n" in ran.out


def test_links_with_a_knowledge_base(run_cli, splits, tmp_path, make_kb):
    kb = make_kb(*({"id": t, "aliases": ["Kyiv", "Minsk"]} for t in TARGETS if t != "NIL"))
    command = ["curve", splits, "-o", tmp_path / "out", "--task", "links", "--shares", "1"]
    assert run_cli([*command, "--kb", kb, "--seeds", "1"]).code == 0
    found = json.loads((tmp_path / "out/runs/links-00008-seed0.json").read_text())
    assert set(found["inputs"]) == {"train", "dev", "kb"}
    ran = run_cli([*command, "--seeds", "1"])
    assert "of an earlier run" not in ran.err  # of another knowledge base
