"""shards: a job for each file, the same on any machine, and the list that check proves."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.errors import UsageError
from corpus.shards import Part, list_path, part_of, plan_jobs

NAMES = ["a.jsonl.gz", "b.jsonl", "deep/c.jsonl", "page.html", "z.txt"]


def write_articles(folder: Path, count: int = 20) -> Path:
    import gzip

    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [{"text": f"Minsk was calm on day {n}, wrote {name}."} for n in range(count)]
        lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(lines))
        else:
            path.write_bytes(
                lines
                if ".jsonl" in name
                else b"<html><body><p>Kyiv was calm in May.</p></body></html>"
            )
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the manifests, whose clock differs."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if not path.name.endswith(".manifest.json")
    }


def run_process(*arguments: object) -> subprocess.Popen[str]:
    code = "from corpus.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_part_is_one_of_so_many(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        part_of(text, "out/{}.jsonl")
    assert str(caught.value) == f"--shard {text}: not a part; give K/N, as 1/8 … 8/8"


def test_the_parts_together_are_all_jobs_and_each_once() -> None:
    for total in (1, 2, 3, 7):
        parts = [Part(number, total) for number in range(1, total + 1)]
        assert [sum(part.has(at) for part in parts) for at in range(10)] == [1] * 10


def test_a_part_needs_an_output_for_each_file(tmp_path, run_cli) -> None:
    ran = run_cli(["convert", write_articles(tmp_path / "in"), "-o", "x.jsonl", "--shard", "1/2"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: --shard 1/2: there is one output; give -o a name with {} in it, one a "
        "file\n",
    )


def test_two_files_of_one_output_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        plan_jobs([("in/a.txt", "a.txt"), ("in/a.html", "a.html")], "out/{}.jsonl")
    assert str(caught.value) == (
        "out/a.jsonl: would be the output of a.txt and of a.html; rename one of them, or convert "
        "them apart"
    )


def test_the_list_stands_beside_the_shards() -> None:
    assert list_path("out/{}.jsonl.zst") == Path("out/all.shards.jsonl")
    assert list_path("documents-{}.spacy") == Path("documents-all.shards.jsonl")
    assert str(list_path("s3://bucket/{}.jsonl")) == "s3:/bucket/all.shards.jsonl"


def test_shards_hold_what_one_output_holds(tmp_path, run_cli) -> None:
    articles = write_articles(tmp_path / "in")
    one, out = tmp_path / "one.jsonl", tmp_path / "out"
    assert run_cli(["convert", articles, "-o", one]).code == 0
    ran = run_cli(["convert", articles, "-o", out / "{}.jsonl"])
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1] == (
        f"{out}/all.shards.jsonl: 5 of 5 shards, 0 of them up to date, 62 documents"
    )
    listed = [json.loads(line) for line in (out / "all.shards.jsonl").read_text().splitlines()]
    assert listed[0] == {
        "type": "shard/1",
        "command": "convert",
        "input": "../in/a.jsonl.gz",
        "output": "a.jsonl",
    }
    together = b"".join((out / shard["output"]).read_bytes() for shard in listed)
    assert together == one.read_bytes()
    again = run_cli(["convert", articles, "-o", out / "{}.jsonl"])
    assert again.out == (
        f"{out}/all.shards.jsonl: 5 of 5 shards, 5 of them up to date, 62 documents\n"
    )
    assert run_cli(["check", tmp_path]).code == 0


def test_parts_in_any_order_and_two_at_once_give_the_bytes_of_one_run(tmp_path, run_cli) -> None:
    articles = write_articles(tmp_path / "in")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run_cli(["convert", articles, "-o", whole / "{}.jsonl.gz"])
    numbers = [1, 2, 3]
    random.Random(4).shuffle(numbers)
    both = [
        run_process("convert", articles, "-o", parts / "{}.jsonl.gz", "--shard", f"{number}/3")
        for number in numbers[:2]
    ]
    for process in both:
        _out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    ran = run_cli(["check", parts])
    assert ran.code == 1
    assert "all.shards.jsonl:" in ran.out
    assert " is missing, ../in/" in ran.out
    number = numbers[2]
    run_cli(["convert", articles, "-o", parts / "{}.jsonl.gz", "--shard", f"{number}/3"])
    assert contents(parts) == contents(whole)
    assert run_cli(["check", parts]).code == 0


def test_two_runs_of_one_part_at_once_do_no_harm(tmp_path, run_cli) -> None:
    articles = write_articles(tmp_path / "in")
    both = [run_process("convert", articles, "-o", tmp_path / "out/{}.jsonl") for _ in range(2)]
    for process in both:
        process.communicate(timeout=120)
    assert run_cli(["convert", articles, "-o", tmp_path / "out/{}.jsonl"]).code == 0
    run_cli(["convert", articles, "-o", tmp_path / "one/{}.jsonl"])
    assert contents(tmp_path / "out") == contents(tmp_path / "one")


def test_a_changed_file_is_done_again_and_no_other(tmp_path, run_cli) -> None:
    articles, out = write_articles(tmp_path / "in"), tmp_path / "out"
    command = ["convert", articles, "-o", out / "{}.jsonl"]
    run_cli(command)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.jsonl")}
    (articles / "b.jsonl").write_text('{"text": "All is new in Minsk."}\n')
    ran = run_cli(command)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{out}/b.jsonl: 1 document",
        f"{out}/all.shards.jsonl: 5 of 5 shards, 4 of them up to date, 43 documents",
    ]
    written = {path.name for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert written == {"b.jsonl", "all.shards.jsonl"}
    refused = run_cli([*command, "--lang", "en"])
    assert refused.code == 2
    assert "with other settings (lang '', now 'en')" in refused.err


def test_a_killed_run_does_again_only_what_was_not_done(tmp_path, run_cli) -> None:
    articles, out = tmp_path / "in", tmp_path / "out"
    articles.mkdir()
    for number in range(6):
        rows = (json.dumps({"text": os.urandom(400).hex()}) for _ in range(1500))
        (articles / f"{number}.jsonl").write_text("\n".join(rows))
    command = ["convert", articles, "-o", out / "{}.jsonl", "--lang", "en"]
    process = run_process(*command)
    for _ in range(1200):
        if (out / "1.jsonl").exists():
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = {
        path.name: path.stat().st_mtime_ns
        for path in out.glob("?.jsonl")
        if json.loads(Path(f"{path}.manifest.json").read_text())["finished"]
    }
    assert 1 <= len(done) < 6
    assert run_cli(["check", out]).code == 1
    ran = run_cli(command)
    assert ran.code == 0
    assert f"6 of 6 shards, {len(done)} of them up to date, 9,000 documents" in ran.out
    assert {name: (out / name).stat().st_mtime_ns for name in done} == done
    run_cli(["convert", articles, "-o", tmp_path / "one/{}.jsonl", "--lang", "en"])
    assert contents(out) == contents(tmp_path / "one")
    assert run_cli(["check", out]).code == 0


def test_a_shard_goes_through_every_stage(tmp_path, run_cli, make_kb) -> None:
    kb = make_kb({"id": "Q1", "label": "Minsk", "type": "city", "aliases": ["Minsk"]})
    write_articles(tmp_path / "in")
    documents, silver, train = (tmp_path / name for name in ("documents", "silver", "train"))
    for command in (
        ["convert", tmp_path / "in", "-o", documents / "{}.jsonl.zst"],
        ["suggest", documents / "**/*.jsonl.zst", "-o", silver / "{}.jsonl", "--kb", kb],
        ["export", silver / "**/*.jsonl", "-o", train / "{}.spacy"],
    ):
        for number in (2, 1):
            ran = run_cli([*command, "--shard", f"{number}/2"])
            assert ran.code == 0, ran.err
    assert (train / "deep" / "c.spacy").is_file()
    ran = run_cli(["check", documents, silver, train, "--kb", kb])
    assert ran.code == 0, ran.out
    # What stands beside the shards is no shard.
    assert len((train / "all.shards.jsonl").read_text().splitlines()) == 5


def test_check_finds_shards_that_are_missing_strange_or_share_a_document(tmp_path, run_cli) -> None:
    articles, out = tmp_path / "in", tmp_path / "out"
    articles.mkdir()
    for name, id in (("a", "1"), ("b", "2"), ("c", "1")):
        (articles / f"{name}.jsonl").write_text(json.dumps({"id": id, "text": f"Text {name}."}))
    run_cli(["convert", articles, "-o", out / "{}.jsonl"])
    ran = run_cli(["check", out])
    assert ran.code == 1
    assert ran.out.splitlines()[:-1] == [
        f"{out}/{name}.jsonl:1: document '1': the id stands in another shard of "
        f"{out}/all.shards.jsonl too; convert with --id-column -, or as one output"
        for name in ("a", "c")
    ]
    for part in ("", ".manifest.json"):
        (out / f"c.jsonl{part}").unlink()
        (out / f"b.jsonl{part}").write_bytes((out / f"a.jsonl{part}").read_bytes())
    lines = run_cli(["check", out]).out.splitlines()
    assert (
        f"{out}/all.shards.jsonl:3: its shard {out}/c.jsonl is missing, "
        "../in/c.jsonl was not done; "
        "run 'convert' again" in lines
    )
    assert (
        f"{out}/b.jsonl: was not made of ../in/b.jsonl by 'convert'; run 'convert' again" in lines
    )


def test_more_parts_than_files_leave_some_with_nothing(tmp_path, run_cli) -> None:
    write_articles(tmp_path / "in")
    command = ["convert", tmp_path / "in", "-o", tmp_path / "out/{}.jsonl", "--shard", "9/9"]
    ran = run_cli([*command, "--json"])
    assert (ran.code, json.loads(ran.out)["outputs"]) == (0, [])


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            ["convert", "IN", "-o", "OUT/{}.jsonl", "--shard-size", "5"],
            "--shard-size: goes with one output; leave it out, or the {} in -o",
        ),
        (
            ["convert", "-", "-o", "OUT/{}.jsonl"],
            "-: has no name that {} could stand for; give files",
        ),
        (
            ["convert", "IN", "-o", "OUT/{}/{}.jsonl"],
            "OUT/{}/{}.jsonl: {} stands in it more than once; name it once",
        ),
        (
            ["export", "IN/b.jsonl", "-o", "OUT/{}", "--format", "brat"],
            "OUT/{}: brat is a folder, of all documents; leave out {}",
        ),
    ],
)
def test_what_makes_no_shards_is_refused(tmp_path, run_cli, command, message) -> None:
    write_articles(tmp_path / "in")
    places = {"IN": str(tmp_path / "in"), "OUT": str(tmp_path / "out")}
    for name, place in places.items():
        command = [each.replace(name, place) for each in command]
        message = message.replace(name, place)
    ran = run_cli(command, stdin=b"Some text.")
    assert (ran.code, ran.err) == (2, f"corpus: error: {message}\n")
