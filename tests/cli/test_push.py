import json
import os

import pytest

from corpus.model import Layer, Mention, make_document, with_ids
from corpus.store import encode_line, write_documents

pytestmark = pytest.mark.server


@pytest.fixture
def name():
    return f"cli push {os.urandom(4).hex()}"


@pytest.fixture
def silver(tmp_path):
    path = tmp_path / "silver.jsonl"
    layer = Layer("silver", mentions=with_ids([Mention("", 3, 7, "GPE")]))
    write_documents([make_document(id, "In Kyiv", layers=(layer,)) for id in ("a", "b")], path)
    return path


def test_push_says_what_it_did_and_records_it(doccano, run_cli, silver, name, tmp_path):
    ran = run_cli(["push", silver, "--project", name])
    assert (ran.code, ran.err) == (0, "")
    [report] = tmp_path.glob("silver.jsonl.push-*.jsonl")
    *findings, summary = [json.loads(line) for line in report.read_text().splitlines()]
    assert findings == []
    assert summary["documents"] == {"given": 2, "refused": 0, "stored": 2}
    assert ran.out == (
        f"{name} ({doccano.url}/projects/{summary['project_id']}): 2 documents given, 2 sent, "
        "2 stored as sent with 2 spans\n"
        "  label types made: GPE\n"
        "  the project was created\n"
        f"  record, with each that is not stored as sent: {report}\n"
    )
    again = run_cli(["push", silver, "--project", name, "--json"])
    result = json.loads(again.out)
    assert (again.code, result["sent"], result["spans"]["stored"]) == (0, 0, 2)
    assert doccano.password not in ran.out + report.read_text()


def test_push_exits_1_on_any_difference_and_on_rejects_unless_allowed(
    doccano, run_cli, silver, name, tmp_path
):
    with silver.open("ab") as sink:
        sink.write(encode_line(make_document("c", "")))
    ran = run_cli(["push", silver, "--project", name])
    assert ran.code == 1
    assert "  documents: 1 refused\n" in ran.out
    assert ran.err == "corpus: error: not everything is on the server as it was sent\n"
    assert run_cli(["push", silver, "--project", name, "--allow-rejects"]).code == 0
    layer = Layer("silver", mentions=with_ids([Mention("", 0, 2, "GPE")]))
    write_documents([make_document("a", "In Kyiv", layers=(layer,))], silver)
    assert run_cli(["push", silver, "--project", name, "--allow-rejects"]).code == 1


def test_push_reads_standard_input(doccano, run_cli, silver, name, tmp_path):
    report = tmp_path / "report.jsonl"
    ran = run_cli(["push", "-", "--project", name, "--report", report], stdin=silver.read_bytes())
    assert (ran.code, len(report.read_text().splitlines())) == (0, 1)


def test_push_dry_run_leaves_no_record(doccano, run_cli, silver, name, tmp_path):
    ran = run_cli(["push", silver, "--project", name, "--dry-run"])
    assert ran.code == 0
    assert ran.out == (
        f"{name} (not there yet): 2 documents given, 0 sent, 0 stored as sent with 0 spans\n"
        "  documents: 2 missing\n"
        "  spans: 2 missing\n"
        "  label types to make: GPE\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["silver.jsonl"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--task", "rhymes"], "--task rhymes: no such task; the tasks are: spans, links"),
        (["--guidelines", "no.md"], "no.md: No such file or directory; give a text file in UTF-8"),
    ],
)
def test_push_usage_errors(run_cli, silver, args, message):
    ran = run_cli(["push", silver, "--project", "x", *args])
    assert (ran.code, ran.err) == (2, f"corpus: error: {message}\n")


def test_push_wrong_password(doccano, run_cli, silver, monkeypatch):
    monkeypatch.setenv("DOCCANO_PASSWORD", "not-to-be-seen")
    ran = run_cli(["push", silver, "--project", "x"])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"corpus: error: {doccano.url}: Doccano refuses the name or the password of "
        f"{doccano.username!r}; check DOCCANO_USERNAME and DOCCANO_PASSWORD\n"
    )


def test_push_wrong_address(doccano, run_cli, silver, monkeypatch, free_port):
    monkeypatch.setenv("DOCCANO_URL", f"http://127.0.0.1:{free_port}")
    ran = run_cli(["push", silver, "--project", "x"])
    assert ran.code == 1
    assert ran.err == (
        f"corpus: error: http://127.0.0.1:{free_port} cannot be reached (ConnectionError); "
        "check DOCCANO_URL, and that the server runs\n"
    )


def test_push_without_worker_ends_within_its_limit(doccano_without_worker, run_cli, silver, name):
    ran = run_cli(["push", silver, "--project", name, "--time-limit", "1"])
    assert ran.code == 1
    assert ran.err.endswith(
        "did not end within 1 s; see that Doccano's worker (`doccano task`) runs and its disk "
        "has room, then run this again\n"
    )


def test_add_label_says_what_each_project_got(doccano, run_cli, silver, name):
    run_cli(["push", silver, "--project", name])
    ran = run_cli(["doccano", "add-label", "LAW", "--project", name])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("): LAW added\n") and ran.out.startswith(f"{name} (")
    again = run_cli(["doccano", "add-label", "LAW", "--project", name])
    assert again.out.endswith("): had them all\n")


def test_push_update_keeps_what_was_there_beside_the_input(
    doccano, run_cli, silver, name, tmp_path
):
    run_cli(["push", silver, "--project", name])
    layer = Layer("silver", mentions=with_ids([Mention("", 0, 2, "GPE")]))
    write_documents([make_document(id, "In Kyiv", layers=(layer,)) for id in ("a", "b")], silver)
    ran = run_cli(["push", silver, "--project", name])
    assert ran.code == 1
    assert "  of the different ones nobody has touched 2: --update replaces them\n" in ran.out
    ran = run_cli(["push", silver, "--project", name, "--update"])
    [kept] = tmp_path.glob("silver.jsonl.push-*/snapshots")
    assert (ran.code, len(list(kept.iterdir()))) == (0, 2)
    assert f"  documents replaced: 2; what the server had is in {kept}\n" in ran.out
