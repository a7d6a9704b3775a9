import json
import secrets

import pytest

from corpus.model import Layer, Mention, make_document, with_ids
from corpus.store import write_documents


@pytest.fixture
def silver(tmp_path):
    layer = Layer("silver", mentions=with_ids([Mention("", 3, 7, "GPE")]))
    documents = [make_document(f"d{n}", "In Kyiv", layers=(layer,)) for n in range(4)]
    write_documents(documents, tmp_path / "silver.jsonl")
    return tmp_path / "silver.jsonl"


@pytest.mark.server
def test_push_to_annotators_says_who_got_how_many(doccano, run_cli, silver, tmp_path):
    mark = secrets.token_hex(3)
    ann, bob, name = f"ann{mark}", f"bob{mark}", f"cli-{mark}"
    passwords = tmp_path / "passwords"
    args = ["push", silver, "-p", name, "--annotators", f"{ann},{bob}", "--overlap", "0.5"]
    missing = run_cli(args)
    assert (missing.code, missing.err) == (
        2,
        f"corpus: error: {doccano.url} has no user {ann}, {bob}; create them with --create-users "
        "FILE, which gets their passwords\n",
    )
    dry = run_cli([*args, "--dry-run", "--json"])
    planned = json.loads(dry.out)
    assert [share["pushed"] for share in planned["shares"]] == [None, None]
    ran = run_cli([*args, "--create-users", passwords])
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    shared = planned["documents"]["overlap"]
    assert lines[0] == f"{name}: 4 documents given, {shared} for several annotators"
    for line, share, annotator in zip(lines[1:], planned["shares"], (ann, bob), strict=False):
        number = share["documents"]
        assert line == (
            f"  {name}.{annotator}.1: {number} documents ({share['overlap']} shared, 0 blind), "
            f"{number} sent; {annotator}: annotator; the project was created"
        )
    assert lines[3:] == [
        f"  users created: {ann}, {bob}; passwords: {passwords}",
        f"  record, with each that is not stored as sent: {silver}.push-{name}.jsonl",
    ]
    for line in passwords.read_text().splitlines():
        assert line.partition("\t")[2] not in ran.out
    checked = run_cli(["check", tmp_path])
    assert (checked.code, checked.err) == (0, ""), checked.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--overlap", "0.2"], "--overlap needs --annotators; name them like ann,bob"),
        (["--passes", "2"], "--passes needs --annotators; name them like ann,bob"),
        (
            ["--annotators", "ann,../x"],
            "annotator '../x': Doccano's names have 1 to 150 letters, digits and @ . + - _; give "
            "names like ann,bob",
        ),
        (
            ["--annotators", "ann", "--overlap", "2"],
            "--overlap 2: is no share; give a number from 0 to 1",
        ),
        (
            ["--annotators", "ann", "--project-id", "3"],
            "--project-id is for one project; leave it out with --annotators",
        ),
    ],
)
def test_push_to_annotators_usage_errors(run_cli, silver, args, message):
    ran = run_cli(["push", silver, "-p", "x", *args])
    assert (ran.code, ran.err) == (2, f"corpus: error: {message}\n")
