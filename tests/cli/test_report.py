"""corpus report, as a person types it."""

import json

import pytest

from corpus.manifest import manifest_path, read_manifest
from corpus.store import write_documents
from tests.report.annotated import plain, voted


@pytest.fixture
def gold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_documents([voted(), *map(plain, range(9))], tmp_path / "gold.jsonl")
    return tmp_path / "gold.jsonl"


def test_report_is_one_file_and_up_to_date_the_second_time(run_cli, gold, tmp_path):
    ran = run_cli(["report", "gold.jsonl", "-o", "report.html"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "report.html: 10 documents, 18 mentions\n"
    page = (tmp_path / "report.html").read_bytes()
    assert b"<title>gold.jsonl</title>" in page
    assert page.count(b"<script") == 4
    again = run_cli(["report", "gold.jsonl", "-o", "report.html"])
    assert again.out == "report.html is up to date\n"
    assert run_cli(["report", "gold.jsonl", "-o", "report.html", "--force"]).code == 0
    assert (tmp_path / "report.html").read_bytes() == page
    assert run_cli(["check", "."]).code == 0


def test_a_limit_is_said_in_the_page_and_in_the_terminal(run_cli, gold, tmp_path):
    ran = run_cli(["report", "gold.jsonl", "-o", "r.html", "--limit", "4"])
    assert ran.out == "r.html: 10 documents, 18 mentions\n  documents not listed: 6\n"
    assert b'"all":10' in (tmp_path / "r.html").read_bytes()


def test_folders_of_split_and_pull_and_docbins_are_read(run_cli, gold, tmp_path):
    run_cli(["split", "gold.jsonl", "-o", "splits", "--ratios", "60,20,20"])
    assert run_cli(["report", "splits", "-o", "s.html"]).code == 0
    page = (tmp_path / "s.html").read_text()
    assert '"splits":["train","dev","test"]' in page
    assert "test, against train" in page
    ran = run_cli(["report", "splits/train.spacy", "-o", "t.html"])
    assert (ran.code, ran.err) == (0, "")
    (tmp_path / "pulled").mkdir()
    write_documents([voted()], tmp_path / "pulled" / "documents.jsonl")
    assert run_cli(["report", "pulled", "-o", "p.html"]).out == "p.html: 1 document, 9 mentions\n"


def test_standard_input_and_output(run_cli, gold):
    ran = run_cli(["report", "-", "-o", "-"], stdin=gold.read_bytes())
    assert ran.code == 0
    assert ran.out.startswith("<!doctype html>")
    assert ran.err == "-: 10 documents, 18 mentions\n"


def test_knowledge_base_names_entities(run_cli, gold, make_kb, tmp_path):
    kb = make_kb({"id": "Q184", "label": "Belarus", "description": "a country", "aliases": ["B"]})
    assert run_cli(["report", "gold.jsonl", "-o", "r.html", "--kb", kb]).code == 0
    assert (
        '["Q184","Belarus","a country","https://www.wikidata.org/wiki/Q184"]'
        in (tmp_path / "r.html").read_text()
    )
    assert "kb" in read_manifest(manifest_path("r.html")).versions


def test_what_cannot_be_reported_is_said(run_cli, gold, tmp_path):
    (tmp_path / "empty").mkdir()
    ran = run_cli(["report", "empty", "-o", "r.html"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: empty: holds neither splits.jsonl nor documents.jsonl; give a file of "
        "documents, or a folder that `corpus split` or `corpus pull` made\n",
    )
    ran = run_cli(["report", "none.jsonl", "-o", "r.html"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: none.jsonl: no such file; check the path; a glob must match something\n",
    )
    (tmp_path / "a.json").write_text("not JSON")
    ran = run_cli(["report", "gold.jsonl", "-o", "r.html", "--agreement", "a.json"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: a.json: not JSON (Expecting value: line 1 column 1 (char 0)); give what "
        "`corpus agreement --json` printed\n",
    )


def test_measured_agreement_and_the_stage_before_are_on_the_page(run_cli, gold, tmp_path):
    measured = run_cli(["agreement", "gold.jsonl", "--bootstrap", "0", "--json"]).out
    (tmp_path / "agreement.json").write_text(measured)
    run_cli(["split", "gold.jsonl", "-o", "folds", "--folds", "3"])
    ran = run_cli(["report", "folds", "-o", "r.html", "--agreement", "agreement.json"])
    assert (ran.code, ran.err) == (0, "")
    page = (tmp_path / "r.html").read_text()
    assert "<h3>Agreement</h3>" in page
    assert "fold-3, against fold-1" in page
    assert "What corpus split counted" in page
    (tmp_path / "agreement.json").write_text("{}")
    ran = run_cli(["report", "folds", "-o", "s.html", "--agreement", "agreement.json"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: agreement.json: holds no measured agreement; give what `corpus agreement "
        "--json` printed\n",
    )


def test_result_as_json(run_cli, gold):
    ran = run_cli(["report", "gold.jsonl", "-o", "r.html", "--json"])
    assert json.loads(ran.out)["documents"]["written"] == 10


def test_audit_is_a_queue_and_findings_of_other_documents_are_counted(run_cli, gold, tmp_path):
    run_cli(["check", "gold.jsonl", "--audit", "--no-debug-data", "-o", "doubts.jsonl"])
    report = ["report", "gold.jsonl", "-o", "r.html", "--audit", "doubts.jsonl"]
    ran = run_cli(report)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "r.html: 10 documents, 18 mentions\n"
    page = (tmp_path / "r.html").read_text()
    rows = json.loads(page.partition('id="audit">')[2].partition("</script>")[0])["rows"]
    doubts = [json.loads(line) for line in (tmp_path / "doubts.jsonl").read_text().splitlines()]
    assert [(r["w"], r["r"], r["i"]) for r in rows] == [
        (d["surface"], d["reason"], d["document"]) for d in doubts
    ]
    assert len(rows) > 3 and all(row["d"] >= 0 and row["o"] == [] for row in rows)
    assert run_cli(report).out == "r.html is up to date\n"
    write_documents([plain(1)], tmp_path / "one.jsonl")
    ran = run_cli(["report", "one.jsonl", "-o", "o.html", "--audit", "doubts.jsonl"])
    others = sum(doubt["document"] != "d1" for doubt in doubts)
    assert ran.out == f"o.html: 1 document, 1 mention\n  findings of other documents: {others}\n"


def test_audit_of_something_else_is_refused(run_cli, gold):
    ran = run_cli(["report", "gold.jsonl", "-o", "r.html", "--audit", "gold.jsonl"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: gold.jsonl:1: is 'document/1', this corpus reads 'doubt/1'; give a file of "
        "that type\n",
    )
    ran = run_cli(["report", "gold.jsonl", "-o", "r.html", "--audit", "none.jsonl"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: none.jsonl: no such file or directory; give a file that can be read\n",
    )
