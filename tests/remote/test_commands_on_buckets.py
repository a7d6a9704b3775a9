"""Commands whose files are objects of a bucket: as on disk, or an error that says why."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.manifest import read_manifest
from corpus.places import files_below, matching

ARTICLES = {
    "a.jsonl.gz": [f"The OSCE met in Minsk. Day {n}." for n in range(40)],
    "deep/b.jsonl.gz": [f"Kyiv was calm, said Ann on day {n}." for n in range(40)],
    "page.html": ["<html><body><p>Storms hit Lviv hard.</p></body></html>"],
    "z.txt": ["Ann Lee went to Minsk."],
}


def content_of(name: str) -> bytes:
    if ".jsonl" not in name:
        return ARTICLES[name][0].encode()
    return gzip.compress("".join(json.dumps({"text": t}) + "\n" for t in ARTICLES[name]).encode())


@pytest.fixture
def articles(bucket, tmp_path) -> Path:
    """The same articles in a folder and in the bucket."""
    for name in ARTICLES:
        bucket.put(f"news/{name}", content_of(name))
        path = tmp_path / "news" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content_of(name))
    return tmp_path / "news"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("", "out.jsonl"),
        ("/*", "out.jsonl.gz"),
        ("/*.jsonl.gz", "out.jsonl.zst"),
        ("/**/*.jsonl.gz", "out.spacy"),
    ],
)
def test_an_output_has_the_bytes_of_a_local_one(
    bucket, articles, tmp_path, run_cli, pattern: str, name: str
) -> None:
    ran = run_cli(["convert", f"{bucket.url}/news{pattern}", "-o", f"{bucket.url}/{name}"])
    assert ran.code == 0, ran.err
    assert ran.out.startswith(f"{bucket.url}/{name}: ")
    assert run_cli(["convert", f"{articles}{pattern}", "-o", tmp_path / name]).code == 0
    assert bucket.get(name) == (tmp_path / name).read_bytes()
    assert bucket.uploads() == []


def test_files_and_patterns_come_in_the_order_of_a_folder(bucket, articles) -> None:
    for name in ("news/.hidden/x.txt", "news/deep/er/c.txt", "news/b/", "newsletter.txt"):
        bucket.put(name, b"x")
        if not name.endswith("/") and name != "newsletter.txt":
            (articles.parent / name).parent.mkdir(parents=True, exist_ok=True)
            (articles.parent / name).write_bytes(b"x")
    there = [name for _, name in files_below(f"{bucket.url}/news")]
    assert there == [name for _, name in files_below(str(articles))]
    for pattern in ("*", "**", "**/*", "*/*.gz", "**/*.txt", ".*/*", "[a-p]*", "deep/**/*"):
        found = [
            path.removeprefix(f"{bucket.url}/") for path in matching(f"{bucket.url}/news/{pattern}")
        ]
        local = [
            str(Path(path).relative_to(articles.parent))
            for path in matching(f"{articles}/{pattern}")
            if Path(path).is_file()
        ]
        assert found == local, pattern


def test_up_to_date_refused_and_forced_are_as_on_disk(bucket, articles, run_cli) -> None:
    command = ["convert", f"{bucket.url}/news", "-o", f"{bucket.url}/out.jsonl"]
    assert run_cli(command).code == 0
    manifest = json.loads(bucket.get("out.jsonl.manifest.json"))
    assert [mark["path"] for mark in manifest["inputs"]] == [
        "news/a.jsonl.gz",
        "news/page.html",
        "news/z.txt",
        "news/deep/b.jsonl.gz",
    ]
    assert manifest["outputs"][0]["path"] == "out.jsonl"
    again = run_cli(command)
    assert (again.code, again.out) == (0, f"{bucket.url}/out.jsonl is up to date\n")
    bucket.put("news/z.txt", b"Another text altogether.")
    refused = run_cli(command)
    assert refused.code == 2
    assert refused.err == (
        f"corpus: error: {bucket.url}/out.jsonl: exists, made by 'convert' from other inputs; "
        "give another -o, or --force to replace it\n"
    )
    assert run_cli([*command, "--force"]).code == 0
    bucket.put("out.jsonl", bucket.get("out.jsonl") + b"\n")
    refused = run_cli(command)
    assert f"changed after 'convert' made it ({bucket.url}/out.jsonl)" in refused.err


def test_what_is_rejected_stands_in_the_bucket(bucket, run_cli) -> None:
    bucket.put("in.jsonl", b'{"text": "Good."}\n{"text": 7}\n')
    ran = run_cli(["convert", f"{bucket.url}/in.jsonl", "-o", f"{bucket.url}/out.jsonl"])
    assert ran.code == 1
    assert f"rejected 1 document, 0 mentions: {bucket.url}/out.jsonl.rejects.jsonl" in ran.out
    reject = json.loads(bucket.get("out.jsonl.rejects.jsonl"))
    assert reject["where"] == f"{bucket.url}/in.jsonl:2"
    bucket.put("in.jsonl", b'{"text": "Good."}\n')
    run_cli(["convert", f"{bucket.url}/in.jsonl", "-o", f"{bucket.url}/out.jsonl", "--force"])
    assert bucket.names() == ["in.jsonl", "out.jsonl", "out.jsonl.manifest.json"]


def test_every_stage_reads_and_writes_buckets(bucket, articles, run_cli, make_kb, tmp_path) -> None:
    kb = make_kb({"id": "Q1", "label": "Minsk", "type": "city", "aliases": ["Minsk"]})
    url = bucket.url
    for command in (
        ["convert", f"{url}/news", "-o", f"{url}/documents.jsonl.gz"],
        ["suggest", f"{url}/documents.jsonl.gz", "-o", f"{url}/silver.jsonl", "--kb", kb],
        ["rank", f"{url}/silver.jsonl", "-o", f"{url}/next.jsonl"],
        ["export", f"{url}/silver.jsonl", "-o", f"{url}/silver.conll"],
        ["export", f"{url}/silver.jsonl", "-o", f"{url}/silver.spacy"],
        ["signatures", f"{url}/silver.jsonl", "-o", f"{url}/{{}}.signatures"],
        ["split", f"{url}/silver.jsonl", "-o", f"{url}/splits", "--layer", "silver",
         "--signatures", f"{url}/*.signatures"],
        ["export", f"{url}/splits", "-o", tmp_path / "hf", "--format", "huggingface"],
        ["check", url, "--kb", kb],
        ["check", f"{url}/silver.jsonl", "--kb", kb],
    ):  # fmt: skip
        ran = run_cli(command)
        assert ran.code == 0, ran.err or ran.out
    assert ran.out == (
        "checked 3 files (82 documents, 41 mentions, 1 manifest): all is well\n"
        if ran.out.startswith("checked 3")
        else "checked 2 files (82 documents, 41 mentions, 1 manifest): all is well\n"
    )
    folders = [path for path in Path.cwd().iterdir() if path.name.startswith("s3:")]
    assert folders == []


def test_check_finds_what_was_changed_in_the_bucket(bucket, articles, run_cli) -> None:
    run_cli(["convert", f"{bucket.url}/news", "-o", f"{bucket.url}/out.jsonl"])
    bucket.put("out.jsonl", bucket.get("out.jsonl").replace(b"Minsk", b"Brest", 1))
    ran = run_cli(["check", bucket.url])
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert f"{bucket.url}/out.jsonl: was changed after 'convert' wrote it; " in ran.out
    assert lines[0].startswith(f"{bucket.url}/out.jsonl:1: document 'a.jsonl.gz#1': sha256 ")


def test_a_knowledge_base_is_built_of_a_bucket(bucket, tmp_path, run_cli) -> None:
    bucket.put("kb.jsonl.gz", gzip.compress(b'{"id": "Q1", "label": "Minsk"}\n{"id": 1}\n'))
    kb = tmp_path / "x.kb"
    ran = run_cli(["kb", "build", f"{bucket.url}/kb.jsonl.gz", "-o", kb])
    assert ran.code == 1
    reject = json.loads((tmp_path / "x.kb.rejects.jsonl").read_text())
    assert reject["where"].startswith(f"{bucket.url}/kb.jsonl.gz:2")
    found = read_manifest(tmp_path / "x.kb.manifest.json").inputs
    assert [mark.path for mark in found] == [f"{bucket.url}/kb.jsonl.gz"]
    assert run_cli(["kb", "build", f"{bucket.url}/kb.jsonl.gz", "-o", kb]).out.endswith(
        "is up to date\n"
    )


def test_a_folder_is_not_written_to_a_bucket(bucket, articles, run_cli) -> None:
    run_cli(["convert", f"{bucket.url}/news", "-o", f"{bucket.url}/out.jsonl"])
    ran = run_cli(
        ["export", f"{bucket.url}/out.jsonl", "-o", f"{bucket.url}/x", "--format", "brat"]
    )
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {bucket.url}/x: brat is a folder on this machine; write it here, then "
        "copy it\n",
    )
    ran = run_cli(["suggest", f"{bucket.url}/out.jsonl", "-o", "-", "--kb", f"{bucket.url}/x.kb"])
    assert ran.err == (
        f"corpus: error: {bucket.url}/x.kb: a knowledge base is mapped into memory, from this "
        "machine's disk; copy its folder here first\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["s3://BUCKET/none.jsonl", "-o", "-"],
            2,
            "s3://BUCKET/none.jsonl: no such object or folder; check bucket and name",
        ),
        (
            ["s3://no-such-bucket/none.jsonl", "-o", "-"],
            2,
            "s3://no-such-bucket/none.jsonl: no such object or folder; check bucket and name",
        ),
        (
            ["s3://BUCKET/n*.csv", "-o", "-"],
            2,
            "s3://BUCKET/n*.csv: the pattern matches nothing; check the pattern",
        ),
        (
            ["s3://BUCKET/news", "-o", "s3://no-such-bucket/out.jsonl"],
            1,
            "s3://no-such-bucket/out.jsonl.manifest.json: there is no such bucket; make it first, "
            "or mend -o",
        ),
        (
            ["s3://BUCKET/news", "-o", "https://host/out.jsonl"],
            2,
            "https://host/out.jsonl: a web server is only read; give a file, or s3://BUCKET/NAME",
        ),
        (
            ["s3://BUCKET/news/z.txt", "-o", "s3://BUCKET/news/z.txt"],
            2,
            "s3://BUCKET/news/z.txt: is an input too; give another -o",
        ),
    ],
)
def test_what_is_not_there_is_named(bucket, articles, run_cli, arguments, code, message) -> None:
    ran = run_cli(["convert", *(each.replace("BUCKET", bucket.name) for each in arguments)])
    assert (ran.code, ran.err) == (
        code,
        f"corpus: error: {message.replace('s3://BUCKET/n', f'{bucket.url}/n')}\n",
    )
    assert ran.out == ""


def test_denied_access_is_told_with_the_way_to_get_it(bucket, articles, run_cli) -> None:
    bucket.denied.add("news/z.txt")
    ran = run_cli(["convert", f"{bucket.url}/news/z.txt", "-o", "-"])
    assert (ran.code, ran.err) == (
        1,
        f"corpus: error: {bucket.url}/news/z.txt: access is denied; set AWS_PROFILE, or "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n",
    )


def test_no_credentials_are_told(bucket, run_cli, monkeypatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    code = "import sys; from corpus.cli import main; main()"
    command = [sys.executable, "-c", code, "convert", f"{bucket.url}/x.jsonl", "-o", "-"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (
        1,
        f"corpus: error: {bucket.url}/x.jsonl: there are no credentials; set AWS_PROFILE, or "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; if it is public: FSSPEC_S3_ANON=true\n",
    )


def test_a_connection_cut_for_good_is_no_end_of_the_object(bucket, run_cli, monkeypatch) -> None:
    import s3fs

    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 2)
    lines = [json.dumps({"text": f"Article {n} of many."}) for n in range(5000)]
    bucket.put("in.jsonl", "\n".join(lines).encode())
    bucket.cut["in.jsonl"] = 0
    bucket.after_get["in.jsonl"] = lambda: bucket.cut.update({"in.jsonl": 10**6})
    ran = run_cli(["convert", f"{bucket.url}/in.jsonl", "-o", f"{bucket.url}/out.jsonl"])
    assert ran.code == 1
    assert ran.err.startswith(f"corpus: error: {bucket.url}/in.jsonl: the transfer failed (")
    assert ran.err.endswith("; run it again\n")
    assert "out.jsonl" not in bucket.names()


def test_an_input_replaced_between_two_readings_is_an_error(bucket, run_cli) -> None:
    bucket.put("in.txt", b"The first text.")
    bucket.after_get["in.txt"] = lambda: bucket.put("in.txt", b"The other text.")
    ran = run_cli(["convert", f"{bucket.url}/in.txt", "-o", f"{bucket.url}/out.jsonl"])
    assert (ran.code, ran.err) == (
        1,
        f"corpus: error: {bucket.url}/in.txt: was replaced while it was read; run it again\n",
    )
    assert json.loads(bucket.get("out.jsonl.manifest.json"))["finished"] is False
    assert run_cli(["convert", f"{bucket.url}/in.txt", "-o", f"{bucket.url}/out.jsonl"]).code == 0


def test_a_killed_command_leaves_no_object_and_is_run_again(bucket, run_cli, tmp_path) -> None:
    lines = [json.dumps({"text": os.urandom(3000).hex()}) for _ in range(2500)]
    bucket.put("in.jsonl", "\n".join(lines).encode())
    command = ["convert", f"{bucket.url}/in.jsonl", "-o", f"{bucket.url}/out.jsonl", "--lang", "en"]
    code = "from corpus.remote import buckets; buckets.PART = 5 << 20\n"
    program = [sys.executable, "-c", f"{code}from corpus.cli import main; main()", *command]
    process = subprocess.Popen(program)
    for _ in range(600):
        if bucket.uploads():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert bucket.uploads() == ["out.jsonl"]
    assert bucket.names() == ["in.jsonl", "out.jsonl.manifest.json"]
    assert run_cli(command).code == 0
    assert bucket.get("out.jsonl").count(b"\n") == 2500


def test_shards_in_a_bucket_are_those_of_a_folder(bucket, articles, tmp_path, run_cli) -> None:
    url = bucket.url
    for part in ("2/2", "1/2"):
        command = ["convert", f"{url}/news", "-o", f"{url}/out/{{}}.jsonl", "--shard", part]
        assert run_cli(command).code == 0
    assert run_cli(["convert", articles, "-o", tmp_path / "out/{}.jsonl"]).code == 0
    for path in (tmp_path / "out").rglob("*.jsonl"):
        assert bucket.get(str(path.relative_to(tmp_path))) == path.read_bytes()
    ran = run_cli(["convert", f"{url}/news", "-o", f"{url}/out/{{}}.jsonl"])
    assert ran.out == (
        f"{url}/out/all.shards.jsonl: 4 of 4 shards, 4 of them up to date, 82 documents\n"
    )
    ran = run_cli(["check", f"{url}/out"])
    assert (ran.code, ran.out) == (
        0,
        "checked 9 files (82 documents, 0 mentions, 4 manifests): all is well\n",
    )
    bucket.client.delete_object(Bucket=bucket.name, Key="out/deep/b.jsonl")
    ran = run_cli(["check", f"{url}/out"])
    assert f"{url}/out/all.shards.jsonl:4: its shard {url}/out/deep/b.jsonl is missing, " in ran.out
