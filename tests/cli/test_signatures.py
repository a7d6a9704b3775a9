"""corpus signatures, and corpus split with them: the same splits, file by file."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.model import Layer, Link, Mention, make_document
from corpus.splits import signing
from corpus.store import encode_line, write_documents

ROOT = Path(__file__).parents[2]
NAMES = ("a.jsonl", "b.jsonl.gz", "c.jsonl", "empty.jsonl")
GOLD = Layer("gold", mentions=(Mention("1", 0, 4, "GPE", (Link("Q1"),)),))

# The process kills itself before it writes the block of that number.
KILLED = """
import os, signal, sys
from corpus.cli import run
from corpus.splits import signing

signing._CHUNK = 2000
then, calls = signing.encode_block, iter(range(1_000_000))
def call(*given):
    if next(calls) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return then(*given)
signing.encode_block = call
sys.exit(run(sys.argv[2:]))
"""


def article(number, of=None):
    """A text of its own, or most of another's."""
    draw = random.Random(number if of is None else of)
    words = [draw.choice(("calm", "storm", "vote", "talks", "river")) + "xyz"[draw.randrange(3)]
             + str(draw.randrange(40)) for _ in range(60)]  # fmt: skip
    text = f"Kyiv {' '.join(words if of is None else words[:45])}"
    layers = () if number % 9 == 8 else (GOLD,)
    meta = {"date": f"2024-03-{number % 28 + 1:02}", "event": f"e{number % 13}"}
    return make_document(f"d{number}", text, lang="en", layers=layers, meta=meta)


@pytest.fixture
def gold(tmp_path, monkeypatch):
    """Files of a corpus with copies from file to file, equal texts and documents without gold."""
    monkeypatch.chdir(tmp_path)
    Path("gold").mkdir()
    everything = [article(n, of=n % 20 if n > 40 else None) for n in range(60)]
    for at, name in enumerate(NAMES):
        lines = b"".join(map(encode_line, everything[at::3] if at < 3 else ()))
        Path("gold", name).write_bytes(gzip.compress(lines) if ".gz" in name else lines)
    return tmp_path


def contents(folder):
    """Every file; of a manifest all but its clock."""
    found = {}
    for path in Path(folder).iterdir():
        found[path.name] = path.read_bytes()
        if path.name.endswith(".manifest.json"):
            manifest = json.loads(found[path.name])
            assert manifest.pop("clock")
            found[path.name] = manifest
    return found


SIGN = ["signatures", "gold/*", "-o", "signatures/{}.signatures"]
SPLIT = ["split", "gold/*", "-o", "splits"]
SIGNED = ["--signatures", "signatures/*.signatures"]


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--by", "date", "--keep-together", "near-duplicates,event"],
        ["--keep-together", "none", "--allow-leaks"],
        ["--folds", "3", "--similarity", "0.8"],
    ],
)
def test_split_is_the_same_with_signatures_and_is_one_job(run_cli, gold, options):
    assert run_cli(SIGN).code == 0
    ran = run_cli([*SPLIT, *options])
    assert ran.code == 0
    signed = ["split", "gold/*", "-o", "signed", *SIGNED, *options]
    assert run_cli(signed).out.replace("signed/", "splits/") == ran.out
    assert contents("signed") == contents("splits")
    pairs = contents("splits")["splits.jsonl.manifest.json"]["notes"]["near-duplicate pairs"]
    assert pairs >= 12
    # Neither the signatures nor their absence makes it another job.
    for command in (signed, signed[:4] + options):
        assert run_cli(command).out.startswith("signed/splits.jsonl is up to date\n")
    assert run_cli(["check", "."]).code == 0


def test_the_texts_are_not_looked_at_again(run_cli, gold, monkeypatch):
    run_cli(SIGN)

    def never(texts):
        raise AssertionError

    monkeypatch.setattr("corpus.splits.near_duplicates.sign_texts", never)
    assert run_cli([*SPLIT, *SIGNED]).code == 0
    with pytest.raises(AssertionError):
        run_cli(["split", "gold/*", "-o", "unsigned"])


