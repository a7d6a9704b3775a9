"""What spaCy itself does in a run, with a few steps."""

import json
import subprocess
import sys

import pytest

from corpus.cli import run
from corpus.curve.material import Sample
from corpus.curve.plan import CurvePlan
from corpus.curve.trainer import PREDICTED, train_and_predict
from corpus.curve.training import ALL, Job, run_job
from corpus.errors import CorpusError
from corpus.formats.spacy_training import write_spacy_training
from corpus.model import Token, make_document
from tests.curve.growing import news, write_splits
from tests.formats.real_corpora import DATA


def job(task, train, dev, **options):
    samples = [[Sample(each, each.id) for each in some] for some in (train, dev)]
    plan = CurvePlan((task,), steps=options.pop("steps", 2))
    return Job(task, *samples, seed=0, plan=plan, kb=options.pop("kb", None))


def test_ner_learns_by_heart_and_predicts_in_code_points(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # and back
    train = [news(n) for n in range(8)]
    emoji = make_document("e", "😀 News of Kyiv, number 1.", lang="en")
    words = make_document("w", "News of Minsk , again", lang="en", tokens=(
        Token(0, 4, True), Token(5, 7, True), Token(8, 13, True), Token(14, 15, True),
        Token(16, 21, False)))  # fmt: skip
    dev = [emoji, make_document("empty", "", lang="en"), words]
    names = {each.id for each in dev}
    write_spacy_training(
        [*train, *dev], tmp_path / "t", layer="gold",
        split_of=lambda each: "dev" if each.id in names else "train",
    )  # fmt: skip
    found = train_and_predict(tmp_path / "t", "ner", steps=60, seed=0)
    assert found == [[(10, 14, "GPE", "")], [], [(8, 13, "GPE", "")]]


def test_links_are_learnt_from_what_the_share_says(tmp_path):
    targets = {"Kyiv": "Q1899", "Minsk": "Q2280", "Vilnius": "NIL", "OSCE": ""}
    made = [news(n, target=targets[("Kyiv", "Minsk", "Vilnius", "OSCE")[n % 4]]) for n in range(12)]
    found = run_job(job("links", made[:8], made[8:]), tmp_path, tmp_path / "log")
    assert (found.untrained, found.mentions) == ("", 6)
    assert found.counts["strong_all_match"][ALL] == {0: (1, 0, 0), 1: (1, 0, 0), 2: (1, 0, 0)}
    assert found.counts["strong_link_match"][ALL] == {0: (1, 0, 0), 1: (1, 0, 0)}
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    ("task", "train", "why", "counts"),
    [
        ("ner", [], "no documents", (0, 0, 1)),
        ("ner", [make_document("x", "Nothing.")], "no documents", (0, 0, 1)),
        ("links", [news(1)], "no links", (0, 1, 1)),
        ("links", [news(1, target="NIL")], "no links but to NIL", (0, 1, 1)),
        ("links", [news(1, target="Q 1")], "the sources hold no entity", (0, 1, 1)),
    ],
)
def test_nothing_to_learn_from_is_a_model_that_learnt_nothing(tmp_path, task, train, why, counts):
    train = [each for each in train if each.layers]
    dev = [news(2, target="Q1"), news(3, target="NIL")]
    found = run_job(job(task, train, dev), tmp_path, tmp_path / "log")
    assert found.untrained == why
    measure = "strong_typed_mention_match" if task == "ner" else "strong_all_match"
    assert found.counts[measure][ALL][0] == counts
    assert found.counts[measure][ALL][1] == ((0, 0, 1) if task == "ner" else (1, 0, 0))


def test_a_failure_of_spacy_is_one_line_with_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(CorpusError) as caught:
        run_job(job("ner", [news(1), news(2)], [news(3)]), tmp_path, tmp_path / "log")
    assert str(caught.value) == (
        f"ner on 2 documents with seed 0: spaCy failed: exit code 1; see {tmp_path / 'log'}"
    )


def test_the_trainer_ends_with_whoever_started_it(tmp_path):
    """Its standard input closes when they are gone, killed or not."""
    code = (
        "import sys, time; import corpus.curve.trainer as t; "
        "t.train_and_predict = lambda *a, **k: time.sleep(60); t._main(*sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, str(tmp_path), "ner", "1", "0"]
    child = subprocess.Popen(words, stdin=subprocess.PIPE)
    child.stdin.close()
    assert child.wait(timeout=30) == 1
    assert not (tmp_path / PREDICTED).exists()


def ok(*args):
    assert run([str(arg) for arg in args]) == 0


def figures(folder, task):
    points = json.loads((folder / "curve.json").read_text())["tasks"][task]["points"]
    return [p["figures"][json_measure(task)][""]["fscore"]["value"] for p in points]


def json_measure(task):
    return {"ner": "strong_typed_mention_match", "links": "strong_all_match"}[task]


@pytest.mark.long
@pytest.mark.skipif(not DATA.exists(), reason="the corpora are not beside this checkout")
def test_the_curve_of_wnut17_rises_and_is_the_same_each_time(tmp_path):
    ok(
        "import",
        DATA / "wnut17/emerging.dev.conll",
        "--format",
        "conll",
        "-o",
        tmp_path / "a.jsonl",
    )
    for name in ("one", "two"):
        ok("curve", tmp_path / "a.jsonl", "-o", tmp_path / name, "--shares", "0.25,1", "--seeds",
           "1", "--steps", "300")  # fmt: skip
    quarter, whole = figures(tmp_path / "one", "ner")
    assert whole > quarter
    assert whole > 0.2
    for file in ("curve.json", "curve.html"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.long
@pytest.mark.skipif(not DATA.exists(), reason="the corpora are not beside this checkout")
def test_the_curve_of_wiki_fair_rises_with_the_links_that_are_known(tmp_path):
    source = DATA / "elevant/wiki-fair-v2.benchmark.jsonl"
    ok("import", source, "--format", "elevant", "-o", tmp_path / "all.jsonl")
    ok("curve", tmp_path / "all.jsonl", "-o", tmp_path / "curve", "--task", "links", "--shares",
       "0.01,0.5,1", "--seeds", "1", "--steps", "20")  # fmt: skip
    least, half, whole = figures(tmp_path / "curve", "links")
    assert least < half < whole


@pytest.mark.long
def test_a_curve_killed_while_spacy_trains_leaves_no_process_and_goes_on(tmp_path):
    splits = write_splits(
        tmp_path / "splits", [news(n) for n in range(8)], [news(n) for n in range(8, 12)]
    )
    command = [sys.executable, "-m", "corpus", "curve", str(splits), "--shares", "0.5,1",
               "--seeds", "1", "--steps", "20"]  # fmt: skip
    subprocess.run([*command, "-o", tmp_path / "whole"], check=True, timeout=600)
    killed = subprocess.Popen([*command, "-o", tmp_path / "killed"])
    first = tmp_path / "killed/runs/ner-00004-seed0.json"
    log = tmp_path / "killed/training.log"
    while not (first.exists() and log.exists()):
        assert killed.poll() is None
    killed.kill()
    killed.wait()
    before = first.stat().st_mtime_ns
    subprocess.run([*command, "-o", tmp_path / "killed"], check=True, timeout=600)
    assert first.stat().st_mtime_ns == before
    for file in sorted((tmp_path / "whole").rglob("*.json")):
        if not file.name.endswith("manifest.json"):
            other = tmp_path / "killed" / file.relative_to(tmp_path / "whole")
            assert other.read_bytes() == file.read_bytes()