def test_what_is_printed_and_written(run_cli, gold):
    ran = run_cli(SIGN)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "signatures/a.signatures: 20 documents\n"
        "signatures/b.signatures: 20 documents\n"
        "signatures/c.signatures: 20 documents\n"
        "signatures/empty.signatures: 0 documents\n"
        "signatures/all.shards.jsonl: 4 of 4 shards, 0 of them up to date, 60 documents\n"
    )
    manifest = json.loads(Path("signatures/b.signatures.manifest.json").read_text())
    assert manifest["settings"] == {"counted": 3, "sought": 5, "whole": 64, "window": 4}
    with Path("signatures/b.signatures").open("rb") as source:
        header = json.loads(source.readline())
    assert header == {
        "type": "signatures/1",
        "sha256": manifest["inputs"][0]["sha256"],
        **manifest["settings"],
        "unicode": manifest["versions"]["unicode"],
    }
    ran = run_cli(SIGN)
    assert ran.out == (
        "signatures/all.shards.jsonl: 4 of 4 shards, 4 of them up to date, 60 documents\n"
    )
    ran = run_cli(["check", "signatures"])
    assert (ran.code, ran.out) == (
        0, "checked 9 files (0 documents, 0 mentions, 4 manifests): all is well\n"
    )  # fmt: skip


def test_parts_in_any_order_and_one_file_alone_have_the_bytes_of_one_run(run_cli, gold):
    run_cli(SIGN)
    for part in ("3/3", "1/3", "2/3"):
        command = ["signatures", "gold/*", "-o", "parts/{}.signatures", "--workers", "2"]
        assert run_cli([*command, "--shard", part]).code == 0
    files = {name: text for name, text in contents("parts").items() if "manifest" not in name}
    assert files == {n: text for n, text in contents("signatures").items() if n in files}
    assert len(files) == 5
    assert run_cli(["signatures", "gold/a.jsonl", "-o", "one.signatures.gz"]).code == 0
    assert gzip.decompress(Path("one.signatures.gz").read_bytes()) == files["a.signatures"]
    one = ["split", "gold/a.jsonl", "-o", "one", "--signatures", "one.signatures.gz"]
    assert run_cli(one).code == 0
    run_cli(["split", "gold/a.jsonl", "-o", "alone"])
    assert contents("one") == contents("alone")


def test_shards_of_one_name_have_signatures_of_their_own(run_cli, gold):
    for number in range(2):
        write_documents([article(n) for n in range(number, 30, 2)], f"all-{number:05}.jsonl")
    ran = run_cli(["signatures", "all.jsonl", "-o", "all.signatures"])
    assert (ran.code, ran.err) == (2, (
        "corpus: error: all.jsonl: is 2 files, and signatures are of one; give -o a name with {} "
        "in it, one a file\n"
    ))  # fmt: skip
    assert run_cli(["signatures", "all.jsonl", "-o", "{}.signatures"]).code == 0
    command = ["split", "all.jsonl", "-o", "signed", "--signatures", "all-*.signatures"]
    assert run_cli(command).code == 0
    run_cli(["split", "all.jsonl", "-o", "splits"])
    assert contents("signed") == contents("splits")


def test_a_killed_run_makes_again_what_was_not_made_and_no_other(run_cli, gold, monkeypatch):
    monkeypatch.setattr(signing, "_CHUNK", 2000)
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, "10", *SIGN],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (-signal.SIGKILL, "")
    names = sorted(path.name for path in Path("signatures").iterdir())
    assert names.count("a.signatures") == 1
    assert "b.signatures" not in names
    assert [name for name in names if name.startswith(".b.signatures.")] != []
    before = Path("signatures/a.signatures").stat().st_mtime_ns
    checked = run_cli(["check", "signatures"])
    assert checked.code == 1
    assert "signatures/b.signatures.manifest.json: 'signatures' was stopped" in checked.out
    assert run_cli([*SPLIT, *SIGNED]).code == 2
    assert not Path("splits/splits.jsonl").exists()
    ran = run_cli(SIGN)
    assert ran.out.endswith("4 of 4 shards, 1 of them up to date, 60 documents\n")
    assert Path("signatures/a.signatures").stat().st_mtime_ns == before
    run_cli(["signatures", "gold/*", "-o", "whole/{}.signatures"])
    assert contents("signatures") == contents("whole")  # and nothing half-written
    assert run_cli(["check", "signatures"]).code == 0
    assert run_cli([*SPLIT, *SIGNED]).code == 0


PEAK = """
import re, sys
from corpus.cli import run

code = run(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
sys.exit(code)
"""


def test_memory_does_not_grow_with_the_documents(tmp_path):
    def peak(number):
        source = tmp_path / f"{number}.jsonl"
        write_documents((make_document(f"d{n}", f"{n} is " * 150) for n in range(number)), source)
        command = ["signatures", source, "-o", f"{source}.signatures"]
        ran = subprocess.run(
            [sys.executable, "-c", PEAK, *map(str, command)],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return int(ran.stdout.splitlines()[-1])

    few, many = peak(3_000), peak(15_000)
    assert many - few < 4_000, f"{few} kB, {many} kB"


MAKE = "run: corpus signatures 'gold/*' -o 'signatures/{}.signatures'"


def test_signatures_of_earlier_bytes_are_refused_and_made_again(run_cli, gold):
    run_cli(SIGN)
    with Path("gold/c.jsonl").open("ab") as sink:
        sink.write(encode_line(article(99)))
    refused = run_cli([*SPLIT, *SIGNED])
    assert (refused.code, refused.out, refused.err) == (2, "", (
        "corpus: error: gold/c.jsonl: there are no signatures of it (signatures/c.signatures is "
        f"not of these bytes); {MAKE}\n"
    ))  # fmt: skip
    assert not Path("splits/splits.jsonl").exists()
    assert run_cli(SIGN).out.splitlines()[0] == "signatures/c.signatures: 21 documents"
    assert run_cli([*SPLIT, *SIGNED]).code == 0


def test_a_file_without_signatures_is_named_with_what_makes_them(run_cli, gold):
    refused = run_cli([*SPLIT, *SIGNED])
    assert (refused.code, refused.err) == (
        2, f"corpus: error: signatures/*.signatures: no such file; {MAKE}\n"
    )  # fmt: skip
    run_cli([*SIGN, "--shard", "1/2"])
    refused = run_cli([*SPLIT, *SIGNED])
    assert (refused.code, refused.err) == (
        2, f"corpus: error: gold/b.jsonl.gz: there are no signatures of it; {MAKE}\n"
    )  # fmt: skip
    run_cli(SIGN)
    refused = run_cli(["split", "gold/[ab]*", "-o", "splits", *SIGNED])
    assert (refused.code, refused.err) == (2, (
        "corpus: error: signatures/c.signatures: is of none of the files that are split; leave it "
        "out of --signatures, or remove it\n"
    ))  # fmt: skip


def test_damage_is_seen_before_anything_is_written(run_cli, gold):
    run_cli(SIGN)
    place = Path("signatures/c.signatures")
    place.write_bytes(place.read_bytes()[:-7])
    again = "make it again: corpus signatures … --force"
    told = f"signatures/c.signatures: is cut or damaged; {again}\n"
    ran = run_cli([*SPLIT, *SIGNED])
    assert (ran.code, ran.out, ran.err) == (1, "", f"corpus: error: {told}")
    assert not Path("splits/splits.jsonl").exists()
    ran = run_cli(["check", "signatures"])
    assert ran.code == 1
    assert told in ran.out
    ran = run_cli(SIGN)
    assert ran.code == 2
    assert "exists, changed after 'signatures' made it" in ran.err
    assert run_cli([*SIGN, "--force"]).code == 0
    assert run_cli([*SPLIT, *SIGNED]).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gold/a.jsonl", "-o", "a.jsonl"], 2,
         "a.jsonl: is no name for signatures; end it with .signatures"),
        (["-", "-o", "a.signatures"], 2,
         "-: signatures are of a file; save the documents as one first"),
        (["gold/none.jsonl", "-o", "a.signatures"], 2,
         "gold/none.jsonl: no such file; check the path; a glob must match something"),
        (["bad.jsonl", "-o", "a.signatures"], 1,
         "bad.jsonl:2:1: JSON is malformed: invalid character; mend that line"),
        (["false.jsonl", "-o", "a.signatures"], 1,
         "false.jsonl:1: document 'd1': sha256 is not that of the text: the text was changed "
         "after convert; run corpus check on that file"),
    ],
)  # fmt: skip
def test_what_cannot_be_signed_is_one_line(run_cli, gold, arguments, code, message):
    line = encode_line(article(1))
    Path("bad.jsonl").write_bytes(line + b"?\n")
    Path("false.jsonl").write_bytes(line.replace(b"Kyiv", b"Kiev"))
    ran = run_cli(["signatures", *arguments])
    assert (ran.code, ran.out, ran.err) == (code, "", f"corpus: error: {message}\n")
    assert not Path("a.signatures").exists()
